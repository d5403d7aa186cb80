import Posthorn

// Search criteria on the wire.
extension IMAPCommandWriter {
    /// How deep criteria may stand in one another.
    private static let depthLimit = 100

    /// Writes criteria as search keys: those that must all hold stand one behind the other.
    mutating func criteria(_ criteria: IMAPSearchCriteria) throws(MailError) {
        if case .all(let nodes) = criteria.node, !nodes.isEmpty {
            try keys(nodes, 0)
        } else {
            try key(criteria.node, 0)
        }
    }

    /// Writes `CHARSET UTF-8 ` if a text needs it. IMAP4rev2 has UTF-8 anyway, and after UTF8=ACCEPT the word is forbidden
    /// (RFC 6855 section 3).
    mutating func charset(_ criteria: IMAPSearchCriteria) throws(MailError) {
        if !encoding.isUTF8, try Self.needsUTF8(criteria.node, 0) { raw("CHARSET UTF-8 ") }
    }

    private mutating func keys(_ nodes: [IMAPSearchCriteria.Node], _ depth: Int) throws(MailError) {
        for (index, node) in nodes.enumerated() {
            if index > 0 { space() }
            try key(node, depth)
        }
    }

    /// Writes one key, in parentheses if it would be several.
    private mutating func key(_ node: IMAPSearchCriteria.Node, _ depth: Int) throws(MailError) {
        guard depth < Self.depthLimit else { throw Self.tooDeep }
        switch node {
        case .key(let word): raw(word)
        case .text(let word, let text):
            raw("\(word) ")
            try string(text, "text to be searched for")
        case .header(let name, let text):
            let isName = name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
            guard isName, !name.isEmpty else { throw Self.refused(name, "name of the header field") }
            raw("HEADER ")
            try astring(name, "name of the header field")
            space()
            try string(text, "text to be searched for")
        case .date(let word, let date):
            guard date.isValid else {
                throw MailError(
                    .misuse,
                    "\(date.year)-\(date.month)-\(date.day) is no day of the calendar; give another one"
                )
            }
            raw("\(word) \(date)")
        case .number(let word, let number): raw("\(word) \(number)")
        case .keyword(let word, let flag):
            raw("\(word) ")
            try atom(flag.description, "keyword")
        case .numbers(let numbers): try set(numbers)
        case .uids(let uids):
            raw("UID ")
            try set(uids)
        case .objectID(let word, let id):
            raw("\(word) ")
            try atom(id, "identifier")
        case .label(let label):
            raw("X-GM-LABELS ")
            if label.utf8.first == IMAPOctet.backslash {
                try flag(MessageFlag(label))
            } else {
                try mailbox(IMAPMailboxName(label, isUTF8: encoding.isUTF8))
            }
        case .not(let inner):
            raw("NOT ")
            try key(inner, depth + 1)
        case .fuzzy(let inner):
            raw("FUZZY ")
            try key(inner, depth + 1)
        case .any(let nodes): try any(nodes, depth + 1)
        case .all(let nodes):
            guard nodes.count != 1 else { return try key(nodes[0], depth + 1) }
            guard !nodes.isEmpty else { return raw("ALL") }
            raw("(")
            try keys(nodes, depth + 1)
            raw(")")
        }
    }

    /// `OR a OR b c`
    private mutating func any(_ nodes: [IMAPSearchCriteria.Node], _ depth: Int) throws(MailError) {
        guard !nodes.isEmpty else { return raw("NOT ALL") }
        for (index, node) in nodes.enumerated() {
            if index > 0 { space() }
            if index < nodes.count - 1 { raw("OR ") }
            try key(node, depth)
        }
    }

    private static func needsUTF8(_ node: IMAPSearchCriteria.Node, _ depth: Int) throws(MailError) -> Bool {
        guard depth < depthLimit else { throw tooDeep }
        switch node {
        case .text(_, let text), .header(_, let text): return !text.utf8.allSatisfy { $0 < 0x80 }
        case .not(let inner), .fuzzy(let inner): return try needsUTF8(inner, depth + 1)
        case .any(let nodes), .all(let nodes):
            for node in nodes where try needsUTF8(node, depth + 1) { return true }
            return false
        default: return false
        }
    }

    private static var tooDeep: MailError {
        MailError(.misuse, "the search criteria stand more than 100 deep in one another; put them side by side")
    }
}
