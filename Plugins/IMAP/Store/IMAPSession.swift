public import Posthorn
import PosthornNet

/// A visit to an IMAP account, by one task. It begins in the inbox; ``select(_:)`` looks at another folder.
///
/// Deletions are marked in the session alone, and done by ``commit()``: an abandoned session has changed nothing. Flags,
/// appended and moved messages take effect at once, as IMAP has it.
public final class IMAPSession: StoreSession {
    let line: IMAPLine
    let account: String
    let store: IMAPStore
    /// The chosen folder's list; `nil` until it is asked for.
    var entries: [Entry]?
    var indices: [StoredMessage.ID: Int] = [:]
    /// The folders as they were listed last.
    var knownFolders: [IMAPFolder]?
    /// Whether a folder was chosen once, or was to be.
    private var hasChosen = false
    /// The highest UID that ``messages()`` has told of the chosen folder; `nil` if it was not asked.
    var highestListed: UInt32?
    /// What is to be deleted at the end, by folder.
    var marked: [Folder: Set<UInt32>] = [:]
    private var hasEnded = false

    /// A message of the chosen folder.
    struct Entry {
        var uid: UInt32
        var size: UInt64
        var id: StoredMessage.ID
    }

    /// A folder with the meaning of its UIDs at the time.
    struct Folder: Hashable {
        var name: String
        var uidValidity: UInt32
    }

    init(line: IMAPLine, store: IMAPStore) {
        self.line = line
        self.store = store
        account = store.account
    }

    /// What the server announced.
    public var capabilities: IMAPCapabilities { line.capabilities }

    /// The messages of the chosen folder, in the order of their UIDs, which is that of their arrival.
    public func messages() async throws -> [StoredMessage] {
        try await used {
            entries = nil
            let list = try await list()
            highestListed = list.last?.uid ?? 0
            return list.map { StoredMessage(id: $0.id, size: $0.size) }
        }
    }

    /// The content of a message: each reader fetches it anew, without marking it as read. One is read at a time.
    public func content(of id: StoredMessage.ID) async throws -> MessageContent {
        try await used {
            let entry = try await entry(id)
            return MessageContent(IMAPContent(line: line, epoch: line.epoch, uid: entry.uid, id: id, account: account))
        }
    }

    /// What else the session can do.
    public func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface? {
        if Interface.self == (any QuotaReporting).self, !capabilities.offers("QUOTA") { return nil }
        return self as? Interface
    }

    /// Deletes what was marked, and ends the session. Other messages that somebody has marked with `\Deleted` stay.
    ///
    /// - Throws: ``MailError``. What was deleted by then is gone.
    public func commit() async throws {
        try guardReading()
        try await named {
            try guardEnd()
            try line.claim()
            hasEnded = true
            do {
                try await line.finishStream()
                for (folder, uids) in marked.sorted(by: { $0.key.name < $1.key.name }) {
                    try await expunge(uids, in: folder)
                }
            } catch {
                line.connection.abort()
                line.beginEpoch()
                line.release()
                throw error
            }
            await store.give(back: line)
        }
    }

    /// Ends the session. Nothing is deleted.
    public func abandon() async {
        guard !hasEnded else { return }
        hasEnded = true
        // Somebody is still reading: the connection cannot be used for anything else.
        guard (try? line.claim()) != nil else { return line.connection.abort() }
        await store.give(back: line)
    }

    // MARK: For the extensions

    /// Does something with the connection, alone, behind whatever was being read.
    func used<Result>(_ work: () async throws -> Result) async throws -> Result {
        try guardReading()
        try guardEnd()
        return try await named {
            try line.claim()
            defer { line.release() }
            try await line.finishStream()
            return try await work()
        }
    }

    private func guardEnd() throws {
        guard !hasEnded else {
            throw MailError(
                .misuse,
                "the session with \(line.server) has ended; work with it inside the scope of withSession, or open another one",
                account: account
            )
        }
    }

    private func guardReading() throws {
        guard !line.isReadingEach else {
            throw MailError(
                .misuse,
                "the session with \(line.server) cannot be used inside of readEach; note what is to be done, and do it behind it",
                account: account
            )
        }
    }

    /// Errors get the account's name.
    func named<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch {
            throw store.named(error)
        }
    }

    /// The chosen folder; the inbox is chosen if none is yet.
    func mailbox() async throws -> IMAPSelectedMailbox {
        if let mailbox = line.mailbox { return mailbox }
        // The inbox is not what somebody means who has chosen another folder.
        guard !hasChosen else {
            throw MailError(
                .misuse,
                "no folder is chosen at \(line.server) any more: the last choice failed, or the folder was renamed or deleted; "
                    + "choose one"
            )
        }
        return try await open(.inbox, named: "INBOX")
    }

    /// Chooses a folder.
    @discardableResult
    func open(_ wire: IMAPMailboxName, named name: String) async throws -> IMAPSelectedMailbox {
        entries = nil
        indices = [:]
        highestListed = nil
        hasChosen = true
        line.beginEpoch()
        // What comes from now on belongs to the new folder, and to none if it cannot be chosen.
        line.mailbox = IMAPSelectedMailbox(name: name, isReadOnly: false)
        do {
            try await line.run(.select(wire))
        } catch {
            line.mailbox = nil
            throw error
        }
        guard let mailbox = line.mailbox, mailbox.uidValidity > 0 else {
            line.mailbox = nil
            throw line.violation("no UIDVALIDITY for the folder '\(PeerText.shown(name, limit: 100))'")
        }
        return mailbox
    }

    /// The list of the chosen folder.
    func list() async throws -> [Entry] {
        if let entries { return entries }
        let mailbox = try await mailbox()
        var sizes: [UInt32: UInt64] = [:]
        for attempt in 1...3 {
            sizes = [:]
            guard line.mailbox?.count ?? 0 > 0 else { break }
            let before = line.mailbox?.vanished.count
            var expunges = 0
            try await line.run(.fetch(.all, [.uid, .size])) { response in
                switch response {
                case .fetch(let message):
                    guard let uid = message.uid else { return }
                    sizes[uid] = message.size ?? sizes[uid] ?? 0
                case .expunged, .vanished: expunges += 1
                default: break
                }
            }
            // A message that went meanwhile may be in the list: it is made anew, unless the folder never rests.
            if expunges == 0 && before == line.mailbox?.vanished.count || attempt == 3 { break }
        }
        let uids = sizes.keys.sorted()
        line.mailbox?.list(uids)
        let validity = mailbox.uidValidity
        let made = uids.map { uid in
            Entry(uid: uid, size: sizes[uid] ?? 0, id: StoredMessage.ID("\(validity).\(uid)"))
        }
        entries = made
        indices = [:]
        indices.reserveCapacity(made.count)
        for (index, entry) in made.enumerated() { indices[entry.id] = index }
        return made
    }

    /// The entry of a message.
    func entry(_ id: StoredMessage.ID) async throws -> Entry {
        let list = try await list()
        guard let index = indices[id] else { throw Self.notThere(id, line.server) }
        return list[index]
    }

    /// The UIDs of messages; all of them must be there.
    func uids(_ ids: [StoredMessage.ID]) async throws -> [UInt32] {
        var uids: [UInt32] = []
        uids.reserveCapacity(ids.count)
        for id in ids { uids.append(try await entry(id).uid) }
        return uids
    }

    static func notThere(_ id: StoredMessage.ID, _ server: String) -> MailError {
        MailError(
            .notFound,
            "there is no message '\(PeerText.shown(id.description, limit: 100))' in the folder at \(server) (any more); list the "
                + "messages again"
        )
    }
}

extension IMAPSession: MessageDeletion {
    /// Marks messages for deletion. They go with ``commit()``.
    public func delete(_ ids: [StoredMessage.ID]) async throws {
        try await used {
            let uids = try await uids(ids)
            let mailbox = try await mailbox()
            marked[Folder(name: mailbox.name, uidValidity: mailbox.uidValidity), default: []].formUnion(uids)
        }
    }

    /// Deletes messages of a folder and no others.
    func expunge(_ uids: Set<UInt32>, in folder: Folder) async throws {
        guard !uids.isEmpty else { return }
        if line.mailbox?.name != folder.name { try await open(try await wireName(folder.name), named: folder.name) }
        guard line.mailbox?.uidValidity == folder.uidValidity else {
            throw MailError(
                .notFound,
                "the messages of the folder '\(PeerText.shown(folder.name, limit: 100))' at \(line.server) were numbered anew "
                    + "since they were marked for deletion; none of them was deleted: list them again"
            )
        }
        let set = IMAPSequenceSet(uids)
        if capabilities.hasUIDPLUS {
            for piece in set.pieces(of: Self.commandLimit) {
                try await line.run(.store(piece, .add, [.deleted]))
                try await line.run(.expunge(uids: piece))
            }
            return
        }
        // EXPUNGE takes everything that is marked: what others have marked is unmarked meanwhile.
        var others: Set<UInt32> = []
        try await line.run(.search(.flag(.deleted))) { response in
            if case .search(let found) = response { others.formUnion(found.numbers) }
        }
        others.subtract(uids)
        for piece in IMAPSequenceSet(others).pieces(of: Self.commandLimit) where !others.isEmpty {
            try await line.run(.store(piece, .remove, [.deleted]))
        }
        for piece in set.pieces(of: Self.commandLimit) { try await line.run(.store(piece, .add, [.deleted])) }
        try await line.run(.expunge)
        for piece in IMAPSequenceSet(others).pieces(of: Self.commandLimit) where !others.isEmpty {
            try await line.run(.store(piece, .add, [.deleted]))
        }
    }

    /// Servers limit the length of a command (RFC 7162 section 4).
    static let commandLimit = 4_000
}

extension MessageFlag {
    /// The message is to go when the folder is expunged.
    static let deleted = MessageFlag("\\Deleted")
}
