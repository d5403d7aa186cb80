/// A message that a tester has found on the far side of a transport.
public struct DeliveredMessage: Sendable {
    /// The reverse path without angle brackets; `nil` for the null reverse path.
    public var sender: String?
    /// The recipients that the far side was told, without angle brackets. Leave it empty where the far side does not
    /// know them; they are not checked then.
    public var recipients: [String]
    /// The octets of the message; what the far side has put before it (trace headers) may stay.
    public var bytes: [UInt8]

    /// Creates a message.
    public init(sender: String?, recipients: [String], bytes: [UInt8]) {
        self.sender = sender
        self.recipients = recipients
        self.bytes = bytes
    }
}
