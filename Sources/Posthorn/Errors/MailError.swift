/// What went wrong while sending or fetching mail.
///
/// ``description`` is one sentence for a person: what was expected, what came, and what to do. It never
/// holds a secret or the text of a message. ``certainty`` tells whether the message may have been taken.
public struct MailError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of failure, for programs.
    public var code: Code

    /// One sentence for a person.
    public var message: String

    /// What is known about the message that was being sent. For failures that concern no message,
    /// such as a failed sign-in, this is ``DeliveryCertainty/notTaken``.
    public var certainty: DeliveryCertainty

    /// The name of the transport or store in the settings file, such as `smtp`, if known.
    public var account: String?

    /// The server's reply that led to the error, if there was one.
    public var reply: ServerReply?

    /// What is known of each recipient, if the failure differs between them; otherwise empty.
    public var recipients: [RecipientResult]

    /// The transports that were tried and certainly did not take the message, if there were several; otherwise empty.
    public var failedAttempts: [SendReceipt.FailedAttempt] = []

    /// The error that caused this one.
    public var cause: (any Error)?

    /// Where in the source the error was made.
    public var location: SourceLocation

    /// Creates an error.
    public init(
        _ code: Code,
        _ message: String,
        certainty: DeliveryCertainty = .notTaken,
        account: String? = nil,
        reply: ServerReply? = nil,
        recipients: [RecipientResult] = [],
        cause: (any Error)? = nil,
        fileID: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.certainty = certainty
        self.account = account
        self.reply = reply
        self.recipients = recipients
        self.cause = cause
        location = SourceLocation(fileID: fileID, line: line)
    }

    /// Whether the same attempt, later, is safe and may succeed: nobody has the message, and the cause is
    /// one that passes (a network failure, a limit of time, a reply 4yz).
    public var isRetryable: Bool {
        guard certainty == .notTaken else { return false }
        // POP3 and IMAP have no codes that tell: there the kind of the failure does.
        if let reply, reply.code != nil || reply.enhancedStatus != nil { return reply.isTransient }
        return code.isPassing
    }

    /// The sentence, with the account in front: `smtp: the server … `.
    public var description: String {
        account.map { "\($0): \(message)" } ?? message
    }

    /// The sentence with code and certainty, for logs of developers.
    public var debugDescription: String {
        "MailError.\(code) (\(certainty)): \(description)"
    }

    /// Everything that is known, several lines: sentence, code, certainty, reply, recipients, causes, place.
    /// Of causes that are not errors of Posthorn, the type alone is shown.
    public func detailedDescription() -> String {
        var lines = [description, "  code: \(code)", "  certainty: \(certainty)", "  retryable: \(isRetryable)"]
        if let reply { lines.append("  reply: \(reply)") }
        for recipient in recipients { lines.append("  recipient: \(recipient)") }
        for attempt in failedAttempts { lines.append("  tried: \(attempt.transport): \(attempt.error.message)") }
        lines.append("  at: \(location)")
        var next = cause
        var depth = 0
        while let current = next, depth < 8 {
            lines.append("  caused by: \(Self.shown(cause: current))")
            next = (current as? MailError)?.cause
            depth += 1
        }
        return lines.joined(separator: "\n")
    }

    /// Errors of Posthorn keep secrets out of their texts; of others, nothing but the type is known to be harmless.
    private static func shown(cause: any Error) -> String {
        switch cause {
        case let error as MailError: error.description
        case let error as SettingsError: error.description
        default: typeName(of: cause)
        }
    }

    /// The name of an error's type, fit to be shown.
    package static func typeName(of error: any Error) -> String {
        PeerText.shown(String(describing: type(of: error)), limit: 120)
    }
}
