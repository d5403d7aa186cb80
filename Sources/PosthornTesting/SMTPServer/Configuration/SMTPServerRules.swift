/// What the test server refuses, or answers otherwise than usual.
///
/// A closure that returns `nil` leaves the usual reply. Closures are called on the server's event loop: keep them short.
public struct SMTPServerRules: Sendable {
    /// Called for every connection; a reply that is not positive ends it. A positive one replaces the greeting.
    public var onConnection: (@Sendable () -> SMTPServerReply?)?
    /// Called for MAIL with the reverse path without brackets, `nil` for the null reverse path.
    public var onSender: (@Sendable (_ sender: String?) -> SMTPServerReply?)?
    /// Called for RCPT with the address without brackets.
    public var onRecipient: (@Sendable (_ recipient: String) -> SMTPServerReply?)?
    /// Called for DATA, before any octet of the message was sent. Not called for BDAT.
    public var onData: (@Sendable () -> SMTPServerReply?)?
    /// Called when a message is complete. A positive reply replaces the usual one, any other refuses the message. In
    /// LMTP it is called for every accepted recipient (RFC 2033), and `recipient` says for which.
    public var onMessage: (@Sendable (_ message: ReceivedMessage, _ recipient: String?) -> SMTPServerReply?)?

    /// Rules that leave everything as usual.
    public init() {}

    /// Refuses a recipient; the rules before it hold for all others.
    public mutating func refuseRecipient(
        _ recipient: String,
        with reply: SMTPServerReply = "550 5.1.1 No such mailbox here"
    ) {
        let before = onRecipient
        onRecipient = { $0 == recipient ? reply : before?($0) }
    }

    /// Refuses a sender; the rules before it hold for all others.
    public mutating func refuseSender(_ sender: String, with reply: SMTPServerReply = "550 5.7.1 Sender refused") {
        let before = onSender
        onSender = { $0 == sender ? reply : before?($0) }
    }

    /// Refuses every message after its last octet.
    public mutating func refuseMessages(with reply: SMTPServerReply = "554 5.7.1 Message refused") {
        onMessage = { _, _ in reply }
    }
}
