/// What the settings do to a message before it leaves: Bcc removed, sender enforced, copies added, everything redirected.
struct OutgoingPolicy {
    let route: OutgoingRoute
    let redirectAll: EmailAddress?

    /// A message after the settings have had their say.
    struct Result {
        var message: PreparedMessage
        var copiedTo: [EmailAddress]
        var redirectedFrom: [EmailAddress]

        /// The message as transports get it.
        func request(_ options: SendOptions, _ progress: TransferProgress?) -> SendRequest {
            SendRequest(
                envelope: message.envelope,
                content: message.content,
                messageID: message.messageID,
                options: options,
                progress: progress
            )
        }

        /// The receipt with what the settings have done.
        func completed(_ receipt: SendReceipt, messageID: String) -> SendReceipt {
            var receipt = receipt
            receipt.messageID = messageID
            receipt.redirectedFrom = redirectedFrom
            receipt.copiedTo = copiedTo
            return receipt
        }
    }

    /// The header field that shows whom a redirected message was meant for.
    static let originalRecipients = "X-Posthorn-Original-Recipients"

    /// The header field that keeps the addresses for answers of a redirected message.
    static let originalReplyTo = "X-Posthorn-Original-Reply-To"

    /// A field that asks for receipts in an older way than `Disposition-Notification-To`.
    static let returnReceiptTo = "Return-Receipt-To"

    private static let withoutSecretCopies: HeaderEdit = {
        var edit = HeaderEdit()
        edit.remove(.bcc)
        edit.remove(.resentBcc)
        return edit
    }()

    func apply(to prepared: PreparedMessage) throws -> Result {
        var message = prepared
        // Bcc never leaves: the recipients are in the envelope.
        var edit = Self.withoutSecretCopies

        if let sender = route.sender, sender.isEnforced {
            try enforce(sender.mailbox, on: &message, edit: &edit)
        }
        let copies = newRecipients(of: message.envelope)
        if !copies.isEmpty { message.envelope.recipients += copies }
        guard !message.envelope.recipients.isEmpty else {
            throw MailError(.invalidMessage, "the message has no recipient; give it a To, Cc or Bcc")
        }

        var redirectedFrom: [EmailAddress] = []
        if let redirectAll {
            redirectedFrom = message.envelope.recipients
            try redirect(to: redirectAll, &message, edit: &edit)
        }
        message.content = message.content.editingHeader(edit)
        return Result(message: message, copiedTo: redirectAll == nil ? copies : [], redirectedFrom: redirectedFrom)
    }

    /// Whom the settings add.
    private func newRecipients(of envelope: Envelope) -> [EmailAddress] {
        guard !route.copyTo.isEmpty else { return [] }
        // `grüße.example` and its ASCII form are one domain: nobody gets two copies.
        func folded(_ address: EmailAddress) -> EmailAddress { (try? address.withASCIIDomain()) ?? address }
        var seen = Set(envelope.recipients.map(folded))
        return route.copyTo.filter { seen.insert(folded($0)).inserted }
    }

    /// Makes the settings' sender the author; the original one is kept as the address for answers.
    private func enforce(_ sender: Mailbox, on message: inout PreparedMessage, edit: inout HeaderEdit) throws {
        // A message that must never bounce keeps its null reverse-path.
        if message.envelope.sender != nil { message.envelope.sender = sender.address }
        for name in [HeaderName.sender, .resentFrom, .resentSender] { edit.remove(name) }
        let original = message.header.addresses(.from)
        guard original.addresses != [sender.address] else { return }
        edit.replace(HeaderField(.from, .addresses([sender])))
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
        // Nobody outside hears of a test: neither by receipts nor by an answer to the usual address.
        edit.remove(.dispositionNotificationTo)
        edit.remove(try HeaderName(Self.returnReceiptTo))
        let answers =
            edit.replaced.first { $0.name == .replyTo }?.value.addresses ?? message.header.addresses(.replyTo)
        edit.remove(.replyTo)
        if !answers.isEmpty {
            edit.replace(HeaderField(try HeaderName(Self.originalReplyTo), .addresses(answers)))
        }
        edit.replace(HeaderField(.to, .addresses([Mailbox(address: address)])))
        let name = try HeaderName(Self.originalRecipients)
        edit.replace(HeaderField(name, .addresses(AddressList(original.map { Mailbox(address: $0) }))))
    }
}
