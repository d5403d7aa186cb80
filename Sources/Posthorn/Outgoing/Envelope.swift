/// Who gets a message and who gets its bounces: what a server is told, whatever the headers say
/// (RFC 5321 section 2.3.1).
public struct Envelope: Hashable, Sendable {
    /// Where delivery failures are reported to (MAIL FROM). `nil` is the null reverse-path `<>`, used for
    /// messages that must never bounce.
    public var sender: EmailAddress?

    /// Who gets the message (RCPT TO), each once.
    public var recipients: [EmailAddress]

    /// Creates an envelope. A recipient that appears twice is kept once.
    public init(sender: EmailAddress?, recipients: [EmailAddress]) {
        self.sender = sender
        self.recipients = []
        var seen: Set<EmailAddress> = []
        for recipient in recipients where seen.insert(recipient).inserted {
            self.recipients.append(recipient)
        }
    }
}
