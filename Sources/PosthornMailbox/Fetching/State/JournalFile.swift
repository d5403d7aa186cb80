import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that grows at its end, each time as far as the disk. The system's calls can be exchanged, so that tests see
/// every one of them fail.
final class JournalFile {
    /// The system's calls.
    struct Calls: Sendable {
        var write: @Sendable (CInt, UnsafeRawBufferPointer) -> Int = { systemWrite($0, $1) }
        var synchronize: @Sendable (CInt) -> CInt = { fsync($0) }
    }

    /// The largest file that is read, in octets.
    static let sizeLimit = 1 << 31

    let path: String
    private let descriptor: CInt
    private let calls: Calls
    /// After a failure nobody knows how the file ends: it is read again before it may grow.
    private var isBroken = false

    /// Opens an existing file.
    init(path: String, calls: Calls) throws {
        self.path = path
        self.calls = calls
        descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, "opened", errno) }
    }

    deinit { close(descriptor) }

    /// Whether there is a file, or may be: only what is missing for certain may be made anew.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 || errno != ENOENT }

    /// The whole file.
    func read() throws -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, "read", errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= off_t(Self.sizeLimit) else {
            throw MailError(
                .storage,
                "'\(PeerText.shown(path))' is no file of records: it is no regular file, or larger than 2 GiB"
            )
        }
        let size = Int(status.st_size)
        var failed: CInt?
        let octets = [UInt8](unsafeUninitializedCapacity: size) { space, count in
            while count < size {
                let taken = pread(descriptor, space.baseAddress?.advanced(by: count), size - count, off_t(count))
                if taken < 0, errno == EINTR { continue }
                if taken < 0 { failed = errno }
                guard taken > 0 else { break }
                count += taken
            }
        }
        if let failed { throw Self.failure(path, "read", failed) }
        return octets
    }

    /// Cuts the file off after `length` octets.
    func cut(to length: Int) throws {
        guard ftruncate(descriptor, off_t(length)) == 0, calls.synchronize(descriptor) == 0 else {
            throw Self.failure(path, "cut off", errno)
        }
    }

    /// Appends octets and brings them to the disk.
    func append(_ octets: [UInt8]) throws {
        guard !isBroken else { throw Self.failure(path, "written", EIO) }
        isBroken = true
        try octets.withUnsafeBytes { octets in
            var rest = octets[...]
            while !rest.isEmpty {
                let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.failure(path, "written", count < 0 ? errno : ENOSPC) }
                rest = rest.dropFirst(count)
            }
        }
        guard calls.synchronize(descriptor) == 0 else { throw Self.failure(path, "brought to the disk", errno) }
        isBroken = false
    }

    private static func failure(_ path: String, _ what: String, _ number: CInt) -> MailError {
        MailError(
            .storage,
            "the records in '\(PeerText.shown(path))' could not be \(what): \(String(cString: strerror(number)))"
        )
    }

    /// Makes a directory and those above it, for the owner alone; nothing happens if it exists.
    static func makeDirectory(_ path: String) throws {
        var missing: [String] = []
        var current = path[...]
        while !current.isEmpty, access(String(current), F_OK) != 0 {
            missing.append(String(current))
            guard let slash = current.lastIndex(of: "/") else { break }
            current = current[..<slash]
        }
        for directory in missing.reversed() where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw MailError(
                .storage,
                "the directory '\(PeerText.shown(path))' for records could not be made (\(String(cString: strerror(errno)))); "
                    + "name one that this user can write"
            )
        }
    }
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
