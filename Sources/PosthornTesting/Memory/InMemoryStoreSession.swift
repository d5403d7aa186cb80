public import Posthorn
import Synchronization

/// A visit to an ``InMemoryStore``.
public final class InMemoryStoreSession: StoreSession {
    /// Tells contents that were opened in the session whether it still lasts.
    final class Life: Sendable {
        private let ended = Atomic(false)

        func end() { ended.store(true, ordering: .relaxed) }

        /// - Throws: ``MailError`` with code `misuse` after the end.
        func check() throws {
            guard !ended.load(ordering: .relaxed) else {
                throw MailError(
                    .misuse,
                    "the session has ended; work with it inside the scope of withSession, or open another one"
                )
            }
        }
    }

    let state: Watched<InMemoryStore.State>
    let life = Life()
    var folder = "INBOX"
    private var marked: Set<StoredMessage.ID> = []
    private var listed: Set<StoredMessage.ID> = []

    init(_ state: Watched<InMemoryStore.State>) {
        self.state = state
    }

    /// The messages of the chosen folder, oldest first; those marked for deletion included.
    public func messages() async throws -> [StoredMessage] {
        try life.check()
        let entries = try entries()
        listed = Set(entries.map(\.id))
        return entries.map { StoredMessage(id: $0.id, size: UInt64($0.bytes.count)) }
    }

    /// The content of a message of the chosen folder.
    public func content(of id: StoredMessage.ID) async throws -> MessageContent {
        try life.check()
        return MessageContent(StoredContent(base: .bytes(try entry(id).bytes), life: life))
    }

    /// Ends the session and deletes what was marked.
    public func commit() async throws {
        try life.check()
        life.end()
        let gone = marked
        guard !gone.isEmpty else { return }
        state.change { state in
            for folder in state.folders.keys { state.folders[folder]?.removeAll { gone.contains($0.id) } }
        }
    }

    /// Ends the session. Nothing is deleted.
    public func abandon() async {
        life.end()
    }

    func entries() throws -> [InMemoryStore.Entry] {
        guard let entries = state.current.folders[folder] else { throw Self.noFolder(folder) }
        return entries
    }

    func entry(_ id: StoredMessage.ID) throws -> InMemoryStore.Entry {
        guard let entry = try entries().first(where: { $0.id == id }) else { throw Self.noMessage(id) }
        return entry
    }

    static func noMessage(_ id: StoredMessage.ID) -> MailError {
        MailError(
            .notFound,
            "there is no message '\(PeerText.shown(id.description))' in the folder (any more); list the messages again"
        )
    }

    static func noFolder(_ name: String) -> MailError {
        MailError(.notFound, "there is no folder '\(PeerText.shown(name))'; list the folders to see which there are")
    }
}

extension InMemoryStoreSession: MessageDeletion {
    /// Marks messages of the chosen folder for deletion.
    public func delete(_ ids: [StoredMessage.ID]) async throws {
        try life.check()
        for id in ids { _ = try entry(id) }
        marked.formUnion(ids)
    }
}

extension InMemoryStoreSession: FlagStorage {
    /// The flags of messages of the chosen folder.
    public func flags(of ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: Set<MessageFlag>] {
        try life.check()
        let wanted = Set(ids)
        return Dictionary(
            try entries().filter { wanted.contains($0.id) }.map { ($0.id, $0.flags) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Replaces the flags of messages of the chosen folder, at once.
    public func setFlags(_ flags: Set<MessageFlag>, of ids: [StoredMessage.ID]) async throws {
        try change(ids) { $0 = flags }
    }

    /// Adds and takes away flags of messages of the chosen folder, at once.
    public func changeFlags(
        of ids: [StoredMessage.ID],
        adding: Set<MessageFlag>,
        removing: Set<MessageFlag>
    ) async throws {
        try change(ids) { $0 = $0.subtracting(removing).union(adding) }
    }

    private func change(_ ids: [StoredMessage.ID], _ body: (inout Set<MessageFlag>) -> Void) throws {
        try life.check()
        for id in ids { _ = try entry(id) }
        let (folder, wanted) = (folder, Set(ids))
        state.change { state in
            for index in (state.folders[folder] ?? []).indices {
                guard var entry = state.folders[folder]?[index], wanted.contains(entry.id) else { continue }
                body(&entry.flags)
                state.folders[folder]?[index] = entry
            }
        }
    }
}

extension InMemoryStoreSession: HeaderReading {
    /// Reads the beginnings of messages of the chosen folder.
    public func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws {
        try life.check()
        for id in ids {
            guard let entry = try entries().first(where: { $0.id == id }) else { continue }
            try await body(id, Self.beginning(of: entry.bytes, bodyLines: bodyLines))
        }
    }

    private static func beginning(of octets: [UInt8], bodyLines: Int) -> [UInt8] {
        var position = 0
        var linesLeft: Int?
        while position < octets.count, linesLeft != 0 {
            let feed = octets[position...].firstIndex(of: UInt8(ascii: "\n")) ?? octets.count - 1
            let isEmpty = octets[position...feed].allSatisfy { $0 == 0x0D || $0 == 0x0A }
            linesLeft = if let left = linesLeft { left - 1 } else if isEmpty { max(0, bodyLines) } else { nil }
            position = feed + 1
        }
        return Array(octets[..<position])
    }
}

extension InMemoryStoreSession: FolderAccess {
    /// The folders in alphabetical order, the inbox first.
    public func folders() async throws -> [MailFolder] {
        try life.check()
        let others = state.current.folders.keys.filter { $0 != "INBOX" }.sorted()
        return ((state.current.folders["INBOX"] == nil ? [] : ["INBOX"]) + others).map { MailFolder(name: $0) }
    }

    /// Makes the session look at another folder.
    public func select(_ folder: String) async throws {
        try life.check()
        guard state.current.folders[folder] != nil else { throw Self.noFolder(folder) }
        self.folder = folder
        listed = []
    }
}

extension InMemoryStoreSession: MessageAppending {
    /// Puts a message into the chosen folder.
    public func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID? {
        try life.check()
        let bytes = try await content.collect(upTo: 1 << 30)
        let folder = folder
        return try state.change { state throws(MailError) in
            guard state.folders[folder] != nil else { throw Self.noFolder(folder) }
            return try state.add(bytes, flags: flags, to: folder)
        }
    }
}

extension InMemoryStoreSession: ArrivalWatching {
    /// Returns when the chosen folder holds a message that was not listed.
    public func waitForArrivals() async throws {
        try life.check()
        let known = listed
        let folder = folder
        try await state.wait { state in
            state.folders[folder]?.contains { !known.contains($0.id) } ?? false
        }
    }
}

extension InMemoryStoreSession: QuotaReporting {
    /// Octets of all messages, and the limit that the store was made with.
    public func quota() async throws -> StoreQuota {
        try life.check()
        let state = state.current
        return StoreQuota(used: state.used, limit: state.quotaLimit)
    }
}

/// The content of a stored message, readable while the session lasts.
private struct StoredContent: ContentSource {
    let base: MessageContent
    let life: InMemoryStoreSession.Life

    func facts(for form: ContentForm) async throws -> ContentFacts {
        try life.check()
        return try await base.facts(for: form)
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        try life.check()
        return Reader(base: try await base.makeReader(for: form), life: life)
    }

    struct Reader: ContentReader {
        var base: any ContentReader
        let life: InMemoryStoreSession.Life

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            try life.check()
            return try await base.read(into: &buffer)
        }
    }
}
