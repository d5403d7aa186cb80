public import Posthorn

/// What an ``InMemoryTransport`` got.
public struct SentMessage: Sendable {
    /// Who gets it, and who gets its bounces; the refused recipients included.
    public var envelope: Envelope
    /// The Message-ID of the request, with angle brackets.
    public var messageID: String
    /// The wishes and requirements of the request.
    public var options: SendOptions
    /// The octets of the message, as the content gave them.
    public var bytes: [UInt8]
    /// What the sender was told of each recipient.
    public var recipients: [RecipientResult]

    /// The octets as text; invalid UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The recipients that were accepted.
    public var acceptedRecipients: [EmailAddress] {
        recipients.filter { $0.status == .accepted }.map(\.address)
    }
}
