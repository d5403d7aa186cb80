import Posthorn

/// What a server says of a message's header (RFC 9051 section 7.5.2), enough for a list of messages.
///
/// Texts are what the server sent: encoded words are not decoded (``subjectText`` does), and octets that are not UTF-8
/// count as ISO 8859-1.
public struct IMAPEnvelope: Hashable, Sendable {
    /// The Date field, as it stands in the message.
    public var date: String?
    /// The Subject field; encoded words are not decoded.
    public var subject: String?
    /// The From field.
    public var from: [IMAPAddress] = []
    /// The Sender field; servers repeat ``from`` if there is none.
    public var sender: [IMAPAddress] = []
    /// The Reply-To field; servers repeat ``from`` if there is none.
    public var replyTo: [IMAPAddress] = []
    /// The To field.
    public var to: [IMAPAddress] = []
    /// The Cc field.
    public var cc: [IMAPAddress] = []
    /// The Bcc field.
    public var bcc: [IMAPAddress] = []
    /// The In-Reply-To field.
    public var inReplyTo: String?
    /// The Message-ID field, with its angle brackets.
    public var messageID: String?

    /// An empty envelope.
    public init() {}

    /// The subject with its encoded words decoded.
    public var subjectText: String? { subject.map { EncodedWordDecoder.decode($0) } }
}
