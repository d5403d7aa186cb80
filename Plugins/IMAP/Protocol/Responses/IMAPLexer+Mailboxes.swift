/// LIST, STATUS, NAMESPACE and the like (RFC 9051 section 7.3).
extension IMAPLexer {
    /// Takes a folder's name that something follows: a string, or a word.
    mutating func mailbox() throws(IMAPSyntaxProblem) -> IMAPMailboxName {
        spaces()
        return IMAPMailboxName(octets: try astring())
    }

    mutating func listEntry() throws(IMAPSyntaxProblem) -> IMAPListEntry {
        spaces()
        var attributes: [String] = []
        attributes.reserveCapacity(4)
        if !takeNil() {
            try list { lexer throws(IMAPSyntaxProblem) in
                attributes.append(IMAPStringOctets.text(try lexer.word()))
            }
        }
        spaces()
        let delimiter = try delimiter()
        spaces()
        var entry = IMAPListEntry(name: try listName(), attributes: attributes, delimiter: delimiter)
        spaces()
        if next == IMAPOctet.open { try listExtensions(&entry) }
        return entry
    }

    /// A single character in quotes, or NIL. An empty string counts as NIL (Lotus Domino), a bare character as quoted.
    private mutating func delimiter() throws(IMAPSyntaxProblem) -> UInt8? {
        guard let string = try nstring()?.array else { return nil }
        if string.count > 1 { throw problem("a hierarchy delimiter of more than one character") }
        return string.first
    }

    /// Takes the name in a LIST response. Without quotes it may hold what an atom must not: then it lasts to the end of
    /// the line (Courier of old and hMailServer with spaces and parentheses; Gmail's `[Gmail]/…` is a word).
    private mutating func listName() throws(IMAPSyntaxProblem) -> IMAPMailboxName {
        switch next {
        case IMAPOctet.quote, IMAPOctet.openBrace, UInt8(ascii: "~"):
            return IMAPMailboxName(octets: try astring())
        default:
            let end = wordEnd()
            var copy = self
            copy.move(to: end)
            copy.spaces()
            if copy.isAtEnd || end > position && copy.position > end && copy.isListExtension {
                return IMAPMailboxName(octets: Array(try word()))
            }
            return IMAPMailboxName(octets: try lineRest())
        }
    }

    /// Whether a parenthesis with a known name of RFC 5258 or RFC 5465 follows.
    private var isListExtension: Bool {
        guard next == IMAPOctet.open else { return false }
        var copy = self
        copy.move(to: position &+ 1)
        copy.spaces()
        _ = copy.take(IMAPOctet.quote)
        return ["CHILDINFO", "OLDNAME"].contains { (word: StaticString) in copy.begins(word) }
    }

    /// Takes everything up to the end of the line.
    private mutating func lineRest() throws(IMAPSyntaxProblem) -> [UInt8] {
        let rest = octets[min(position, octets.count)...]
        guard !rest.contains(where: { $0 == 0 || $0 == IMAPOctet.lineFeed || $0 == IMAPOctet.carriageReturn }) else {
            throw problem("a control character inside a folder's name")
        }
        move(to: octets.count)
        guard !rest.isEmpty else { throw problem("no name where a folder's name has to be") }
        return Array(rest)
    }

    private mutating func listExtensions(_ entry: inout IMAPListEntry) throws(IMAPSyntaxProblem) {
        try open()
        while !takeClose() {
            if isAtEnd { throw problem("a LIST without its end") }
            let name = String(decoding: try astring().map(IMAPOctet.upper), as: UTF8.self)
            spaces()
            switch name {
            case "CHILDINFO": entry.childInfo = try textList()
            case "OLDNAME":
                try open()
                entry.oldName = try mailbox()
                try close()
            default: try skipValue()
            }
        }
    }

    mutating func mailboxStatus() throws(IMAPSyntaxProblem) -> IMAPMailboxStatus {
        spaces()
        var status = IMAPMailboxStatus(name: try statusName())
        spaces()
        try open()
        while !takeClose() {
            if isAtEnd { throw problem("a STATUS without its end") }
            try statusItem(&status)
        }
        return status
    }

    /// Takes the name in a STATUS response. Without quotes it may hold spaces (Exchange 2003, hMailServer): then it lasts
    /// up to the last parenthesis.
    private mutating func statusName() throws(IMAPSyntaxProblem) -> IMAPMailboxName {
        if next == IMAPOctet.quote || next == IMAPOctet.openBrace { return try mailbox() }
        var end = octets.lastIndex(of: IMAPOctet.open) ?? octets.count
        // MAILBOXID has parentheses of its own.
        if let inner = octets[..<end].lastIndex(of: IMAPOctet.open), inner > position,
            octets[end...].count(where: { $0 == IMAPOctet.close }) > 1
        {
            end = inner
        }
        guard end > position else { throw problem("no name where a folder's name has to be") }
        var name = Array(octets[position..<end])
        while name.last == IMAPOctet.space { name.removeLast() }
        guard !name.isEmpty, !name.contains(where: { $0 < IMAPOctet.space }) else {
            throw problem("no name where a folder's name has to be")
        }
        move(to: end)
        return IMAPMailboxName(octets: name)
    }

    private mutating func statusItem(_ status: inout IMAPMailboxStatus) throws(IMAPSyntaxProblem) {
        let name = String(decoding: try word().map(IMAPOctet.upper), as: UTF8.self)
        spaces()
        switch name {
        case "MESSAGES": status.messages = try looseNumber()
        case "RECENT": status.recent = try looseNumber()
        case "UIDNEXT": status.uidNext = try looseNumber()
        case "UIDVALIDITY": status.uidValidity = try looseNumber()
        case "UNSEEN": status.unseen = try looseNumber()
        case "DELETED": status.deleted = try looseNumber()
        case "SIZE": status.size = try looseNumber64()
        case "DELETED-STORAGE": status.deletedStorage = try looseNumber64()
        case "HIGHESTMODSEQ": status.highestModSequence = try looseNumber64()
        case "APPENDLIMIT": status.appendLimit = try looseNumber64()
        case "MAILBOXID":
            guard try takeOpen() else {
                status.mailboxID = try ntext()
                return
            }
            spaces()
            status.mailboxID = try ntext()
            try close()
        default: try skipValue()
        }
    }

    mutating func namespaces() throws(IMAPSyntaxProblem) -> IMAPNamespaces {
        var namespaces = IMAPNamespaces()
        namespaces.personal = try namespaceList()
        // Servers of old leave out the last ones instead of saying NIL.
        spaces()
        if !isAtEnd { namespaces.otherUsers = try namespaceList() }
        spaces()
        if !isAtEnd { namespaces.shared = try namespaceList() }
        return namespaces
    }

    private mutating func namespaceList() throws(IMAPSyntaxProblem) -> [IMAPNamespaces.Namespace] {
        spaces()
        if takeNil() { return [] }
        var namespaces: [IMAPNamespaces.Namespace] = []
        try list { lexer throws(IMAPSyntaxProblem) in
            try lexer.open()
            lexer.spaces()
            let prefix = try lexer.nstring()?.array ?? []
            lexer.spaces()
            let delimiter = lexer.next == IMAPOctet.close ? nil : try lexer.delimiter()
            namespaces.append(IMAPNamespaces.Namespace(prefix: prefix, delimiter: delimiter))
            while !lexer.takeClose() {
                if lexer.isAtEnd { throw lexer.problem("a NAMESPACE without its end") }
                try lexer.skipValue()
            }
        }
        return namespaces
    }
}
