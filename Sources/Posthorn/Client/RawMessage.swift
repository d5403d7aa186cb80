/// A message that is ready: header, empty line, body (RFC 5322).
///
/// Its octets are sent as they are. Only what every message needs is added where it is missing (Message-ID, Date and,
/// from the settings, From), and Bcc is taken out.
public struct RawMessage: MailMessage {
    /// The message.
    public var content: MessageContent

    /// Who gets it, whatever its header says; `nil`: To, Cc and Bcc do, and Sender or From gets the bounces.
    public var envelope: Envelope?

    /// A message from any source.
    public init(_ content: MessageContent, envelope: Envelope? = nil) {
        self.content = content
        self.envelope = envelope
    }

    /// A message in a file, which must stay unchanged from when it is first read until it has been sent.
    public init(file path: String, envelope: Envelope? = nil) {
        self.init(.file(path), envelope: envelope)
    }

    /// A message in memory.
    public init(bytes: [UInt8], envelope: Envelope? = nil) {
        self.init(.bytes(bytes), envelope: envelope)
    }

    /// Reads the header and makes envelope and content of it. `Resent-` fields count for nothing.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if there is no recipient, no sender, no header at all,
    ///   or a broken line within the header; the text names the line.
    public func prepare(_ context: MessageContext) async throws -> PreparedMessage {
        let block = try await readHeader()
        // What is added replaces a field that is there and empty.
        var edit = Self.withoutBcc
        var from = try block.addresses(.from)
        if from.firstAddress == nil {
            guard let sender = context.defaultSender else {
                throw MailError(
                    .invalidMessage,
                    "the message has no sender; set 'sender' in the settings file or give the message a From field"
                )
            }
            edit.replace(HeaderField(.from, .mailbox(sender)))
            from = AddressList([sender])
        }

        let messageID: String
        if let id = block.first(.messageID)?.unfolded, MessageID.isUsable(id) {
            messageID = MessageID.bracketed(id)
        } else {
            messageID = MessageID.make(domain: from.firstAddress?.domain ?? "")
            edit.replace(HeaderField(.messageID, .messageIDs([messageID])))
        }
        if block.isBlank(.date) { edit.replace(HeaderField(.date, .date(secondsSinceEpoch: DateField.now()))) }

        let envelope = try envelope ?? derivedEnvelope(block, from: from)
        guard !envelope.recipients.isEmpty else {
            throw MailError(
                .invalidMessage,
                "the message has no recipient; give it a To, Cc or Bcc field, or give the envelope"
            )
        }
        let unread = UnreadHeader(block, replaced: edit.replaced, removed: .bcc)
        let isInMemory = if case .bytes = content.inMemory { true } else { false }
        return PreparedMessage(
            envelope: envelope,
            content: content.editingHeader(edit, of: block),
            messageID: messageID,
            // Octets that were read from a file are let go; those in memory stay there anyway.
            header: isInMemory ? HeaderFields(unread) : HeaderFields(unread.fields)
        )
    }

    /// Reads the header, and looks whether there is one and whether it is whole.
    private func readHeader() async throws -> HeaderBlock {
        if case .bytes(let source) = content.inMemory {
            let block = try HeaderBlock.find(in: source.bytes)
            // Nearly every message ends here. Another one is read once more, to see what follows.
            if block.hasSeparator, !block.places.isEmpty { return block }
        }
        var reader = try await content.makeReader(for: .unrestricted)
        var octets: [UInt8] = []
        let block = try await HeaderBlock.read(&reader, into: &octets)
        guard !block.places.isEmpty else {
            throw MailError(
                .invalidMessage,
                "this is not a ready mail message: it does not begin with header fields such as 'Subject: …'; "
                    + "give a file in the format of RFC 5322 (.eml), or build a message and attach the file"
            )
        }
        try await BrokenHeader.check(block, &reader, octets)
        return block
    }

    private static let withoutBcc: HeaderEdit = {
        var edit = HeaderEdit()
        edit.remove(.bcc)
        return edit
    }()

    private static let recipientNames: [HeaderName] = [.to, .cc, .bcc]

    private func derivedEnvelope(_ block: HeaderBlock, from: AddressList) throws -> Envelope {
        var recipients: [EmailAddress] = []
        for name in Self.recipientNames { recipients += try block.addresses(name).addresses }
        let sender = try block.addresses(.sender).firstAddress ?? from.firstAddress
        return Envelope(sender: sender, recipients: recipients)
    }
}
