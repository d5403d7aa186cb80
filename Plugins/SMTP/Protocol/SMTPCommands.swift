import Posthorn

/// Writes the commands of a transaction for a server's capabilities. Validates what travels before anything is sent.
struct SMTPCommands {
    let capabilities: SMTPCapabilities
    let isLMTP: Bool
    /// Whether the connection is encrypted: some parameters mean nothing otherwise.
    var isEncrypted = false

    /// The form in which this server takes a message for this envelope.
    ///
    /// UTF-8 headers are used only if the envelope cannot do without: a message that needs SMTPUTF8 is refused by every
    /// server on its way that does not know it.
    func form(for envelope: Envelope, _ options: SendOptions = SendOptions()) -> ContentForm {
        ContentForm(
            transfer: capabilities.hasBinaryMIME && options[BinaryTransfer.self] != nil
                ? .binary : capabilities.has8BitMIME ? .eightBit : .sevenBit,
            allowsUTF8Headers: capabilities.hasSMTPUTF8 && envelope.needsUTF8
        )
    }

    /// The transaction's commands.
    ///
    /// - Throws: ``MailError`` if the server cannot carry the message; nothing has been sent then.
    func request(
        for envelope: Envelope,
        _ options: SendOptions,
        _ facts: ContentFacts
    ) throws -> SMTPTransaction.Request {
        try check(envelope, facts)
        let usesUTF8 = envelope.needsUTF8 || facts.needsUTF8Headers
        let notification = capabilities.hasDSN && !options.isEmpty ? options[DeliveryNotification.self] : nil
        var request = SMTPTransaction.Request(
            to: envelope.recipients,
            isPipelined: capabilities.hasPipelining,
            isLMTP: isLMTP
        )
        try request.addCommand { line in
            line.append(contentsOf: "MAIL FROM:<".utf8)
            if let sender = envelope.sender { try append(sender, to: &line) }
            line.append(UInt8(ascii: ">"))
            if capabilities.hasSize, let size = facts.size { line.append(contentsOf: " SIZE=\(size)".utf8) }
            if capabilities.has8BitMIME, facts.transfer == .eightBit { line.append(contentsOf: " BODY=8BITMIME".utf8) }
            if facts.transfer == .binary { line.append(contentsOf: " BODY=BINARYMIME".utf8) }
            if usesUTF8 { line.append(contentsOf: " SMTPUTF8".utf8) }
            for parameter in mailParameters(for: options) { line.append(contentsOf: " \(parameter.text)".utf8) }
            if let notification { line.append(contentsOf: try Self.parameters(of: notification).utf8) }
        }
        let recipientSuffix = notification.map { notification in
            let events = notification.events.map(\.keyword).sorted()
            return " NOTIFY=" + (events.isEmpty ? "NEVER" : events.joined(separator: ","))
        }
        let times = recipientTimes(for: options)
        for address in envelope.recipients {
            try request.addCommand { line in
                line.append(contentsOf: "RCPT TO:<".utf8)
                try append(address, to: &line)
                line.append(UInt8(ascii: ">"))
                if let time = times?[address] { line.append(contentsOf: time.utf8) }
                guard let recipientSuffix else { return }
                line.append(contentsOf: recipientSuffix.utf8)
                line.append(contentsOf: Self.originalRecipient(address).utf8)
            }
        }
        return request
    }

    /// What a delivery notification adds to MAIL (RFC 3461 section 4.4).
    private static func parameters(of notification: DeliveryNotification) throws -> String {
        var text = ""
        if let isFull = notification.returnsFullMessage { text += isFull ? " RET=FULL" : " RET=HDRS" }
        if let id = notification.envelopeID { text += " ENVID=\(try envelopeID(id))" }
        return text
    }

    private func check(_ envelope: Envelope, _ facts: ContentFacts) throws {
        guard !envelope.recipients.isEmpty else {
            throw MailError(.invalidMessage, "the message has no recipient; give it a To, Cc or Bcc")
        }
        if let limit = capabilities.sizeLimit, let size = facts.size, size > limit {
            throw MailError(
                .tooLarge,
                "the message has \(size) octets, the server takes at most \(limit); send less at once, or ask the "
                    + "server's operator for a larger limit",
                certainty: .rejected
            )
        }
        if facts.transfer == .binary, !capabilities.hasBinaryMIME {
            throw MailError(
                .unsupported,
                "the message has lines of more than 998 octets or NUL octets, which this server cannot carry (RFC 5321 "
                    + "section 4.5.3.1.6; it does not offer BINARYMIME); encode these parts with base64 or quoted-printable"
            )
        }
        if facts.transfer == .eightBit, !capabilities.has8BitMIME {
            throw MailError(
                .unsupported,
                "the message has 8-bit text, which the server does not take (it does not offer 8BITMIME); encode the "
                    + "message with base64 or quoted-printable"
            )
        }
        guard !capabilities.hasSMTPUTF8 else { return }
        let international = ([envelope.sender].compactMap { $0 } + envelope.recipients)
            .first(where: \.needsUTF8)
        if let international {
            throw MailError(
                .invalidAddress,
                "the address '\(international)' has characters beyond ASCII before the '@', which the server cannot "
                    + "handle (it does not offer SMTPUTF8); use another address of this person, or another server",
                certainty: .notTaken
            )
        }
        if facts.needsUTF8Headers {
            throw MailError(
                .unsupported,
                "the header of the message holds UTF-8, which the server does not take (it does not offer SMTPUTF8); "
                    + "encode it as RFC 2047 says, or use another server"
            )
        }
    }

    /// An address as it stands between `<` and `>`. Domains travel as A-labels: that is valid with and without SMTPUTF8.
    private func append(_ address: EmailAddress, to command: inout [UInt8]) throws {
        let start = command.count
        try address.withASCIIDomain().appendWireText(to: &command)
        // The address type lets none of these through; this line keeps a mistake there from becoming a command here.
        guard command[start...].allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw MailError(
                .invalidAddress,
                "the address '\(PeerText.shown(command[start...]))' contains a control character"
            )
        }
    }

    /// `ORCPT=rfc822;…` (RFC 3461 section 4.2), for ASCII addresses.
    private static func originalRecipient(_ address: EmailAddress) -> String {
        guard !address.needsUTF8, let ascii = try? address.withASCIIDomain() else { return "" }
        return " ORCPT=rfc822;" + xtext(ascii.wireText)
    }

    private static func envelopeID(_ id: String) throws -> String {
        let isValid = (1...100).contains(id.utf8.count) && id.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard isValid else {
            throw MailError(
                .invalidMessage,
                "the envelope identifier of the delivery notification must be 1 to 100 visible ASCII characters"
            )
        }
        return xtext(id)
    }

    /// `xtext` of RFC 3461 section 4: `+`, `=`, space and controls as `+XX`.
    static func xtext(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if (0x21..<0x7F).contains(byte), byte != UInt8(ascii: "+"), byte != UInt8(ascii: "=") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "+" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension Envelope {
    /// Whether one of the addresses can only travel with SMTPUTF8.
    var needsUTF8: Bool { (sender?.needsUTF8 ?? false) || recipients.contains(where: \.needsUTF8) }
}
