/// Who gets a message and who gets its bounces: what a server is told, whatever the headers say
/// (RFC 5321 section 2.3.1).
public struct Envelope: Hashable, Sendable {
    /// Where delivery failures are reported to (MAIL FROM). `nil` is the null reverse-path `<>`, used for
    /// messages that must never bounce.
    public var sender: EmailAddress?

    /// Who gets the message (RCPT TO), each once: one that is added again is dropped.
    public var recipients: [EmailAddress] {
        didSet { recipients = Self.once(recipients) }
    }

    /// Creates an envelope. A recipient that appears twice is kept once.
    public init(sender: EmailAddress?, recipients: [EmailAddress]) {
        self.sender = sender
        self.recipients = Self.once(recipients)
    }

    private static func once(_ recipients: [EmailAddress]) -> [EmailAddress] {
        guard recipients.count > 1 else { return recipients }
        var seen: Set<EmailAddress> = []
        return recipients.filter { seen.insert($0).inserted }
    }
}
