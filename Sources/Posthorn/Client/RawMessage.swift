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
        var reader = try await content.makeReader(for: .unrestricted)
        var octets: [UInt8] = []
        let block = try await HeaderBlock.read(&reader, into: &octets)
        guard !block.fields.isEmpty else {
            throw MailError(
                .invalidMessage,
                "this is not a ready mail message: it does not begin with header fields such as 'Subject: …'; "
                    + "give a file in the format of RFC 5322 (.eml), or build a message and attach the file"
            )
        }
        try await BrokenHeader.check(block, &reader, octets)
        var edit = HeaderEdit()
        var header = block.headerFields
        func add(_ field: HeaderField) {
            // Replaces one that is there and empty.
            edit.replace(field)
            header.replace(field)
        }

        var from = try block.addresses(.from)
        if from.mailboxes.isEmpty {
            guard let sender = context.defaultSender else {
                throw MailError(
                    .invalidMessage,
                    "the message has no sender; set 'sender' in the settings file or give the message a From field"
                )
            }
            add(HeaderField(.from, .mailbox(sender)))
            from = AddressList([sender])
        }

        let messageID: String
        if let id = block[fields: .messageID].first?.unfolded, MessageID.isUsable(id) {
            messageID = MessageID.bracketed(id)
        } else {
            messageID = MessageID.make(domain: from.addresses.first?.domain ?? "")
            add(HeaderField(.messageID, .messageIDs([messageID])))
        }
        if block[.date]?.isEmpty ?? true { add(HeaderField(.date, .date(secondsSinceEpoch: DateField.now()))) }

        let envelope = try envelope ?? derivedEnvelope(block, from: from)
        guard !envelope.recipients.isEmpty else {
            throw MailError(
                .invalidMessage,
                "the message has no recipient; give it a To, Cc or Bcc field, or give the envelope"
            )
        }
        edit.remove(.bcc)
        header.remove(.bcc)
        return PreparedMessage(
            envelope: envelope,
            content: content.editingHeader(edit),
            messageID: messageID,
            header: header
        )
    }

    private func derivedEnvelope(_ block: HeaderBlock, from: AddressList) throws -> Envelope {
        var recipients: [EmailAddress] = []
        for name in [HeaderName.to, .cc, .bcc] { recipients += try block.addresses(name).addresses }
        let sender = try block.addresses(.sender).addresses.first ?? from.addresses.first
        return Envelope(sender: sender, recipients: recipients)
    }
}
