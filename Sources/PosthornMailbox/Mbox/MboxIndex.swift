import Posthorn
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is known of the messages of an mbox. It is found out anew when somebody has changed the file.
final class MboxIndex: Sendable {
    /// Tells one state of the file from another.
    struct Stamp: Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var time: Int64

        init(_ status: stat) {
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(truncatingIfNeeded: status.st_ino)
            size = Int64(status.st_size)
            time = DirectoryHandle.nanoseconds(status)
        }

        /// The state of an open file.
        init(_ descriptor: CInt, _ path: String) throws {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw StorageFailure.error(path, "looked at", errno) }
            self.init(status)
        }
    }

    /// The messages of one state of the file.
    struct State: Sendable {
        var stamp: Stamp
        var file: OpenFile
        var entries: [MboxEntry]
        var positions: [StoredMessage.ID: Int] = [:]
        /// How many messages have the same hash.
        var counts: [String: Int] = [:]

        init(stamp: Stamp, file: OpenFile, entries: [MboxEntry]) {
            (self.stamp, self.file, self.entries) = (stamp, file, [])
            for entry in entries { add(entry) }
        }

        mutating func add(_ entry: MboxEntry) {
            // What was written between the two belongs to the one before: without it they would become one.
            if let last = entries.indices.last, entries[last].next < entry.from { entries[last].next = entry.from }
            positions[entry.id] = entries.count
            counts[entry.digest, default: 0] += 1
            entries.append(entry)
        }

        func entry(_ id: StoredMessage.ID) -> MboxEntry? {
            positions[id].map { entries[$0] }
        }
    }

    let path: String
    let lockLimit: Duration
    private let known = Mutex<State?>(nil)

    init(path: String, lockLimit: Duration) {
        (self.path, self.lockLimit) = (path, lockLimit)
    }

    /// The messages as the file is now.
    ///
    /// - Throws: ``MailError`` with code `not-found` if there is no file, `unavailable` if it is locked for too long,
    ///   `content-unavailable` if it cannot be read or is no mbox.
    func current() async throws -> State {
        if let state = fresh() { return state }
        guard let (lock, _) = try await MboxLock.take(path, writing: false, within: lockLimit) else {
            throw Self.missing(path)
        }
        defer { withExtendedLifetime(lock) {} }
        return try await BlockingWork.run { [self] in try scan() }
    }

    /// The same, for those who hold the lock.
    func currentWhileLocked() async throws -> State {
        if let state = fresh() { return state }
        return try await BlockingWork.run { [self] in try scan() }
    }

    /// Keeps what a change of ours has made of the file.
    func keep(_ state: State) {
        known.withLock { $0 = state }
    }

    private func fresh() -> State? {
        var status = stat()
        guard let state = known.withLock({ $0 }), stat(path, &status) == 0, Stamp(status) == state.stamp else {
            return nil
        }
        return state
    }

    private func scan() throws -> State {
        guard let file = try OpenFile(path: path) else { throw Self.missing(path) }
        let state = State(
            stamp: try Stamp(file.descriptor, path),
            file: file,
            entries: try MboxScanner.scan(file)
        )
        keep(state)
        return state
    }

    static func missing(_ path: String) -> MailError {
        MailError(.notFound, "there is no mbox at '\(PeerText.shown(path))'; correct the path, or create it")
    }
}
