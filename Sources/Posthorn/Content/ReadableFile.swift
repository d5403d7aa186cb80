#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file, read from its beginning to its end; closed when the last reference is gone.
public final class ReadableFile {
    private let descriptor: CInt
    private let path: String

    /// The size when the file was opened, in octets.
    public let size: UInt64

    /// Opens a regular file.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable`, naming the file and the system's reason.
    public init(path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        self.path = path
        guard descriptor >= 0 else { throw Self.unavailable(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = errno
            close(descriptor)
            throw Self.unavailable(path, reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw MailError(
                .contentUnavailable,
                "'\(PeerText.shown(path))' is not a regular file; name a file that holds the data"
            )
        }
        size = UInt64(clamping: status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// Appends at most `limit` octets to `buffer`.
    ///
    /// - Returns: `false` at the end of the file.
    public func read(into buffer: inout [UInt8], upTo limit: Int) throws -> Bool {
        let start = buffer.count
        var taken = 0
        var reason: CInt = 0
        buffer.reserveCapacity(start + limit)
        let piece = [UInt8](unsafeUninitializedCapacity: limit) { space, count in
            repeat {
                taken = Self.readOnce(descriptor, space)
                reason = errno
            } while taken < 0 && reason == EINTR
            count = max(0, taken)
        }
        guard taken >= 0 else { throw Self.unavailable(path, reason) }
        buffer.append(contentsOf: piece)
        return taken > 0
    }

    private static func readOnce(_ descriptor: CInt, _ space: UnsafeMutableBufferPointer<UInt8>) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, space.baseAddress, space.count)
        #else
            Darwin.read(descriptor, space.baseAddress, space.count)
        #endif
    }

    private static func unavailable(_ path: String, _ reason: CInt) -> MailError {
        MailError(
            .contentUnavailable,
            "the file '\(PeerText.shown(path))' cannot be read: \(String(cString: strerror(reason)))"
        )
    }
}
