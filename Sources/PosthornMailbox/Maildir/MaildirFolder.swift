import Posthorn
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open folder: its three directories, and where its messages were last seen.
///
/// Other programs move and rename files at any time; a message is found again by its base name.
final class MaildirFolder: Sendable {
    /// The directory that holds the others.
    let root: DirectoryHandle
    let tmp: DirectoryHandle
    let new: DirectoryHandle
    let cur: DirectoryHandle
    let calls: FileCalls

    /// Where a message's file was seen.
    struct Place {
        var isNew: Bool
        var name: FileName
    }

    private let places = Mutex<[StoredMessage.ID: Place]>([:])

    /// Opens a folder. Directories that are missing are made, if one of `new` and `cur` is there.
    ///
    /// - Parameter isCreating: makes them also if none is there.
    /// - Returns: `nil` if it is no folder.
    init?(_ root: DirectoryHandle, creating isCreating: Bool = false, calls: FileCalls) throws {
        let names = ["tmp", "new", "cur"]
        var directories = try names.map { try root.directory($0) }
        if directories.contains(where: { $0 == nil }) {
            guard isCreating || directories[1] != nil || directories[2] != nil else { return nil }
            for (index, name) in names.enumerated() where directories[index] == nil {
                try Self.make(name, in: root, calls)
                directories[index] = try root.directory(name)
            }
            try root.synchronize(calls)
        }
        guard let tmp = directories[0], let new = directories[1], let cur = directories[2] else { return nil }
        (self.root, self.tmp, self.new, self.cur, self.calls) = (root, tmp, new, cur, calls)
    }

    /// Makes a directory unless it is there.
    static func make(_ name: String, in directory: DirectoryHandle, _ calls: FileCalls) throws {
        guard calls.makeDirectory(directory.descriptor, name) != 0, errno != EEXIST else { return }
        throw directory.failure(name, "made")
    }

    func directory(of place: Place) -> DirectoryHandle { place.isNew ? new : cur }

    /// Reads the names of all messages, and gives them oldest first.
    @discardableResult
    func scan() throws -> [(name: MaildirName, place: Place)] {
        var found: [StoredMessage.ID: (name: MaildirName, place: Place)] = [:]
        for _ in 0..<DirectoryHandle.mostReadings {
            found.removeAll(keepingCapacity: true)
            let before = (try new.changeTime(), try cur.changeTime())
            // In this order: a message that is moved between the two is seen at least once.
            for directory in [new, cur] {
                try directory.forEachName { name, kind in
                    guard kind == .file else { return }
                    let place = Place(isNew: directory === new, name: Self.copy(name))
                    let parsed = MaildirName(place.name)
                    guard !parsed.base.isEmpty else { return }
                    found[parsed.id] = (parsed, place)
                }
            }
            // A file that is renamed while its directory is read may be passed over.
            if before == (try new.changeTime(), try cur.changeTime()) { break }
        }
        let known = found.mapValues(\.place)
        places.withLock { $0 = known }
        return found.values.map { ($0, $0.name.age) }.sorted { left, right in
            guard left.1 == right.1 else { return left.1 < right.1 }
            return left.0.name.base.lexicographicallyPrecedes(right.0.name.base)
        }.map(\.0)
    }

    static func copy(_ name: UnsafePointer<CChar>) -> FileName {
        Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1))
    }

    /// Works on the file of a message, wherever it is now. `body` gives `nil` if the file is not there; then the folder is
    /// read again.
    ///
    /// - Returns: `nil` if there is no such message.
    func withFile<Result>(of id: StoredMessage.ID, _ body: (Place) throws -> Result?) throws -> Result? {
        if let place = places.withLock({ $0[id] }), let result = try body(place) { return result }
        // Somebody may rename it once more between a look at the directory and the work.
        for _ in 0..<DirectoryHandle.mostReadings {
            try scan()
            guard let place = places.withLock({ $0[id] }) else { return nil }
            if let result = try body(place) { return result }
        }
        return nil
    }

    /// Whether a message is there; it is found again if it was moved.
    func place(of id: StoredMessage.ID) throws -> Place? {
        try withFile(of: id) { place in
            try directory(of: place).status(of: place.name).map { _ in place }
        }
    }

    /// Where messages are now; those that do not exist are left out. The folder is read at most once.
    func places(of ids: [StoredMessage.ID]) throws -> [StoredMessage.ID: Place] {
        var found: [StoredMessage.ID: Place] = [:]
        let known = places.withLock { $0 }
        for id in ids {
            guard let place = known[id], try directory(of: place).status(of: place.name) != nil else { continue }
            found[id] = place
        }
        let missing = ids.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        try scan()
        let now = places.withLock { $0 }
        for id in missing { found[id] = now[id] }
        return found
    }

    /// Checks that all messages exist.
    ///
    /// - Throws: ``MailError`` with code `not-found`.
    func check(_ ids: [StoredMessage.ID]) throws {
        let found = try places(of: ids)
        if let missing = ids.first(where: { found[$0] == nil }) { throw MissingMessage.error(missing) }
    }

    /// Opens a message for reading.
    ///
    /// - Throws: ``MailError`` with code `not-found`.
    func open(_ id: StoredMessage.ID) throws -> OpenFile {
        guard let file = try withFile(of: id, { try OpenFile($0.name, in: directory(of: $0)) }) else {
            throw MissingMessage.error(id)
        }
        return file
    }

    /// Removes a message's file. Does nothing if it is gone.
    ///
    /// - Returns: whether it was there.
    func remove(_ id: StoredMessage.ID) throws -> Bool {
        let isRemoved = try withFile(of: id) { place -> Bool? in
            let directory = directory(of: place)
            if calls.remove(directory.descriptor, place.name) == 0 { return true }
            guard errno == ENOENT else { throw directory.failure(place.name, "removed") }
            return nil
        }
        places.withLock { $0[id] = nil }
        return isRemoved ?? false
    }

    /// Changes the letters of a message.
    ///
    /// - Throws: ``MailError`` with code `not-found`.
    func changeLetters(of id: StoredMessage.ID, _ change: ([UInt8]) -> [UInt8]) throws {
        let isChanged = try withFile(of: id) { place -> Bool? in
            let old = MaildirName(place.name)
            let letters = MaildirName.sorted(change(old.letters))
            if !place.isNew, old.isPlain, letters == old.letters {
                // Nothing to do, if it is still there.
                return try cur.status(of: place.name) == nil ? nil : true
            }
            let directory = directory(of: place)
            let name = old.name(withLetters: letters)
            guard place.isNew || name != place.name else { return true }
            if calls.move(directory.descriptor, place.name, cur.descriptor, name) != 0 {
                if errno == ENOENT { return nil }
                guard errno == EEXIST else { throw directory.failure(place.name, "renamed") }
                guard try mergeTwins(directory, place.name, name) else { return nil }
            }
            places.withLock { $0[id] = Place(isNew: false, name: name) }
            return true
        }
        guard isChanged != nil else { throw MissingMessage.error(id) }
    }

    /// Another program may have given the file its second name just now; two files of one name are a damage that nobody
    /// but a person can repair.
    ///
    /// - Returns: `false` if one of the two has gone meanwhile.
    private func mergeTwins(_ directory: DirectoryHandle, _ old: FileName, _ name: FileName) throws -> Bool {
        guard let first = try directory.status(of: old), let second = try cur.status(of: name) else { return false }
        if first.st_ino == second.st_ino, first.st_dev == second.st_dev {
            _ = calls.remove(directory.descriptor, old)
            return true
        }
        throw MailError(
            .storage,
            "the Maildir '\(PeerText.shown(root.path))' holds two messages of the name "
                + "'\(PeerText.shown(MaildirName(old).id.description))'; rename one of the two files"
        )
    }

    /// Moves a finished file out of `tmp`. `false` if there is a message of that name.
    func publish(_ temporary: FileName, as name: FileName, isNew: Bool) throws -> Bool {
        let target = isNew ? new : cur
        if calls.move(tmp.descriptor, temporary, target.descriptor, name) == 0 { return true }
        guard errno == EEXIST else { throw target.failure(name, "put in place") }
        return false
    }

    /// How long files may stay in `tmp` without being touched, in seconds (the rules of Maildir: 36 hours).
    private static let staleAge: Int64 = 36 * 3600

    /// Removes what deliveries that were interrupted left in `tmp`: what is old, and what `isOurs` knows.
    func clean(_ isOurs: (UnsafePointer<CChar>) -> Bool = { _ in false }) throws {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var leftovers: [FileName] = []
        try tmp.forEachName { name, kind in
            guard kind == .file else { return }
            guard !isOurs(name) else { return leftovers.append(Self.copy(name)) }
            guard let status = try tmp.status(of: name) else { return }
            let touched = max(Int64(status.st_mtime), Int64(status.st_atime))
            if Int64(now.tv_sec) &- touched > Self.staleAge { leftovers.append(Self.copy(name)) }
        }
        for name in leftovers where calls.remove(tmp.descriptor, name) != 0 && errno != ENOENT {
            throw tmp.failure(name, "removed")
        }
    }
}

#if canImport(Glibc) || canImport(Musl)
    extension stat {
        fileprivate var st_mtime: Int { st_mtim.tv_sec }
        fileprivate var st_atime: Int { st_atim.tv_sec }
    }
#else
    extension stat {
        fileprivate var st_mtime: Int { st_mtimespec.tv_sec }
        fileprivate var st_atime: Int { st_atimespec.tv_sec }
    }
#endif
