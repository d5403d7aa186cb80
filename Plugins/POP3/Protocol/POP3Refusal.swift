import Posthorn

extension MailError {
    /// The error of a `-ERR`, by its response code (RFC 2449 section 8, RFC 3206).
    ///
    /// - Parameters:
    ///   - server: host and port.
    ///   - subject: what was refused, such as `the sign-in`.
    ///   - fallback: the kind of failure if the server gives no code that tells.
    static func refusal(
        _ reply: POP3Reply,
        by server: String,
        of subject: String,
        fallback: MailError.Code = .refused,
        advice: String? = nil
    ) -> MailError {
        let value = reply.value
        let (code, hint): (MailError.Code, String) =
            switch reply.responseCode {
            case .inUse?:
                (
                    .unavailable,
                    "another program has this mailbox open, or an earlier session has not ended yet; close it, or try again "
                        + "in a few minutes"
                )
            case .loginDelay?:
                (.unavailable, "the server wants more time between two sign-ins; fetch less often")
            case .systemTemporary?: (.unavailable, "something on the server is wrong for now; try again later")
            case .systemPermanent?: (.refused, "something on the server must be mended; tell its operator")
            case .authentication?: (.authenticationFailed, advice ?? "check `username` and `password`")
            default:
                (fallback, advice ?? (fallback == .unavailable ? "try again later" : "ask the server's operator"))
            }
        let text = value.text.isEmpty ? "without a word of explanation" : "'\(value.text)'"
        return MailError(code, "\(server) refused \(subject): \(text); \(hint)", reply: value)
    }
}
