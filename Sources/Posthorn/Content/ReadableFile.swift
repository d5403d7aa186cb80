#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file, read from its beginning to its end; closed when the last reference is gone.
public final class ReadableFile: Sendable {
    /// What tells one state of a file from another.
    public struct Stamp: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int64
        let nanoseconds: Int64
    }

    private let descriptor: CInt
    private let path: String

    /// The size when the file was opened, in octets.
    public let size: UInt64

    /// The state of the file when it was opened.
    public let stamp: Stamp

    /// Opens a regular file.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable`, naming the file and the system's reason.
    public init(path: String) throws {
        // A NUL would silently cut the path.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw Self.unavailable(path, ENOENT) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.unavailable(path, errno) }
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        let failure: CInt? = fstat(descriptor, &status) == 0 ? nil : errno
        size = UInt64(clamping: status.st_size)
        stamp = Self.stamp(of: status)
        if let failure { throw Self.unavailable(path, failure) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MailError(
                .contentUnavailable,
                "'\(PeerText.shown(path))' is not a regular file; name a file that holds the data"
            )
        }
    }

    deinit {
        close(descriptor)
    }

    /// Appends at most `limit` octets to `buffer`.
    ///
    /// - Returns: `false` at the end of the file.
    /// - Throws: ``MailError`` with code `content-unavailable` if the file cannot be read.
    public func read(into buffer: inout [UInt8], upTo limit: Int) throws -> Bool {
        let start = buffer.count
        // Growing by zeros and reading over them costs less than a second buffer and a copy.
        buffer.append(contentsOf: repeatElement(0, count: max(0, limit)))
        var taken = 0
        defer { buffer.removeLast(buffer.count - start - taken) }
        taken = try buffer.withUnsafeMutableBytes { space in
            try read(into: UnsafeMutableRawBufferPointer(rebasing: space[start...]))
        }
        return taken > 0
    }

    /// Reads as many octets as are to be had, at most as many as fit into `space`.
    ///
    /// - Returns: the number of octets; 0 at the end of the file.
    /// - Throws: ``MailError`` with code `content-unavailable` if the file cannot be read.
    public func read(into space: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            #if canImport(Glibc)
                let taken = Glibc.read(descriptor, space.baseAddress, space.count)
            #else
                let taken = Darwin.read(descriptor, space.baseAddress, space.count)
            #endif
            if taken >= 0 { return taken }
            guard errno == EINTR else { throw Self.unavailable(path, errno) }
        }
    }

    /// Reads octets at a place, whatever was read before.
    ///
    /// - Returns: the number of octets, fewer than fit into `space` only at the end of the file.
    /// - Throws: ``MailError`` with code `content-unavailable` if the file cannot be read.
    public func read(into space: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        var taken = 0
        while taken < space.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: space[taken...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset &+ UInt64(taken)))
            if count == 0 { break }
            if count > 0 {
                taken += count
            } else if errno != EINTR {
                throw Self.unavailable(path, errno)
            }
        }
        return taken
    }

    /// Checks that nobody has written to the file since it was opened.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable`.
    public func checkUnchanged() throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unavailable(path, errno) }
        guard Self.stamp(of: status) == stamp else { throw changed() }
    }

    /// The error for a file that was changed while it was in use.
    public func changed() -> MailError {
        MailError(
            .contentUnavailable,
            "the file '\(PeerText.shown(path))' was changed by somebody while it was in use; "
                + "make the message anew when nobody writes to the file, and send that"
        )
    }

    private static func stamp(of status: stat) -> Stamp {
        #if canImport(Glibc)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        return Stamp(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino),
            size: Int64(status.st_size),
            seconds: Int64(time.tv_sec),
            nanoseconds: Int64(time.tv_nsec)
        )
    }

    private static func unavailable(_ path: String, _ reason: CInt) -> MailError {
        MailError(
            .contentUnavailable,
            "the file '\(PeerText.shown(path))' cannot be read: \(String(cString: strerror(reason)))"
        )
    }
}
