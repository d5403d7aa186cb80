import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A regular file that is open for reading; closed when the last reference is gone. It stays readable when somebody
/// renames or removes it.
final class OpenFile: Sendable {
    let descriptor: CInt
    /// The octets that it had when it was opened.
    let size: UInt64
    let path: String

    /// Takes a descriptor over.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if it is not a regular file.
    init(descriptor: CInt, path: String) throws {
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        let number = fstat(descriptor, &status) == 0 ? 0 : errno
        size = UInt64(clamping: status.st_size)
        guard number == 0 else { throw unreadable(number) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MailError(.contentUnavailable, "'\(PeerText.shown(path))' is not a regular file; move it away")
        }
    }

    /// Opens a file of a directory.
    ///
    /// - Returns: `nil` if there is none.
    convenience init?(_ name: UnsafePointer<CChar>, in directory: DirectoryHandle) throws {
        let descriptor = openat(directory.descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        let path = "\(directory.path)/\(String(cString: name))"
        if descriptor < 0 {
            guard errno == ENOENT else { throw Self.unreadable(path, errno) }
            return nil
        }
        try self.init(descriptor: descriptor, path: path)
    }

    /// Opens a file by its path; a symbolic link is followed.
    ///
    /// - Returns: `nil` if there is none.
    convenience init?(path: String) throws {
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #elseif canImport(Musl)
            let descriptor = Musl.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #else
            let descriptor = Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #endif
        if descriptor < 0 {
            guard errno == ENOENT else { throw Self.unreadable(path, errno) }
            return nil
        }
        try self.init(descriptor: descriptor, path: path)
    }

    deinit {
        close(descriptor)
    }

    /// Appends at most `limit` octets from a place on.
    ///
    /// - Returns: how many; 0 at the end of the file.
    /// - Throws: ``MailError`` with code `content-unavailable`.
    func read(into buffer: inout [UInt8], at offset: UInt64, upTo limit: Int) throws -> Int {
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: max(0, limit)))
        var taken = 0
        defer { buffer.removeLast(buffer.count - start - taken) }
        while true {
            let count = buffer.withUnsafeMutableBytes { space in
                pread(descriptor, space.baseAddress?.advanced(by: start), space.count - start, off_t(clamping: offset))
            }
            if count >= 0 {
                taken = count
                return count
            }
            guard errno == EINTR else { throw unreadable(errno) }
        }
    }

    private func unreadable(_ number: CInt) -> MailError { Self.unreadable(path, number) }

    private static func unreadable(_ path: String, _ number: CInt) -> MailError {
        MailError(
            .contentUnavailable,
            "the message '\(PeerText.shown(path))' cannot be read: \(String(cString: strerror(number)))"
        )
    }
}

/// Reads a part of a file once. The file must not shrink meanwhile.
struct OpenFileReader: ContentReader {
    let file: OpenFile
    var position: UInt64
    let end: UInt64
    let life: SessionLife
    /// How much is read at once.
    let pieceSize: Int

    init(_ file: OpenFile, life: SessionLife, pieceSize: Int = ContentChunk.preferredSize) {
        self.file = file
        self.life = life
        self.pieceSize = pieceSize
        (position, end) = (0, file.size)
    }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        try life.check()
        guard position < end else { return false }
        let room = min(end - position, UInt64(pieceSize))
        let count = try file.read(into: &buffer, at: position, upTo: Int(room))
        guard count > 0 else {
            throw MailError(
                .contentUnavailable,
                "the message '\(PeerText.shown(file.path))' has \(position) octets now, \(end) were expected; "
                    + "another program cut it while it was read"
            )
        }
        position &+= UInt64(count)
        return true
    }
}
