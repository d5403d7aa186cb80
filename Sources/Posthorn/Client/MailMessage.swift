/// A message that a client object can send.
///
/// `Message` of PosthornMIME builds one; ``RawMessage`` takes one that is ready. Host programs may bring their own.
public protocol MailMessage: Sendable {
    /// Makes envelope and content. Called once per message; all tries use the result.
    ///
    /// - Parameter context: what the settings say.
    /// - Throws: ``MailError`` with code `invalid-message`, `invalid-address` or `content-unavailable`.
    func prepare(_ context: MessageContext) async throws -> PreparedMessage
}

/// What the settings contribute to a message.
public struct MessageContext: Sendable {
    /// Who sends, if the message does not say it.
    public var defaultSender: Mailbox?
    /// The name of this client (workstation).
    public var clientName: String

    /// Creates a context.
    public init(defaultSender: Mailbox? = nil, clientName: String = "") {
        self.defaultSender = defaultSender
        self.clientName = clientName
    }
}

/// A message that is ready for its way.
public struct PreparedMessage: Sendable {
    /// Who gets it, and who gets its bounces.
    public var envelope: Envelope
    /// Header and body.
    public var content: MessageContent
    /// The Message-ID with angle brackets.
    public var messageID: String
    /// The header as values: From, To, Cc, Reply-To, Subject … For policies such as a redirection.
    /// The octets come from ``content``; change them with ``MessageContent/editingHeader(_:)``.
    public var header: HeaderFields

    /// Creates a prepared message.
    public init(envelope: Envelope, content: MessageContent, messageID: String, header: HeaderFields) {
        self.envelope = envelope
        self.content = content
        self.messageID = messageID
        self.header = header
    }
}
