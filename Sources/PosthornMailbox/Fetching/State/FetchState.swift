import Posthorn

/// The records of what was fetched of an account into a place: a file that grows at its end.
///
/// Changes are made in memory and collected; ``write()`` appends them and brings them to the disk, all with one
/// `fsync`. Not `Sendable`: one task works with it, and a ``StateLock`` keeps the others out.
final class FetchState {
    /// Identifiers with more octets are not recorded; such messages are told apart by their content.
    static let idLimit = 4096
    /// The longest texts of an account and of a place's identity, in octets.
    static let accountLimit = 2048
    static let identityLimit = 512
    /// The most records.
    static let countLimit = 5_000_000

    /// What is known of a message.
    struct Record: Hashable, Sendable {
        /// Whether the server still lists the message.
        enum Presence: Hashable, Sendable {
            /// It was listed when the record was made, or later.
            case listed
            /// It was deleted by us, and the server confirmed it.
            case deleted
            /// It was missing from a list for the first time at that time, in seconds since 1970.
            case missing(since: Int64)
        }

        /// The key under which the place has it.
        var key: KeyWords
        /// `nil` if the record was made up from what the place held, after records had been lost.
        var digest: ContentDigest?
        /// When it was fetched, in seconds since 1970.
        var fetched: Int64
        /// The generation of the round that fetched it.
        var generation: UInt64
        var presence = Presence.listed

        /// Whether the content is that of the record's message.
        func matches(_ content: ContentDigest) -> Bool {
            digest.map { $0 == content } ?? (key.content == content.words.0)
        }
    }

    /// Under their names.
    private(set) var records: [RecordName: Record] = [:]
    /// Messages that were about to be put into the place when the file ended: only the place knows whether they are in it.
    private(set) var undecided: [RecordName] = []
    /// Keys that the place holds and nobody had recorded; which messages they are shows the next list.
    private(set) var held: Set<KeyWords> = []
    /// Odd while a round puts messages into the place; the next even number when it has ended.
    private(set) var generation: UInt64 = 0
    /// Whether a batch of the round that is under way (or was) is known to be in the place.
    private(set) var hasConfirmed = false
    /// Whether nothing was ever recorded here.
    private(set) var isNew = true

    /// Where it lies.
    let path: String
    private let header: StateHeader
    private let calls: JournalFile.Calls
    private var journal: JournalFile
    private var pending: [UInt8] = []
    private var pendingLines = 0
    private var lines = 0
    private var batch: UInt64 = 0

    /// Opens the records; makes the file if there is none. A last line, or a last group of lines, that never came to the
    /// disk as a whole is cut off.
    ///
    /// - Throws: ``MailError`` with code `storage` if the file cannot be read or is damaged: the file, the line, and what
    ///   to do; `misuse` if a name is too long.
    init(path: String, account: FetchAccount, identity: String, calls: JournalFile.Calls = .init()) throws {
        self.path = path
        self.calls = calls
        guard account.description.utf8.count <= Self.accountLimit, identity.utf8.count <= Self.identityLimit else {
            throw MailError(
                .misuse,
                "the account's text has \(account.description.utf8.count) octets and the place's \(identity.utf8.count); "
                    + "at most \(Self.accountLimit) and \(Self.identityLimit) are possible"
            )
        }
        header = StateHeader(account: account.description, identity: identity)
        if !JournalFile.exists(path) { try AtomicFile.write(header.line(lines: 0), to: path) }
        journal = try JournalFile(path: path, calls: calls)
        let octets = try journal.read()
        // A record takes about 150 octets.
        records.reserveCapacity(min(octets.count / 150, Self.countLimit))
        let reader = StateReader(path: path, octets: octets)
        let end = try reader.read(header) { change, batch in
            apply(change)
            lines += 1
            if let batch { self.batch = batch }
        }
        if end < octets.count { try journal.cut(to: end) }
    }

    /// Makes room for further records.
    func reserve(_ count: Int) {
        records.reserveCapacity(min(records.count + count, Self.countLimit))
    }

    /// Begins a round. Odd.
    func begin(_ generation: UInt64) { add(.begin(generation)) }

    /// Ends a round. Even.
    func end(_ generation: UInt64) { add(.end(generation)) }

    /// A message is about to be put into the place.
    ///
    /// - Throws: ``MailError`` with code `storage` if there are too many records.
    func intend(_ name: RecordName, _ record: Record) throws {
        guard records.count < Self.countLimit else {
            throw MailError(
                .storage,
                "'\(PeerText.shown(path))' holds \(Self.countLimit) records, the most that are kept; let messages be "
                    + "deleted from the server, or fetch into another place"
            )
        }
        add(.put(name, record, isDecided: false))
    }

    /// All messages that were about to be put into the place are in it.
    func confirm() { if !undecided.isEmpty { add(.done) } }

    /// A message is in the place.
    func adopt(_ name: RecordName, _ record: Record) { add(.put(name, record, isDecided: true)) }

    /// Forgets a record.
    func drop(_ name: RecordName) { add(.drop(name)) }

    /// Notes whether the server lists a message.
    func mark(_ name: RecordName, _ presence: Record.Presence) { add(.mark(name, presence)) }

    /// Notes keys that the place holds.
    func addHeld(_ key: KeyWords) { add(.held(key)) }

    /// Forgets the keys that turned out to be no message of the server.
    func releaseHeld() { if !held.isEmpty { add(.release) } }

    /// Brings the changes to the disk.
    ///
    /// - Throws: ``MailError`` with code `storage`. The file has to be opened anew then.
    func write() throws {
        guard pendingLines > 0 else { return }
        var octets: [UInt8] = []
        octets.reserveCapacity(pending.count + 40)
        StateChange.batch(batch &+ 1).append(to: &octets)
        octets.append(contentsOf: pending)
        pending.removeAll(keepingCapacity: true)
        try journal.append(octets)
        batch &+= 1
        lines += pendingLines + 1
        pendingLines = 0
    }

    /// Writes the file anew, without what is dead in it, if that is more than half of it.
    ///
    /// - Parameter least: Files with fewer lines are left as they are.
    /// - Throws: ``MailError`` with code `storage`.
    func compact(least: Int = 1024) throws {
        let living = records.count + held.count
        guard lines > least, lines / 2 > living, undecided.isEmpty, pendingLines == 0 else { return }
        var octets: [UInt8] = []
        octets.reserveCapacity(living * 192 + 256)
        var count = 1
        for (name, record) in records {
            StateChange.put(name, record, isDecided: true).append(to: &octets)
            count += 1
            guard record.presence != .listed else { continue }
            StateChange.mark(name, record.presence).append(to: &octets)
            count += 1
        }
        for key in held {
            StateChange.held(key).append(to: &octets)
            count += 1
        }
        StateChange.end(generation).append(to: &octets)
        try AtomicFile.write(header.line(lines: count) + octets, to: path)
        journal = try JournalFile(path: path, calls: calls)
        lines = count
        batch = 0
    }

    private func add(_ change: StateChange) {
        apply(change)
        change.append(to: &pending)
        pendingLines += 1
    }

    private func decide(_ name: RecordName) {
        // There are some after an interruption alone, and not more than fit into a batch.
        if !undecided.isEmpty { undecided.removeAll { $0 == name } }
    }

    private func apply(_ change: StateChange) {
        switch change {
        case .begin(let generation):
            self.generation = generation
            hasConfirmed = false
            isNew = false
        case .end(let generation):
            self.generation = generation
            isNew = false
        case .put(let name, let record, let isDecided):
            records[name] = record
            if isDecided {
                held.remove(record.key)
                decide(name)
            } else {
                undecided.append(name)
            }
        case .done:
            undecided.removeAll(keepingCapacity: true)
            hasConfirmed = true
        case .drop(let name):
            records[name] = nil
            decide(name)
        case .mark(let name, let presence): records[name]?.presence = presence
        case .held(let key): held.insert(key)
        case .release: held = []
        case .batch: break
        }
    }
}
