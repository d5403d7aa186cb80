import Posthorn

/// How LIST looks for folders, and what it says of each (RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590).
struct IMAPListOptions: Hashable, Sendable {
    /// Only those that are subscribed.
    var onlySubscribed = false
    /// Also those on other servers.
    var includesRemote = false
    /// With ``onlySubscribed``: also those above a folder that matches.
    var recursiveMatch = false
    /// Only those with a special use.
    var onlySpecialUse = false
    var returnsSubscribed = false
    var returnsChildren = false
    var returnsSpecialUse = false
    var returnsRights = false
    /// With the values of STATUS in responses of their own.
    var status: [IMAPStatusItem] = []

    /// Whether a server without LIST-EXTENDED understands it.
    var isPlain: Bool { self == IMAPListOptions() }

    var selection: [String] {
        var words: [String] = []
        if onlySubscribed { words.append("SUBSCRIBED") }
        if includesRemote { words.append("REMOTE") }
        if recursiveMatch { words.append("RECURSIVEMATCH") }
        if onlySpecialUse { words.append("SPECIAL-USE") }
        return words
    }

    var returned: [String] {
        var words: [String] = []
        if returnsSubscribed { words.append("SUBSCRIBED") }
        if returnsChildren { words.append("CHILDREN") }
        if returnsSpecialUse { words.append("SPECIAL-USE") }
        if returnsRights { words.append("MYRIGHTS") }
        if !status.isEmpty { words.append("STATUS (\(status.map(\.rawValue).joined(separator: " ")))") }
        return words
    }
}

/// What STATUS can be asked for.
enum IMAPStatusItem: String, CaseIterable, Hashable, Sendable {
    case messages = "MESSAGES"
    case recent = "RECENT"
    case uidNext = "UIDNEXT"
    case uidValidity = "UIDVALIDITY"
    case unseen = "UNSEEN"
    case deleted = "DELETED"
    case size = "SIZE"
    case deletedStorage = "DELETED-STORAGE"
    case highestModSequence = "HIGHESTMODSEQ"
    case appendLimit = "APPENDLIMIT"
    case mailboxID = "MAILBOXID"
}

/// What SELECT is told of the last visit (RFC 7162).
struct IMAPSelectParameters: Hashable, Sendable {
    /// What a client knows since its last visit.
    struct Resync: Hashable, Sendable {
        var uidValidity: UInt32
        var modSequence: UInt64
        /// The UIDs that it knows; `nil` for all.
        var knownUIDs: IMAPSequenceSet?
        /// Message numbers and their UIDs, some of those that it knows.
        var matches: (numbers: IMAPSequenceSet, uids: IMAPSequenceSet)?

        init(uidValidity: UInt32, modSequence: UInt64) {
            self.uidValidity = uidValidity
            self.modSequence = modSequence
        }

        static func == (one: Resync, other: Resync) -> Bool {
            one.uidValidity == other.uidValidity && one.modSequence == other.modSequence
                && one.knownUIDs == other.knownUIDs && one.matches?.numbers == other.matches?.numbers
                && one.matches?.uids == other.matches?.uids
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(uidValidity)
            hasher.combine(modSequence)
            hasher.combine(knownUIDs)
        }
    }

    /// Turns CONDSTORE on.
    var condstore = false
    /// Asks for what has changed. Only after ENABLE QRESYNC.
    var resync: Resync?
}

// Commands about folders (RFC 9051 section 6.3).
extension IMAPCommand {
    static func select(
        _ mailbox: IMAPMailboxName,
        isReadOnly: Bool = false,
        _ parameters: IMAPSelectParameters = IMAPSelectParameters()
    ) -> IMAPCommand {
        IMAPCommand(isReadOnly ? "EXAMINE" : "SELECT") { writer throws(MailError) in
            writer.space()
            try writer.mailbox(mailbox)
            if let resync = parameters.resync {
                guard resync.uidValidity > 0, resync.modSequence > 0 else {
                    throw MailError(
                        .misuse,
                        "QRESYNC needs a UIDVALIDITY and a modification sequence above 0; leave it out"
                    )
                }
                writer.raw(" (QRESYNC (\(resync.uidValidity) \(resync.modSequence)")
                if let known = resync.knownUIDs {
                    writer.space()
                    try writer.set(known)
                }
                if let matches = resync.matches {
                    // Without known UIDs the pair would be taken for them.
                    if resync.knownUIDs == nil { writer.raw(" 1:*") }
                    writer.raw(" (")
                    try writer.set(matches.numbers)
                    writer.space()
                    try writer.set(matches.uids)
                    writer.raw(")")
                }
                writer.raw("))")
            } else if parameters.condstore {
                writer.raw(" (CONDSTORE)")
            }
        }
    }

    /// - Parameter uses: With CREATE-SPECIAL-USE (RFC 6154) only.
    static func create(_ mailbox: IMAPMailboxName, uses: [MailFolder.Use] = []) -> IMAPCommand {
        IMAPCommand("CREATE") { writer throws(MailError) in
            writer.space()
            try writer.mailbox(mailbox)
            guard !uses.isEmpty else { return }
            writer.raw(" (USE ")
            try writer.list(uses) { writer, use throws(MailError) in try writer.flag(MessageFlag(use.description)) }
            writer.raw(")")
        }
    }

    static func delete(_ mailbox: IMAPMailboxName) -> IMAPCommand { about("DELETE", mailbox) }
    static func subscribe(_ mailbox: IMAPMailboxName) -> IMAPCommand { about("SUBSCRIBE", mailbox) }
    static func unsubscribe(_ mailbox: IMAPMailboxName) -> IMAPCommand { about("UNSUBSCRIBE", mailbox) }

    static func rename(_ mailbox: IMAPMailboxName, to name: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand("RENAME") { writer throws(MailError) in
            writer.space()
            try writer.mailbox(mailbox)
            writer.space()
            try writer.mailbox(name)
        }
    }

    static let namespace = IMAPCommand("NAMESPACE")

    /// - Parameter patterns: Several with LIST-EXTENDED only.
    static func list(
        reference: IMAPMailboxName = IMAPMailboxName(octets: []),
        patterns: [IMAPMailboxName],
        _ options: IMAPListOptions = IMAPListOptions()
    ) -> IMAPCommand {
        IMAPCommand("LIST") { writer throws(MailError) in
            guard !patterns.isEmpty else { throw MailError(.misuse, "LIST needs a pattern; give '*' for all folders") }
            if !options.selection.isEmpty { writer.raw(" (\(options.selection.joined(separator: " ")))") }
            writer.space()
            try writer.pattern(reference)
            writer.space()
            if patterns.count == 1 {
                try writer.pattern(patterns[0])
            } else {
                try writer.list(patterns) { writer, pattern throws(MailError) in try writer.pattern(pattern) }
            }
            if !options.returned.isEmpty { writer.raw(" RETURN (\(options.returned.joined(separator: " ")))") }
        }
    }

    /// What RFC 3501 has for subscriptions.
    static func lsub(reference: IMAPMailboxName, pattern: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand("LSUB") { writer throws(MailError) in
            writer.space()
            try writer.pattern(reference)
            writer.space()
            try writer.pattern(pattern)
        }
    }

    static func status(_ mailbox: IMAPMailboxName, _ items: [IMAPStatusItem]) -> IMAPCommand {
        IMAPCommand("STATUS") { writer throws(MailError) in
            guard !items.isEmpty else { throw MailError(.misuse, "STATUS needs something to ask for; give an item") }
            writer.space()
            try writer.mailbox(mailbox)
            writer.raw(" (\(items.map(\.rawValue).joined(separator: " ")))")
        }
    }

    static func about(_ name: String, _ mailbox: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand(name) { writer throws(MailError) in
            writer.space()
            try writer.mailbox(mailbox)
        }
    }
}

extension IMAPMailboxName {
    /// The name of a folder as it goes over the wire.
    init(_ name: String, isUTF8: Bool) {
        self.init(octets: isUTF8 ? Array(name.utf8) : Array(ModifiedUTF7.encoded(name).utf8))
    }

    /// The inbox.
    static let inbox = IMAPMailboxName(octets: Array("INBOX".utf8))
}
