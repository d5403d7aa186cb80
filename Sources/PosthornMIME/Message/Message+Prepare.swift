public import Posthorn

extension Message: MailMessage {
    /// Makes envelope and content: with a new Message-ID and the present time where the message says nothing else.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if there is no recipient or no sender, or if a line break or
    ///   NUL is where it could become a header field of its own; the text names the field.
    public func prepare(_ context: MessageContext) async throws -> PreparedMessage {
        guard let from = from ?? context.defaultSender else {
            throw MailError(
                .invalidMessage,
                "the message has no sender; set 'sender' in the settings file or give the message a From"
            )
        }
        let bounces = sender ?? from
        let recipients = to.addresses + cc.addresses + bcc.addresses
        let envelope = envelope ?? Envelope(sender: bounces.address, recipients: recipients)
        guard !envelope.recipients.isEmpty else {
            throw MailError(.invalidMessage, "the message has no recipient; give it a To, Cc or Bcc")
        }
        let messageID = bracketed(messageID) ?? MessageID.make(domain: from.address.domain)
        let header = try makeHeader(from: from, messageID: messageID)
        // Every mistake is found now, before anything is contacted, and not while the message is on its way.
        let written = try WrittenHeader(header)
        let root = try makeStructure()
        try root.validate()
        return PreparedMessage(
            envelope: envelope,
            content: MessageContent(BuiltMessage(header: written, root: root)),
            messageID: messageID,
            header: header
        )
    }

    private func bracketed(_ id: String?) -> String? {
        guard let id, !id.isEmpty else { return nil }
        return id.hasPrefix("<") ? id : "<\(id)>"
    }
}
