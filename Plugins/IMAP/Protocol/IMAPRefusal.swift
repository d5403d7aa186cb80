import Posthorn

extension MailError {
    /// The error of a NO, a BAD or a BYE, by its response code (RFC 9051 section 7.1, RFC 5530).
    ///
    /// - Parameters:
    ///   - server: host and port.
    ///   - subject: what was refused, such as `the sign-in`.
    ///   - fallback: the kind of failure if the server gives no code that tells.
    static func imapRefusal(
        _ status: IMAPStatus,
        by server: String,
        of subject: String,
        fallback: MailError.Code = .refused,
        advice: String? = nil
    ) -> MailError {
        let (code, hint) = meaning(of: status, fallback, advice)
        let reply = ServerReply(text: status.text)
        let word = status.code.map { " [\($0.name)]" } ?? ""
        let text = reply.text.isEmpty ? "without a word of explanation" : "'\(reply.text)'"
        return MailError(code, "\(server) refused \(subject)\(word): \(text); \(hint)", reply: reply)
    }

    private static func meaning(
        of status: IMAPStatus,
        _ fallback: MailError.Code,
        _ advice: String?
    ) -> (MailError.Code, String) {
        switch status.code?.name {
        case "AUTHENTICATIONFAILED": (.authenticationFailed, advice ?? "check `username` and `password`")
        case "AUTHORIZATIONFAILED":
            (.authenticationFailed, "this user may not use the mailbox; ask the server's operator")
        case "EXPIRED": (.authenticationFailed, "the password has expired; set a new one")
        case "PRIVACYREQUIRED": (.encryptionUnavailable, "the server wants encryption; set `security`")
        case "UNAVAILABLE": (.unavailable, "something behind the server does not answer; try again later")
        case "INUSE": (.unavailable, "another program has it open; close it, or try again later")
        case "LIMIT": (.unavailable, "a limit of the server is reached; try again later, or ask for less")
        case "CONTACTADMIN": (.refused, "the server's operator has to look at it")
        case "NOPERM": (.refused, "this user has not the right to do that; ask the server's operator")
        case "NONEXISTENT", "TRYCREATE": (.notFound, "list the folders to see which there are")
        case "OVERQUOTA": (.storage, "the mailbox is full; delete messages, or ask the server's operator for more room")
        case "TOOBIG": (.tooLarge, "the server takes no message of this size")
        case "CANNOT": (.unsupported, "the server cannot do that")
        case "SERVERBUG": (.protocolViolation, "the server says that it has a fault; tell its operator")
        case "CLIENTBUG": (.protocolViolation, "the server takes it for a fault of this program; please report it")
        default:
            switch status.kind {
            case .bad: (.protocolViolation, advice ?? "the server did not understand; please report it")
            default: (fallback, advice ?? (fallback == .unavailable ? "try again later" : "ask the server's operator"))
            }
        }
    }

    /// Something that IMAP does not allow.
    static func imapViolation(_ server: String, _ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "\(server) sent \(what), which IMAP does not allow there; check that host and port are those of an IMAP server "
                + "(993 with `security: tls`, 143 with `security: starttls`)"
        )
    }
}
