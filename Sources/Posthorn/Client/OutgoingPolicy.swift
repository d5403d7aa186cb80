/// What the settings do to a message before it leaves: Bcc removed, sender enforced, copies added, everything redirected.
struct OutgoingPolicy {
    let route: OutgoingRoute
    let redirectAll: EmailAddress?

    /// A message after the settings have had their say.
    struct Result {
        var message: PreparedMessage
        var copiedTo: [EmailAddress]
        var redirectedFrom: [EmailAddress]
    }

    /// The header field that shows whom a redirected message was meant for.
    static let originalRecipients = "X-Posthorn-Original-Recipients"

    func apply(to prepared: PreparedMessage) throws -> Result {
        var message = prepared
        // Bcc never leaves: the recipients are in the envelope.
        var edit = HeaderEdit()
        edit.remove(.bcc)
        edit.remove(.resentBcc)

        if let sender = route.sender, sender.isEnforced {
            try enforce(sender.mailbox, on: &message, edit: &edit)
        }
        let copies = route.copyTo.filter { !message.envelope.recipients.contains($0) }
        message.envelope.recipients += copies
        guard !message.envelope.recipients.isEmpty else {
            throw MailError(.invalidMessage, "the message has no recipient; give it a To, Cc or Bcc")
        }

        var redirectedFrom: [EmailAddress] = []
        if let redirectAll {
            redirectedFrom = message.envelope.recipients
            try redirect(to: redirectAll, &message, edit: &edit)
        }
        message.content = message.content.editingHeader(edit)
        return Result(message: message, copiedTo: copies, redirectedFrom: redirectedFrom)
    }

    /// Makes the settings' sender the author; the original one is kept as the address for answers.
    private func enforce(_ sender: Mailbox, on message: inout PreparedMessage, edit: inout HeaderEdit) throws {
        // A message that must never bounce keeps its null reverse-path.
        if message.envelope.sender != nil { message.envelope.sender = sender.address }
        let original = message.header.addresses(.from)
        guard original.addresses != [sender.address] else { return }
        edit.replace(HeaderField(.from, .addresses([sender])))
        edit.remove(.sender)
        if !message.header.contains(.replyTo), !original.isEmpty {
            edit.replace(HeaderField(.replyTo, .addresses(original)))
        }
    }

    private func redirect(
        to address: EmailAddress,
        _ message: inout PreparedMessage,
        edit: inout HeaderEdit
    ) throws {
        let original = message.envelope.recipients
        message.envelope.recipients = [address]
        edit.remove(.cc)
        edit.remove(.resentTo)
        edit.remove(.resentCc)
        edit.replace(HeaderField(.to, .addresses([Mailbox(address: address)])))
        let name = try HeaderName(Self.originalRecipients)
        edit.replace(HeaderField(name, .addresses(AddressList(original.map { Mailbox(address: $0) }))))
    }
}
