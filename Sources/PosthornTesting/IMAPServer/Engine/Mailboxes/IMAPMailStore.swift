import Synchronization

/// The mailboxes of a server, which all its connections share.
final class IMAPMailStore: Sendable {
    struct Message: Sendable {
        let uid: UInt32
        var flags: [String]
        let internalDate: String
        let content: IMAPContent
        let listedSize: UInt64?
        var modificationSequence: UInt64

        /// The size that the server tells.
        var size: UInt64 { listedSize ?? content.size }

        /// Whether it has a flag, in any case.
        func has(_ flag: String) -> Bool {
            flags.contains(flag) || flags.contains { $0.lowercased() == flag.lowercased() }
        }
    }

    struct Mailbox: Sendable {
        var name: String
        var attributes: [String]
        var uidValidity: UInt32
        var uidNext: UInt32
        /// How often the messages were numbered anew.
        var numbering = 0
        var isReadOnly: Bool
        var takesKeywords: Bool
        /// In ascending order of their UIDs.
        var messages: [Message] = []
        /// The number of the last change.
        var sequence: UInt64 = 1
        /// What is gone: the numbers of the changes, and UIDs.
        var expunged: [(sequence: UInt64, uid: UInt32)] = []

        var isSelectable: Bool { !attributes.contains { ["\\noselect", "\\nonexistent"].contains($0.lowercased()) } }
        var size: UInt64 { messages.reduce(0) { $0 &+ $1.size } }

        /// Those of the flags that can be kept: a mailbox may take no new keywords.
        func keepable(_ flags: [String]) -> [String] {
            takesKeywords ? flags : flags.filter { flag in flag.hasPrefix("\\") || messages.contains { $0.has(flag) } }
        }

        func position(of uid: UInt32) -> Int? {
            var low = 0
            var high = messages.count
            while low < high {
                let middle = (low + high) / 2
                if messages[middle].uid < uid { low = middle + 1 } else { high = middle }
            }
            return low < messages.count && messages[low].uid == uid ? low : nil
        }

        /// Adds a message; its UID must be greater than all others, 0 stands for the next one.
        mutating func add(_ message: IMAPServerMessage, _ content: IMAPContent? = nil) -> UInt32? {
            let uid = message.uid == 0 ? uidNext : message.uid
            guard uid > (messages.last?.uid ?? 0), uid < .max else { return nil }
            messages.append(
                Message(
                    uid: uid,
                    flags: message.flags,
                    internalDate: message.internalDate,
                    content: content ?? IMAPContent(message.content),
                    listedSize: message.listedSize,
                    modificationSequence: sequence
                )
            )
            uidNext = max(uidNext, uid + 1)
            return uid
        }

        /// Removes messages.
        mutating func remove(_ uids: Set<UInt32>) {
            guard !uids.isEmpty else { return }
            sequence += 1
            for message in messages where uids.contains(message.uid) { expunged.append((sequence, message.uid)) }
            messages.removeAll { uids.contains($0.uid) }
        }
    }

    struct Account: Sendable {
        var mailboxes: [String: Int] = [:]
        var subscriptions: Set<String> = []
    }

    struct State: Sendable {
        var accounts: [String: Account] = [:]
        var mailboxes: [Int: Mailbox] = [:]
        var nextID = 1
        var separator: Character?
        /// The greatest UIDVALIDITY so far: a mailbox that is made anew has a greater one.
        var validity: UInt32 = 0
        /// Which connections look at which mailbox, and how they are told that something has changed.
        var watchers: [Int: (mailbox: Int, alarm: @Sendable () -> Void)] = [:]

        /// Adds a mailbox, and those above it that there are not, which hold nothing.
        mutating func add(_ mailbox: Mailbox, of user: String) {
            for parent in parents(of: mailbox.name) where id(parent, of: user) == nil {
                insert(IMAPMailStore.mailbox(IMAPServerMailbox(parent, attributes: ["\\Noselect"])), of: user)
            }
            insert(mailbox, of: user)
        }

        private mutating func insert(_ mailbox: Mailbox, of user: String) {
            mailboxes[nextID] = mailbox
            validity = max(validity, mailbox.uidValidity)
            accounts[user, default: Account()].mailboxes[mailbox.name] = nextID
            nextID += 1
        }

        /// The names above a name.
        func parents(of name: String) -> [String] {
            guard let separator else { return [] }
            return name.indices.filter { name[$0] == separator && $0 > name.startIndex }.map { String(name[..<$0]) }
        }

        func id(_ name: String, of user: String) -> Int? { accounts[user]?.mailboxes[IMAPMailStore.canonical(name)] }

        func size(of user: String) -> UInt64 {
            accounts[user]?.mailboxes.values.reduce(0) { $0 &+ (mailboxes[$1]?.size ?? 0) } ?? 0
        }
    }

    private let state = Mutex(State())

    init(_ configuration: IMAPServerConfiguration) {
        var made = State()
        made.separator = configuration.separator
        for user in Set(configuration.users.keys).union(configuration.mailboxes.keys)
            .union(configuration.preauthenticatedUser.map { [$0] } ?? [])
        {
            var given = configuration.mailboxes[user] ?? []
            if !given.contains(where: { Self.canonical($0.name) == "INBOX" }) {
                given.insert(IMAPServerMailbox("INBOX"), at: 0)
            }
            // Parents that are given themselves come first.
            for mailbox in given.sorted(by: { $0.name < $1.name }) {
                made.add(Self.mailbox(mailbox), of: user)
                if mailbox.isSubscribed { made.accounts[user]?.subscriptions.insert(Self.canonical(mailbox.name)) }
            }
        }
        let initial = made
        state.withLock { $0 = initial }
    }

    /// `INBOX` is the same in any case.
    static func canonical(_ name: String) -> String { name.uppercased() == "INBOX" ? "INBOX" : name }

    static func mailbox(_ given: IMAPServerMailbox) -> Mailbox {
        var mailbox = Mailbox(
            name: canonical(given.name),
            attributes: given.attributes,
            uidValidity: max(1, given.uidValidity),
            uidNext: 1,
            isReadOnly: given.isReadOnly,
            takesKeywords: given.takesKeywords
        )
        // Those with UIDs in their order, and the others behind them.
        for message in given.messages.filter({ $0.uid > 0 }).sorted(by: { $0.uid < $1.uid }) {
            _ = mailbox.add(message)
        }
        for message in given.messages where message.uid == 0 { _ = mailbox.add(message) }
        mailbox.uidNext = max(mailbox.uidNext, given.uidNext)
        return mailbox
    }

    /// Looks at the state.
    func read<Result: Sendable>(_ body: (State) -> Result) -> Result { state.withLock { body($0) } }

    /// Changes the state and wakes the sessions that look at the mailbox.
    ///
    /// - Parameter body: Gives the mailboxes that have changed, and a result.
    func change<Result: Sendable>(_ body: (inout State) -> (changed: [Int], result: Result)) -> Result {
        let (result, alarms) = state.withLock { state -> (Result, [@Sendable () -> Void]) in
            let (changed, result) = body(&state)
            return (result, state.watchers.values.filter { changed.contains($0.mailbox) }.map(\.alarm))
        }
        for alarm in alarms { alarm() }
        return result
    }

    /// Changes a mailbox, and wakes those that look at it; `nil` if it is gone.
    func change<Result: Sendable>(_ id: Int, _ body: (inout Mailbox) -> Result) -> Result? {
        change { state in
            // Taken out, so that the messages are not copied.
            guard var mailbox = state.mailboxes.removeValue(forKey: id) else { return ([], nil) }
            let result = body(&mailbox)
            state.mailboxes[id] = mailbox
            return ([id], result)
        }
    }

    func id(_ name: String, of user: String) -> Int? { read { $0.id(name, of: user) } }
    func mailbox(_ id: Int) -> Mailbox? { read { $0.mailboxes[id] } }

    func watch(_ mailbox: Int, by connection: Int, _ alarm: @escaping @Sendable () -> Void) {
        state.withLock { $0.watchers[connection] = (mailbox, alarm) }
    }

    func unwatch(by connection: Int) { state.withLock { _ = $0.watchers.removeValue(forKey: connection) } }
}
