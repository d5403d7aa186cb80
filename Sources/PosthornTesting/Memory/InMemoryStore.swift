public import Posthorn

/// A store whose mail lives in memory, for tests of programs that fetch.
///
/// It can do all that stores can do: folders, flags, deletion, appending, arrivals, quota. Safe to use from several
/// tasks at once; each session belongs to one.
public final class InMemoryStore: IncomingStore {
    /// A message of the store, for tests to look at.
    public struct Entry: Sendable, Identifiable {
        /// The message's name, which never changes and is never used again.
        public var id: StoredMessage.ID
        /// The octets of the message.
        public var bytes: [UInt8]
        /// Its flags.
        public var flags: Set<MessageFlag>
    }

    struct State: Sendable {
        var folders: [String: [Entry]] = ["INBOX": []]
        var lastNumber: UInt64 = 0
        var quotaLimit: UInt64?
        var openingError: MailError?

        var used: UInt64 {
            folders.values.reduce(0) { $0 &+ $1.reduce(0) { $0 &+ UInt64($1.bytes.count) } }
        }

        /// - Throws: ``MailError`` with code `storage` if the quota does not allow it.
        mutating func add(
            _ bytes: [UInt8],
            flags: Set<MessageFlag>,
            to folder: String
        ) throws(MailError) -> StoredMessage.ID {
            if let quotaLimit, used &+ UInt64(bytes.count) > quotaLimit {
                throw MailError(
                    .storage,
                    "the store is full: \(used) of \(quotaLimit) octets are used and \(bytes.count) were to be added; "
                        + "delete messages first"
                )
            }
            lastNumber &+= 1
            let id = StoredMessage.ID("memory-\(lastNumber)")
            folders[folder, default: []].append(Entry(id: id, bytes: bytes, flags: flags))
            return id
        }
    }

    let state = Watched(State())

    /// Creates a store with an empty inbox.
    ///
    /// - Parameter quotaLimit: The octets that all messages together may have; `nil` for no limit.
    public init(quotaLimit: UInt64? = nil) {
        state.change { $0.quotaLimit = quotaLimit }
    }

    /// Puts a message into a folder, as if it had just arrived. The folder is made if it does not exist.
    ///
    /// - Returns: the message's name.
    /// - Throws: ``MailError`` with code `storage` if the quota does not allow it.
    @discardableResult
    public func deliver(_ bytes: [UInt8], to folder: String = "INBOX") throws -> StoredMessage.ID {
        try state.change { state throws(MailError) in try state.add(bytes, flags: [], to: folder) }
    }

    /// Puts the UTF-8 octets of a text into a folder, as if it had just arrived.
    @discardableResult
    public func deliver(_ text: String, to folder: String = "INBOX") throws -> StoredMessage.ID {
        try deliver(Array(text.utf8), to: folder)
    }

    /// Makes a folder. Nothing happens if there is one of that name.
    public func createFolder(_ name: String) {
        state.change { $0.folders[name] = $0.folders[name] ?? [] }
    }

    /// The messages of a folder, oldest first; none if there is no such folder.
    public func messages(in folder: String = "INBOX") -> [Entry] {
        state.current.folders[folder] ?? []
    }

    /// Takes a message away, as if another program had deleted it.
    public func remove(_ id: StoredMessage.ID) {
        state.change { state in
            for folder in state.folders.keys { state.folders[folder]?.removeAll { $0.id == id } }
        }
    }

    /// From now on ``openSession()`` throws this error; with `nil` it works again.
    public func setOpeningError(_ error: MailError?) {
        state.change { $0.openingError = error }
    }

    /// Opens a session. Any number may be open at once.
    ///
    /// - Throws: the error of ``setOpeningError(_:)``; ``MailError`` with code `cancelled`.
    public func openSession() async throws -> sending InMemoryStoreSession {
        guard !Task.isCancelled else {
            throw MailError(.cancelled, "the task was cancelled before the store was opened")
        }
        if let error = state.current.openingError { throw error }
        return InMemoryStoreSession(state)
    }
}
