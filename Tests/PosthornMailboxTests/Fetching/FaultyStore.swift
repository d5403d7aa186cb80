import Posthorn
import PosthornTesting
import Synchronization

/// A store in memory whose every step can fail, and that can behave like servers without lasting names.
final class FaultyStore: IncomingStore {
    struct Habits {
        /// Makes the names that the store gives out, from its place in the list and its true name.
        var name: @Sendable (Int, String) -> String = { _, name in name }
        var isIDLasting = true
        var canDelete = true
        var tellsSizes = true
        /// What reading the message of that true name leads to.
        var failures: [String: MailError] = [:]
        /// The server says that it deleted, and did not.
        var forgetsDeletions = false
        /// Lists nothing, whatever there is.
        var listsNothing = false
    }

    let base = InMemoryStore()
    let clock: FaultClock
    private let kept = Mutex(Habits())
    /// How often a content was read.
    let reads = Atomic(0)

    init(clock: FaultClock = FaultClock()) { self.clock = clock }

    var habits: Habits {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }

    func openSession() async throws -> sending Session {
        try clock.step()
        return Session(try await base.openSession(), self, habits)
    }

    final class Session: StoreSession, MessageDeletion, FolderAccess {
        let base: InMemoryStoreSession
        let store: FaultyStore
        let habits: Habits
        var names: [String: StoredMessage.ID] = [:]

        init(_ base: sending InMemoryStoreSession, _ store: FaultyStore, _ habits: Habits) {
            self.base = base
            self.store = store
            self.habits = habits
        }

        func messages() async throws -> [StoredMessage] {
            try store.clock.step()
            if habits.listsNothing { return [] }
            names = [:]
            return try await base.messages().enumerated().map { index, message in
                let name = habits.name(index, message.id.description)
                names[name] = message.id
                return StoredMessage(
                    id: .init(name),
                    size: habits.tellsSizes ? message.size : nil,
                    isIDLasting: habits.isIDLasting
                )
            }
        }

        private func trueName(_ id: StoredMessage.ID) throws -> StoredMessage.ID {
            guard let name = names[id.description] else { throw MailError(.notFound, "there is no such message") }
            return name
        }

        func content(of id: StoredMessage.ID) async throws -> MessageContent {
            try store.clock.step()
            let name = try trueName(id)
            if let error = habits.failures[name.description] { throw error }
            store.reads.add(1, ordering: .relaxed)
            return try await base.content(of: name)
        }

        func readEach(
            _ ids: [StoredMessage.ID],
            _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
        ) async throws {
            for id in ids {
                var reader: any ContentReader
                do {
                    reader = try await content(of: id).makeReader()
                } catch let error as MailError {
                    reader = Failing(error: error)
                }
                try await body(id, &reader)
            }
        }

        struct Failing: ContentReader {
            let error: MailError
            mutating func read(into buffer: inout [UInt8]) async throws -> Bool { throw error }
        }

        func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface? {
            capability.name == "deletion" && !habits.canDelete ? nil : self as? Interface
        }

        func delete(_ ids: [StoredMessage.ID]) async throws {
            try store.clock.step()
            let names = try ids.map(trueName)
            if !habits.forgetsDeletions { try await base.delete(names) }
        }

        func folders() async throws -> [MailFolder] { try await base.folders() }

        func select(_ folder: String) async throws { try await base.select(folder) }

        func commit() async throws {
            try store.clock.step()
            try await base.commit()
            // The server has done it, and the answer is lost.
            try store.clock.step()
        }

        func abandon() async { await base.abandon() }
    }
}
