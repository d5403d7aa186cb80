/// One message on its way to one transport.
public struct SendRequest: Sendable {
    /// Who gets it, and who gets its bounces.
    public var envelope: Envelope

    /// The message itself: header and body as a stream that can be read again.
    public var content: MessageContent

    /// The Message-ID with angle brackets, the same over all tries of this message.
    public var messageID: String

    /// Wishes and requirements, such as a delivery notification.
    public var options: SendOptions

    /// Hears how many bytes have been handed over; `nil` if nobody listens.
    public var progress: TransferProgress?

    /// Creates a request.
    public init(
        envelope: Envelope,
        content: MessageContent,
        messageID: String,
        options: SendOptions = SendOptions(),
        progress: TransferProgress? = nil
    ) {
        self.envelope = envelope
        self.content = content
        self.messageID = messageID
        self.options = options
        self.progress = progress
    }
}
