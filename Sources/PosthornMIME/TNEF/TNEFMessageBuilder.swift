/// A message while its attributes come, one after the other.
struct TNEFMessageBuilder {
    private var result: TNEFMessage
    private var properties: [MAPIProperty] = []
    private var from: TNEFAddress?
    private var owner: TNEFAddress?
    private var body: String?
    private var subject: String?
    private var priority: Int?
    private var attachments: [TNEFAttachmentBuilder] = []

    private typealias Tag = TNEFAttribute.Tag

    init(_ message: TNEFMessage) {
        result = message
    }

    private var codePage: Int { result.codePage }

    // MARK: Attributes

    mutating func read(_ attribute: TNEFAttribute, _ reading: inout TNEFReading) {
        let octets = attribute.octets
        switch attribute.tag {
        case Tag.messageProperties:
            var cursor = TNEFCursor(octets)
            let (list, isComplete) = MAPIPropertyReader.list(&cursor, codePage: codePage, &reading)
            properties += list
            if isComplete, cursor.remaining > 0 { reading.report(.trailingOctets, at: cursor.position) }
        case Tag.recipientTable:
            var cursor = TNEFCursor(octets)
            let rows = MAPIPropertyReader.rows(&cursor, codePage: codePage, &reading)
            result.recipients += rows.map { TNEFRecipient($0) }
        case Tag.from: from = TNEFAddress(triple: octets, codePage: codePage, &reading)
        case Tag.owner, Tag.sentFor: owner = TNEFAddress(pair: octets, codePage: codePage, &reading)
        case Tag.subject: subject = text(octets, reading)
        case Tag.body: body = text(octets, reading)
        case Tag.messageClass: result.messageClass = Self.modernClass(text(octets, reading))
        case Tag.priority: priority = number(octets)
        case Tag.dateSent: result.sent = date(octets, &reading)
        case Tag.dateReceived: result.received = date(octets, &reading)
        case Tag.dateModified: result.modified = date(octets, &reading)
        case Tag.dateStart: result.start = date(octets, &reading)
        case Tag.dateEnd: result.end = date(octets, &reading)
        default: break
        }
    }

    mutating func readAttachment(_ attribute: TNEFAttribute, _ reading: inout TNEFReading) {
        let octets = attribute.octets
        let tag = attribute.tag
        guard beginAttachment(tag, at: octets.startIndex, &reading) else { return }
        let last = attachments.count - 1
        switch tag {
        case Tag.attachRenderingData:
            var cursor = TNEFCursor(octets)
            attachments[last].isOLE = cursor.uint16() == 2
            _ = cursor.take(8)
            attachments[last].isMacBinary = cursor.uint32() == 1
        case Tag.attachData: attachments[last].data = octets
        case Tag.attachTitle: attachments[last].title = text(octets, reading)
        case Tag.attachTransportFileName: attachments[last].transportName = text(octets, reading)
        case Tag.attachMetaFile: attachments[last].metaFile = octets
        case Tag.attachCreateDate: attachments[last].created = date(octets, &reading)
        case Tag.attachModifyDate: attachments[last].modified = date(octets, &reading)
        case Tag.attachment:
            var cursor = TNEFCursor(octets)
            let (list, isComplete) = MAPIPropertyReader.list(&cursor, codePage: codePage, &reading)
            attachments[last].properties += list
            if isComplete, cursor.remaining > 0 { reading.report(.trailingOctets, at: cursor.position) }
        default: break
        }
    }

    /// An attachment begins with its rendering data; writers that leave it out must not lose one to the next.
    ///
    /// - Returns: whether there is an attachment for the attribute.
    private mutating func beginAttachment(_ tag: UInt32, at offset: Int, _ reading: inout TNEFReading) -> Bool {
        let isNew: Bool =
            switch tag {
            case Tag.attachRenderingData: true
            case Tag.attachData: attachments.last?.data != nil
            case Tag.attachTitle: attachments.last?.title != nil
            default: false
            }
        guard isNew || attachments.isEmpty else { return !isFull }
        guard reading.attachments > 0 else {
            if !isFull { reading.report(.tooMany, at: offset) }
            isFull = true
            return false
        }
        reading.attachments -= 1
        attachments.append(TNEFAttachmentBuilder())
        return true
    }

    /// Whether attachments were left out.
    private var isFull = false

    // MARK: Result

    /// - Parameter embedded: reads the message in an attachment's octets.
    func message(
        _ reading: inout TNEFReading,
        _ embedded: (ArraySlice<UInt8>, inout TNEFReading) -> TNEFMessage?
    ) -> TNEFMessage {
        var message = result
        let properties = MAPIProperties(properties)
        message.properties = properties
        message.subject = properties.text(.subject) ?? subject ?? Self.composedSubject(properties)
        if let name = properties.text(.messageClass) { message.messageClass = Self.modernClass(name) }
        message.sender =
            TNEFAddress(
                properties,
                name: .senderName,
                type: .senderAddressType,
                address: .senderAddress,
                smtp: .senderSMTPAddress
            ) ?? from
        message.sentRepresenting =
            TNEFAddress(
                properties,
                name: .sentRepresentingName,
                type: .sentRepresentingAddressType,
                address: .sentRepresentingAddress,
                smtp: .sentRepresentingSMTPAddress
            ) ?? owner
        message.sent = properties[.clientSubmitTime]?.date ?? message.sent
        message.received = properties[.deliveryTime]?.date ?? message.received
        message.modified = properties[.lastModificationTime]?.date ?? message.modified
        message.messageID = properties.text(.internetMessageID)
        // The attribute counts the other way round ([MS-OXTNEF] section 2.1.3.3.9).
        message.importance =
            properties.integer(.importance).map { Int(clamping: $0) }
            ?? priority.flatMap { (1...3).contains($0) ? 3 - $0 : nil }
        bodies(&message, properties, &reading)
        for attachment in attachments {
            message.attachments.append(attachment.attachment { embedded($0, &reading) })
        }
        return message
    }

    private func bodies(_ message: inout TNEFMessage, _ properties: MAPIProperties, _ reading: inout TNEFReading) {
        message.plainBody = properties.text(.body) ?? body
        if let property = properties[.html] {
            if let text = property.text {
                message.htmlBody = TNEFMessage.HTML(octets: Array(text.utf8), codePage: TNEFCodePage.utf8)
            } else if let octets = property.octets {
                let named = properties.integer(.internetCodePage) ?? properties.integer(.messageCodePage)
                let page = named.map { Int(clamping: $0) } ?? message.codePage
                let text =
                    page == TNEFCodePage.utf16
                    ? TNEFCodePage.withoutWideTerminator(octets) : TNEFCodePage.withoutTerminator(octets)
                message.htmlBody = TNEFMessage.HTML(octets: Array(text), codePage: page)
            }
        }
        guard let compressed = properties[.compressedRTF]?.octets, !compressed.isEmpty else { return }
        let rtf = CompressedRTF.decompress(compressed)
        for _ in rtf.defects { reading.report(.compressedRTF, at: compressed.startIndex) }
        guard !rtf.octets.isEmpty else { return }
        message.rtfBody = rtf.octets
        // What it was made of is wanted only if it is not there itself.
        let text = RTFText(rtf.octets[...], decode: reading.decode)
        message.isRTFDerived = text.origin != .rtf && !(text.html ?? text.plain ?? "").isEmpty
        if message.htmlBody == nil, let html = text.html {
            message.htmlBody = TNEFMessage.HTML(octets: Array(html.utf8), codePage: TNEFCodePage.utf8)
        }
        if message.plainBody == nil, let plain = text.plain { message.plainBody = plain }
    }

    private static func composedSubject(_ properties: MAPIProperties) -> String? {
        properties.text(.normalizedSubject).map { (properties.text(.subjectPrefix) ?? "") + $0 }
    }

    /// What Microsoft Mail called it, as MAPI calls it ([MS-OXTNEF] section 2.1.3.3.6).
    private static func modernClass(_ name: String) -> String {
        classes[name.lowercased()] ?? name
    }

    private static let classes = [
        "ipm.microsoft mail.note": "IPM.Note",
        "ipm.microsoft mail.read receipt": "REPORT.IPM.Note.IPNRN",
        "ipm.microsoft mail.non-delivery": "REPORT.IPM.Note.NDR",
        "ipm.microsoft schedule.mtgreq": "IPM.Schedule.Meeting.Request",
        "ipm.microsoft schedule.mtgrespp": "IPM.Schedule.Meeting.Resp.Pos",
        "ipm.microsoft schedule.mtgrespn": "IPM.Schedule.Meeting.Resp.Neg",
        "ipm.microsoft schedule.mtgrespa": "IPM.Schedule.Meeting.Resp.Tent",
        "ipm.microsoft schedule.mtgcncl": "IPM.Schedule.Meeting.Canceled",
    ]

    // MARK: Values

    private func text(_ octets: ArraySlice<UInt8>, _ reading: TNEFReading) -> String {
        reading.decode(codePage, TNEFCodePage.withoutTerminator(octets))
    }

    private func number(_ octets: ArraySlice<UInt8>) -> Int? {
        var cursor = TNEFCursor(octets)
        return cursor.uint16().map { Int($0) }
    }

    private func date(_ octets: ArraySlice<UInt8>, _ reading: inout TNEFReading) -> TNEFDate? {
        let date = TNEFDate(attribute: octets)
        if date == nil { reading.report(.invalidDate, at: octets.startIndex) }
        return date
    }
}
