import Posthorn

/// A message could not be sent, or perhaps was: of such errors it is told what is known of the message.
struct FailedSend: Error {
    let error: any Error

    init(_ error: any Error) {
        self.error = error
    }

    /// The error of a message that the options of `posthorn send` built.
    static func built(_ error: any Error) -> FailedSend {
        guard var error = error as? MailError, error.code == .invalidMessage,
            error.message.hasSuffix("give the message a From")
        else { return FailedSend(error) }
        error.message += ", or use --from"
        return FailedSend(error)
    }
}
