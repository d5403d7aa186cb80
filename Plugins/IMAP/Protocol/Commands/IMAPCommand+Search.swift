import Posthorn

/// What a search is to answer (RFC 4731, RFC 5182, RFC 9394). Without any of it, SEARCH answers with all numbers.
struct IMAPSearchReturn: Hashable, Sendable {
    var min = false
    var max = false
    var count = false
    var all = false
    /// Keep the result for `$`.
    var save = false
    var relevancy = false
    /// Only those from the first to the last of the result; negative ones count from the end.
    var partial: ClosedRange<Int64>?

    var isEmpty: Bool { self == IMAPSearchReturn() }

    func words() throws(MailError) -> String {
        var words: [String] = []
        if min { words.append("MIN") }
        if max { words.append("MAX") }
        if count { words.append("COUNT") }
        if all { words.append("ALL") }
        if save { words.append("SAVE") }
        if relevancy { words.append("RELEVANCY") }
        if let partial { words.append("PARTIAL \(try IMAPCommandWriter.partial(partial))") }
        return words.joined(separator: " ")
    }
}

/// By what SORT sorts (RFC 5256, RFC 5957, RFC 6203).
struct IMAPSortKey: Hashable, Sendable {
    enum Field: String, Hashable, Sendable {
        case arrival = "ARRIVAL"
        case cc = "CC"
        case date = "DATE"
        case from = "FROM"
        case size = "SIZE"
        case subject = "SUBJECT"
        case to = "TO"
        /// SORT=DISPLAY
        case displayFrom = "DISPLAYFROM"
        /// SORT=DISPLAY
        case displayTo = "DISPLAYTO"
        /// SEARCH=FUZZY
        case relevancy = "RELEVANCY"
    }

    var field: Field
    var isReversed = false
}

/// How THREAD makes conversations (RFC 5256).
enum IMAPThreadAlgorithm: String, Hashable, Sendable {
    case orderedSubject = "ORDEREDSUBJECT"
    case references = "REFERENCES"
    case refs = "REFS"
}

// SEARCH and its kind.
extension IMAPCommand {
    /// - Parameter returning: With ESEARCH or IMAP4rev2 only.
    static func search(
        _ criteria: IMAPSearchCriteria,
        isUID: Bool = true,
        returning: IMAPSearchReturn = IMAPSearchReturn()
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID SEARCH" : "SEARCH") { writer throws(MailError) in
            writer.space()
            if !returning.isEmpty { writer.raw("RETURN (\(try returning.words())) ") }
            try writer.charset(criteria)
            try writer.criteria(criteria)
        }
    }

    /// A search in several folders (MULTISEARCH, RFC 7377).
    static func search(
        _ criteria: IMAPSearchCriteria,
        in mailboxes: [IMAPNotification.Mailboxes],
        returning: IMAPSearchReturn = IMAPSearchReturn()
    ) -> IMAPCommand {
        IMAPCommand("ESEARCH") { writer throws(MailError) in
            guard !mailboxes.isEmpty else { throw MailError(.misuse, "ESEARCH needs folders to look into; give some") }
            writer.raw(" IN (")
            for (index, source) in mailboxes.enumerated() {
                if index > 0 { writer.space() }
                try writer.source(source)
            }
            writer.raw(") ")
            if !returning.isEmpty { writer.raw("RETURN (\(try returning.words())) ") }
            try writer.charset(criteria)
            try writer.criteria(criteria)
        }
    }

    /// - Parameter returning: With ESORT (RFC 5267) only.
    static func sort(
        _ keys: [IMAPSortKey],
        _ criteria: IMAPSearchCriteria,
        isUID: Bool = true,
        returning: IMAPSearchReturn = IMAPSearchReturn()
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID SORT" : "SORT") { writer throws(MailError) in
            guard !keys.isEmpty else { throw MailError(.misuse, "SORT needs something to sort by; give a key") }
            writer.space()
            if !returning.isEmpty { writer.raw("RETURN (\(try returning.words())) ") }
            try writer.list(keys) { writer, key throws(MailError) in
                writer.raw("\(key.isReversed ? "REVERSE " : "")\(key.field.rawValue)")
            }
            // Here the character set is no option (RFC 5256 section 3).
            writer.raw(" UTF-8 ")
            try writer.criteria(criteria)
        }
    }

    static func thread(
        _ algorithm: IMAPThreadAlgorithm,
        _ criteria: IMAPSearchCriteria,
        isUID: Bool = true
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID THREAD" : "THREAD") { writer throws(MailError) in
            writer.raw(" \(algorithm.rawValue) UTF-8 ")
            try writer.criteria(criteria)
        }
    }
}

extension IMAPCommandWriter {
    /// A source of ESEARCH: the names are those of NOTIFY, in lower case in RFC 7377's examples, and without case.
    fileprivate mutating func source(_ source: IMAPNotification.Mailboxes) throws(MailError) {
        switch source {
        case .selected: raw("SELECTED")
        case .selectedDelayed:
            throw MailError(
                .misuse,
                "a search cannot look into 'SELECTED-DELAYED', which NOTIFY alone has; give 'SELECTED'"
            )
        case .inboxes: raw("INBOXES")
        case .personal: raw("PERSONAL")
        case .subscribed: raw("SUBSCRIBED")
        case .subtree(let names):
            raw("SUBTREE ")
            try list(names) { writer, name throws(MailError) in try writer.mailbox(name) }
        case .mailboxes(let names):
            raw("MAILBOXES ")
            try list(names) { writer, name throws(MailError) in try writer.mailbox(name) }
        }
    }
}
