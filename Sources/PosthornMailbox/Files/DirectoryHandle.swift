import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file's name within a directory: its octets and a NUL, as the system takes them.
typealias FileName = [CChar]

/// An open directory; closed when the last reference is gone. All names are looked up in it, whatever becomes of its path.
final class DirectoryHandle: Sendable {
    let descriptor: CInt
    /// Where it was opened, for errors.
    let path: String

    private init(descriptor: CInt, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// Opens a directory by its path; a symbolic link is followed.
    ///
    /// - Returns: `nil` if there is none.
    static func open(_ path: String) throws -> DirectoryHandle? {
        // A NUL would silently cut the path.
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #elseif canImport(Musl)
            let descriptor = Musl.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #else
            let descriptor = Darwin.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #endif
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw StorageFailure.error(path, "opened", errno) }
        return DirectoryHandle(descriptor: descriptor, path: path)
    }

    /// Opens a directory in this one, which must not be a symbolic link.
    ///
    /// - Returns: `nil` if there is none.
    func directory(_ name: String) throws -> DirectoryHandle? {
        let below = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        if below < 0, errno == ENOENT { return nil }
        guard below >= 0 else { throw StorageFailure.error("\(path)/\(name)", "opened", errno) }
        return DirectoryHandle(descriptor: below, path: "\(path)/\(name)")
    }

    /// Opens the directory that holds a path.
    ///
    /// - Returns: the directory, and the path's last name in it; `nil` if there is no such directory.
    static func parent(of path: String) throws -> (DirectoryHandle, String)? {
        let cut = path.lastIndex(of: "/")
        let above = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
        guard !name.isEmpty, !path.utf8.contains(0), let directory = try open(above) else { return nil }
        return (directory, name)
    }

    /// Makes an empty file for its owner alone, unless there is one.
    ///
    /// - Returns: whether it was made.
    func makeFile(_ name: String, _ calls: FileCalls) throws -> Bool {
        let file = calls.create(descriptor, name)
        if file < 0, errno == EEXIST { return false }
        guard file >= 0 else { throw failure(name, "made") }
        close(file)
        return true
    }

    /// Brings the directory to the disk: which names there are.
    func synchronize(_ calls: FileCalls) throws {
        guard calls.synchronizeDirectory(descriptor) != 0 else { return }
        throw StorageFailure.error(path, "brought to the disk", errno)
    }

    /// What a file is, not following a symbolic link; `nil` if there is none.
    func status(of name: UnsafePointer<CChar>) throws -> stat? {
        var status = stat()
        if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        guard errno == ENOENT else { throw failure(name, "looked at") }
        return nil
    }

    /// The time of the directory's last change, in nanoseconds since 1970.
    func changeTime() throws -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StorageFailure.error(path, "looked at", errno) }
        return Self.nanoseconds(status)
    }

    static func nanoseconds(_ status: stat) -> Int64 {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// What a name in a directory stands for.
    enum Kind {
        case file, directory, other
    }

    /// Gives every name that does not begin with a dot, or every one that does, to `body`, in the system's order.
    func forEachName(
        hidden: Bool = false,
        _ body: (UnsafePointer<CChar>, Kind) throws -> Void
    ) throws {
        // A descriptor of its own: the position belongs to the open directory, and others may be reading, too.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw StorageFailure.error(path, "read", errno) }
        guard let stream = fdopendir(copy) else {
            let number = errno
            close(copy)
            throw StorageFailure.error(path, "read", number)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw StorageFailure.error(path, "read", errno) }
                return
            }
            let type = Int(entry.pointee.d_type)
            try withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                try tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    guard ($0[0] == CChar(bitPattern: UInt8(ascii: "."))) == hidden else { return }
                    // "." and ".."
                    if hidden, $0[1] == 0 || ($0[1] == $0[0] && $0[2] == 0) { return }
                    try body($0, try kind(type, $0))
                }
            }
        }
    }

    /// How often a directory is read again because somebody changed it meanwhile.
    static let mostReadings = 5

    /// Gives every name that does not begin with a dot to `body`, and all once more if somebody changed the directory
    /// meanwhile: a file that is renamed while its directory is read may be passed over.
    func forEachNameSteadily(_ body: (UnsafePointer<CChar>, Kind) throws -> Void) throws {
        for _ in 0..<Self.mostReadings {
            let before = try changeTime()
            try forEachName(body)
            guard try changeTime() != before else { return }
        }
    }

    private func kind(_ type: Int, _ name: UnsafePointer<CChar>) throws -> Kind {
        if type == Int(DT_REG) { return .file }
        if type == Int(DT_DIR) { return .directory }
        guard type == Int(DT_UNKNOWN), let mode = try status(of: name)?.st_mode else { return .other }
        return mode & S_IFMT == S_IFREG ? .file : mode & S_IFMT == S_IFDIR ? .directory : .other
    }

    /// The error for a file of this directory, by the number of the last call.
    func failure(_ name: UnsafePointer<CChar>, _ action: String) -> MailError {
        let number = errno
        return StorageFailure.error("\(path)/\(String(cString: name))", action, number)
    }
}
