import Posthorn
import PosthornNet

/// Where and why a response cannot be understood. Cheap to make; becomes a ``MailError`` at the parser's edge.
struct IMAPSyntaxProblem: Error {
    /// What was expected or exceeded, to be read behind "the server sent".
    var reason: String
    /// The position within the response.
    var position: Int
    /// Whether a limit was exceeded; such a response is not passed over.
    var isLimit = false

    /// The error for people, with the piece of the response where the problem is.
    func error(in response: UnsafeRawBufferPointer, mask: SecretMask) -> MailError {
        let start = max(0, min(position, response.count) - 40)
        let end = min(response.count, max(start, position) + 40)
        let shown = PeerText.shown(mask.masked(response[start..<end]), limit: 80)
        return IMAPSyntaxProblem.error("\(reason), near '\(shown)'")
    }

    /// An error that says what came.
    static func error(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "expected an IMAP response, but the server sent \(what); check that host and port are those of an IMAP "
                + "server, and report it to the server's administrator"
        )
    }
}
