extension IMAPServerSession {
    /// A mailbox's name.
    mutating func mailboxName(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> String {
        try name(try arguments.text())
    }

    private mutating func name(_ text: String) throws(IMAPSyntaxError) -> String {
        if usesRevision2 { return text }
        guard let name = IMAPMailboxName.decode(text) else {
            throw IMAPSyntaxError("the name of a mailbox is not modified UTF-7")
        }
        return name
    }

    /// A mailbox's name as a string.
    func shown(_ name: String) -> String {
        let octets = Array((usesRevision2 ? name : IMAPMailboxName.encode(name)).utf8)
        guard !octets.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            var quoted = ""
            for character in String(decoding: octets, as: UTF8.self) {
                if character == "\"" || character == "\\" { quoted.append("\\") }
                quoted.append(character)
            }
            return "\"\(quoted)\""
        }
        return String(decoding: IMAPText.string(String(decoding: octets, as: UTF8.self)), as: UTF8.self)
    }

    private var separator: String { configuration.separator.map { "\"\($0)\"" } ?? "NIL" }

    mutating func list(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        var selecting: [String] = []
        var isExtended = false
        if arguments.next == IMAPText.open {
            isExtended = true
            selecting = try options(&arguments)
            try arguments.space()
        }
        let reference = try mailboxName(&arguments)
        try arguments.space()
        var patterns: [String] = []
        if arguments.take("(") {
            isExtended = true
            repeat { patterns.append(try pattern(&arguments)) } while arguments.take(" ")
            try arguments.expect(")")
        } else {
            patterns = [try pattern(&arguments)]
        }
        var returning: [String] = []
        var statusItems: [String]?
        if arguments.take(" ") {
            isExtended = true
            guard try arguments.atom().uppercased() == "RETURN" else { throw IMAPSyntaxError("RETURN is expected") }
            try arguments.space()
            (returning, statusItems) = try returnOptions(&arguments)
        }
        try arguments.end()
        if isExtended, !has(.listExtended), !has(.imap4rev2), !has(.specialUse), !has(.listStatus) {
            throw IMAPSyntaxError("LIST takes a reference and a pattern")
        }
        if patterns == [""], !isExtended { return finish(.ok, "done", untagged: "LIST (\\Noselect) \(separator) \"\"") }

        let wantsSubscribed = selecting.contains("SUBSCRIBED")
        var lines: [String] = []
        for listed in mail.list(of: user ?? "", withMissing: wantsSubscribed) {
            guard patterns.contains(where: { matches(listed.name, reference + $0) }) else { continue }
            if wantsSubscribed, !listed.isSubscribed { continue }
            let attributes = attributes(listed, returning, tellsSubscribed: wantsSubscribed)
            if selecting.contains("SPECIAL-USE"), !attributes.contains(where: Self.isSpecialUse) { continue }
            lines.append("LIST (\(attributes.joined(separator: " "))) \(separator) \(shown(listed.name))")
            if let statusItems, let mailbox = listed.mailbox, mailbox.isSelectable {
                lines.append("STATUS \(shown(listed.name)) (\(try values(statusItems, mailbox)))")
            }
        }
        finish(.ok, "done", untagged: lines)
    }

    private func matches(_ name: String, _ pattern: String) -> Bool {
        if name == "INBOX", IMAPMailboxName.matches(name, pattern.uppercased(), separator: configuration.separator) {
            return true
        }
        return IMAPMailboxName.matches(name, pattern, separator: configuration.separator)
    }

    private mutating func pattern(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> String {
        let octets = try arguments.astring { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "*") }
        return try name(String(decoding: octets, as: UTF8.self))
    }

    /// Words in parentheses, perhaps none, in upper case.
    private func options(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> [String] {
        try arguments.expect("(")
        var words: [String] = []
        while !arguments.take(")") {
            if !words.isEmpty { try arguments.space() }
            words.append(try arguments.atom().uppercased())
        }
        return words
    }

    private func returnOptions(
        _ arguments: inout IMAPArguments
    ) throws(IMAPSyntaxError) -> (words: [String], status: [String]?) {
        try arguments.expect("(")
        var words: [String] = []
        var status: [String]?
        while !arguments.take(")") {
            if !words.isEmpty { try arguments.space() }
            let word = try arguments.atom().uppercased()
            words.append(word)
            if word == "STATUS" {
                try arguments.space()
                status = try options(&arguments)
            }
        }
        return (words, status)
    }

    private static func isSpecialUse(_ attribute: String) -> Bool {
        ["\\all", "\\archive", "\\drafts", "\\flagged", "\\junk", "\\sent", "\\trash", "\\important"]
            .contains(attribute.lowercased())
    }

    private func attributes(
        _ listed: IMAPMailStore.Listed,
        _ returning: [String],
        tellsSubscribed: Bool
    ) -> [String] {
        var attributes = listed.mailbox?.attributes ?? ["\\NonExistent"]
        if !has(.specialUse), !has(.imap4rev2) { attributes.removeAll(where: Self.isSpecialUse) }
        if has(.children) || returning.contains("CHILDREN") {
            attributes.append(listed.hasChildren ? "\\HasChildren" : "\\HasNoChildren")
        }
        if tellsSubscribed || returning.contains("SUBSCRIBED"), listed.isSubscribed {
            attributes.append("\\Subscribed")
        }
        return attributes
    }

    mutating func listSubscribed(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        let reference = try mailboxName(&arguments)
        try arguments.space()
        let pattern = try pattern(&arguments)
        try arguments.end()
        let lines = mail.list(of: user ?? "", withMissing: true)
            .filter { $0.isSubscribed && matches($0.name, reference + pattern) }
            .map { listed in
                let attributes = listed.mailbox.map { $0.isSelectable ? "" : "\\Noselect" } ?? "\\Noselect"
                return "LSUB (\(attributes)) \(separator) \(shown(listed.name))"
            }
        finish(.ok, "done", untagged: lines)
    }

    // MARK: STATUS and QUOTA

    mutating func status(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        let name = try mailboxName(&arguments)
        try arguments.space()
        let items = try options(&arguments)
        try arguments.end()
        if let selection, selection.name == IMAPMailStore.canonical(name) {
            violation("STATUS of the mailbox that is open (RFC 3501 section 6.3.10)")
        }
        guard let mailbox = mail.id(name, of: user ?? "").flatMap(mail.mailbox), mailbox.isSelectable else {
            return finish(.no, "[NONEXISTENT] there is no such mailbox")
        }
        let text = try values(items, mailbox)
        finish(.ok, "done", untagged: "STATUS \(shown(mailbox.name)) (\(text))")
    }

    private mutating func values(
        _ items: [String],
        _ mailbox: IMAPMailStore.Mailbox
    ) throws(IMAPSyntaxError) -> String {
        var words: [String] = []
        for item in items {
            switch item {
            case "MESSAGES": words.append("MESSAGES \(mailbox.messages.count)")
            case "RECENT": words.append("RECENT 0")
            case "UIDNEXT": words.append("UIDNEXT \(mailbox.uidNext)")
            case "UIDVALIDITY": words.append("UIDVALIDITY \(mailbox.uidValidity)")
            case "UNSEEN": words.append("UNSEEN \(mailbox.messages.count { !$0.has("\\Seen") })")
            case "DELETED": words.append("DELETED \(mailbox.messages.count { $0.has("\\Deleted") })")
            case "SIZE" where has(.statusSize) || has(.imap4rev2): words.append("SIZE \(mailbox.size)")
            case "APPENDLIMIT" where has(.appendLimit): words.append("APPENDLIMIT \(configuration.limits.literal)")
            case "HIGHESTMODSEQ" where has(.condstore):
                usesModificationSequences = true
                words.append("HIGHESTMODSEQ \(mailbox.sequence)")
            default: throw IMAPSyntaxError("an item of STATUS is not known")
            }
        }
        return words.joined(separator: " ")
    }

    mutating func quota(_ verb: String, _ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        var lines: [String] = []
        if verb == "GETQUOTAROOT" {
            let name = try mailboxName(&arguments)
            guard let user, mail.id(name, of: user) != nil else { return finish(.no, "there is no such mailbox") }
            lines.append(
                "QUOTAROOT \(shown(IMAPMailStore.canonical(name)))" + (configuration.quota == nil ? "" : " \"user\"")
            )
        } else if try arguments.text() != "user" || configuration.quota == nil {
            return finish(.no, "there is no such quota root")
        }
        try arguments.end()
        if let quota = configuration.quota {
            // In units of 1,024 octets.
            let used = mail.read { [user] in $0.size(of: user ?? "") }
            lines.append("QUOTA \"user\" (STORAGE \((used + 1_023) / 1_024) \(quota / 1_024))")
        }
        finish(.ok, "done", untagged: lines)
    }

    // MARK: Changing names

    mutating func changeName(_ verb: String, _ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        let name = try mailboxName(&arguments)
        let user = user ?? ""
        let naming: IMAPMailStore.Naming
        switch verb {
        case "CREATE":
            // USE of RFC 6154 section 3.
            var attributes: [String] = []
            if arguments.take(" ") {
                try arguments.expect("(")
                guard try arguments.atom().uppercased() == "USE" else { throw IMAPSyntaxError("USE is expected") }
                try arguments.space()
                attributes = try arguments.flags()
                try arguments.expect(")")
            }
            try arguments.end()
            naming = mail.create(name, of: user, attributes: attributes)
        case "RENAME":
            try arguments.space()
            let new = try mailboxName(&arguments)
            try arguments.end()
            naming = mail.rename(name, to: new, of: user)
        case "DELETE":
            try arguments.end()
            naming = mail.delete(name, of: user)
        default:
            try arguments.end()
            mail.subscribe(name, verb == "SUBSCRIBE", of: user)
            naming = .done
        }
        switch naming {
        case .done: finish(.ok, "done")
        case .exists: finish(.no, "[ALREADYEXISTS] the mailbox exists")
        case .missing: finish(.no, "[NONEXISTENT] there is no such mailbox")
        case .refused: finish(.no, "[CANNOT] that is not possible")
        }
    }
}
