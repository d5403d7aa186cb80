import Posthorn

/// Which messages FETCH is to leave out (RFC 7162, RFC 9394).
struct IMAPFetchModifiers: Hashable, Sendable {
    /// Only those changed behind this modification sequence.
    var changedSince: UInt64?
    /// With ``changedSince`` and after ENABLE QRESYNC: say also which are gone. UID FETCH only.
    var vanished = false
    /// Only those from the first to the last of the result; negative ones count from the end.
    var partial: ClosedRange<Int64>?
}

/// What STORE does with flags.
enum IMAPStoreAction: String, Hashable, Sendable { case replace = "", add = "+", remove = "-" }

// Commands about messages of the chosen folder (RFC 9051 section 6.4).
extension IMAPCommand {
    static let check = IMAPCommand("CHECK")
    static let close = IMAPCommand("CLOSE")
    static let unselect = IMAPCommand("UNSELECT")
    static let expunge = IMAPCommand("EXPUNGE")
    /// RFC 2177; ended by ``done``.
    static let idle = IMAPCommand("IDLE")

    /// RFC 4315
    static func expunge(uids: IMAPSequenceSet) -> IMAPCommand {
        IMAPCommand("UID EXPUNGE") { writer throws(MailError) in
            writer.space()
            try writer.set(uids)
        }
    }

    static func copy(_ set: IMAPSequenceSet, isUID: Bool = true, to mailbox: IMAPMailboxName) -> IMAPCommand {
        transfer("COPY", set, isUID, mailbox)
    }

    /// RFC 6851
    static func move(_ set: IMAPSequenceSet, isUID: Bool = true, to mailbox: IMAPMailboxName) -> IMAPCommand {
        transfer("MOVE", set, isUID, mailbox)
    }

    private static func transfer(
        _ name: String,
        _ set: IMAPSequenceSet,
        _ isUID: Bool,
        _ mailbox: IMAPMailboxName
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID \(name)" : name) { writer throws(MailError) in
            writer.space()
            try writer.set(set)
            writer.space()
            try writer.mailbox(mailbox)
        }
    }

    static func fetch(
        _ set: IMAPSequenceSet,
        isUID: Bool = true,
        _ items: [IMAPFetchItem],
        _ modifiers: IMAPFetchModifiers = IMAPFetchModifiers()
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID FETCH" : "FETCH") { writer throws(MailError) in
            guard !items.isEmpty else { throw MailError(.misuse, "FETCH needs something to ask for; give an item") }
            writer.space()
            try writer.set(set)
            writer.space()
            if items.count == 1 {
                try writer.fetchItem(items[0])
            } else {
                try writer.list(items) { writer, item throws(MailError) in try writer.fetchItem(item) }
            }
            var words: [String] = []
            if let since = modifiers.changedSince {
                words.append("CHANGEDSINCE \(since)")
                if modifiers.vanished { words.append("VANISHED") }
            }
            if let partial = modifiers.partial {
                words.append("PARTIAL \(try IMAPCommandWriter.partial(partial))")
            }
            if !words.isEmpty { writer.raw(" (\(words.joined(separator: " ")))") }
        }
    }

    /// - Parameter unchangedSince: With CONDSTORE (RFC 7162) only.
    static func store(
        _ set: IMAPSequenceSet,
        isUID: Bool = true,
        _ action: IMAPStoreAction,
        _ flags: [MessageFlag],
        isSilent: Bool = true,
        unchangedSince: UInt64? = nil
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID STORE" : "STORE") { writer throws(MailError) in
            writer.space()
            try writer.set(set)
            if let unchangedSince { writer.raw(" (UNCHANGEDSINCE \(unchangedSince))") }
            writer.raw(" \(action.rawValue)FLAGS\(isSilent ? ".SILENT" : "") ")
            try writer.flags(flags)
        }
    }

    /// X-GM-EXT-1
    static func storeLabels(
        _ set: IMAPSequenceSet,
        isUID: Bool = true,
        _ action: IMAPStoreAction,
        _ labels: [String],
        isSilent: Bool = true
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID STORE" : "STORE") { writer throws(MailError) in
            writer.space()
            try writer.set(set)
            writer.raw(" \(action.rawValue)X-GM-LABELS\(isSilent ? ".SILENT" : "") ")
            let isUTF8 = writer.encoding.isUTF8
            try writer.list(labels) { writer, label throws(MailError) in
                // Gmail's own labels begin with a backslash and are words, such as `\Inbox`.
                if label.utf8.first == IMAPOctet.backslash {
                    try writer.flag(MessageFlag(label))
                } else {
                    try writer.mailbox(IMAPMailboxName(label, isUTF8: isUTF8))
                }
            }
        }
    }
}

extension IMAPCommandWriter {
    mutating func fetchItem(_ item: IMAPFetchItem) throws(MailError) {
        switch item.kind {
        case .word(let word): raw(word)
        case .section(let section, let isPeek, let range):
            raw(isPeek ? "BODY.PEEK[" : "BODY[")
            try self.section(section)
            raw("]")
            try octets(range)
        case .binary(let part, let isPeek, let range):
            raw(isPeek ? "BINARY.PEEK[" : "BINARY[")
            raw(try Self.number(of: part))
            raw("]")
            try octets(range)
        case .binarySize(let part): raw("BINARY.SIZE[\(try Self.number(of: part))]")
        }
    }

    private mutating func section(_ section: IMAPSection) throws(MailError) {
        let number = try Self.number(of: section.part)
        raw(number)
        let dot = number.isEmpty ? "" : "."
        switch section.specifier.kind {
        case .everything: break
        case .header: raw("\(dot)HEADER")
        case .text: raw("\(dot)TEXT")
        case .mime:
            guard !number.isEmpty else {
                throw MailError(.misuse, "the MIME header of a whole message is its header; ask for that")
            }
            raw(".MIME")
        case .fields, .fieldsNot:
            guard !section.specifier.fields.isEmpty else {
                throw MailError(.misuse, "a section of header fields needs the name of a field; give one")
            }
            raw("\(dot)HEADER.FIELDS\(section.specifier.kind == .fieldsNot ? ".NOT" : "") ")
            try list(section.specifier.fields) { writer, field throws(MailError) in
                let isName = field.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
                guard isName, !field.isEmpty else { throw IMAPCommandWriter.refused(field, "name of the header field") }
                try writer.astring(field, "name of the header field")
            }
        }
    }

    private static func number(of part: [Int]) throws(MailError) -> String {
        guard part.allSatisfy({ $0 > 0 && $0 <= Int(UInt32.max) }) else {
            throw MailError(.misuse, "the number of a part of a message counts from 1; check it")
        }
        return part.map { String($0) }.joined(separator: ".")
    }

    private mutating func octets(_ range: Range<UInt64>?) throws(MailError) {
        guard let range else { return }
        // RFC 9051, `partial`: 63 bits, and at least one octet.
        guard !range.isEmpty, range.upperBound <= UInt64(Int64.max) else {
            throw MailError(.misuse, "a range of octets has to hold at least one, below 2^63; check it")
        }
        raw("<\(range.lowerBound).\(range.upperBound - range.lowerBound)>")
    }

    /// A range of a result (RFC 9394): both ends positive or both negative.
    static func partial(_ range: ClosedRange<Int64>) throws(MailError) -> String {
        let limit = Int64(UInt32.max)
        if range.lowerBound > 0, range.upperBound <= limit { return "\(range.lowerBound):\(range.upperBound)" }
        // From the end, the nearer end comes first.
        if range.upperBound < 0, range.lowerBound >= -limit { return "\(range.upperBound):\(range.lowerBound)" }
        throw MailError(.misuse, "a range of a result counts from 1, or from -1 backwards; check it")
    }
}
