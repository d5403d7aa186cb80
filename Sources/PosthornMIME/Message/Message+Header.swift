import Posthorn

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Message {
    /// The fields that the message's properties make, and that ``headers`` therefore cannot hold.
    private static let ownFields: Set<HeaderName> = [
        .from, .sender, .replyTo, .to, .cc, .bcc, .subject, .date, .messageID, .inReplyTo, .references, .mimeVersion,
        .contentType, .contentTransferEncoding, .contentDisposition, .contentID, .returnPath, .received, .resentBcc,
    ]

    /// The header without the fields that describe the body.
    func makeHeader(from: Mailbox, messageID: String) throws -> HeaderFields {
        var header = HeaderFields()
        let seconds = date.map { $0.timeIntervalSince1970.rounded(.down) } ?? Double(DateField.now())
        header.append(
            .date,
            .date(
                // A date beyond all reason must not trap.
                secondsSinceEpoch: Int64(max(-1e15, min(1e15, seconds.isNaN ? 0 : seconds))),
                offsetMinutes: dateOffsetMinutes
            )
        )
        header.append(.from, .mailbox(from))
        if let sender { header.append(.sender, .mailbox(sender)) }
        if !replyTo.isEmpty { header.append(.replyTo, .addresses(replyTo)) }
        if !to.isEmpty {
            header.append(.to, .addresses(to))
        } else if cc.isEmpty {
            var nobody = AddressList()
            nobody.append(AddressGroup(name: "undisclosed-recipients"))
            header.append(.to, .addresses(nobody))
        }
        if !cc.isEmpty { header.append(.cc, .addresses(cc)) }
        header.append(.subject, .text(subject))
        header.append(.messageID, .messageIDs([messageID]))
        if !inReplyTo.isEmpty { header.append(.inReplyTo, .messageIDs(inReplyTo)) }
        if !references.isEmpty { header.append(.references, .messageIDs(references)) }
        for field in try list?.fields() ?? [] { header.append(field) }
        if let autoSubmitted { header.append(.autoSubmitted, .tokens(autoSubmitted.description)) }
        for field in priority.fields { header.append(field) }
        if let readReceiptTo { header.append(.dispositionNotificationTo, .mailbox(readReceiptTo)) }
        for field in headers {
            guard !Self.ownFields.contains(field.name), !header.contains(field.name) else {
                throw MailError(
                    .invalidMessage,
                    "the header field '\(field.name)' is among the message's additional headers, but the message makes "
                        + "it itself: set the property for it instead"
                )
            }
        }
        for field in headers { header.append(field) }
        header.append(.mimeVersion, .tokens("1.0"))
        return header
    }
}
