#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A small file read in one go, with what is known about who can read it.
struct SmallFile {
    let bytes: [UInt8]
    /// Whether nobody but the owner has any access.
    let isPrivate: Bool

    /// Why a file could not be read.
    struct Failure: Error {
        /// The system's error number, if there is one.
        var number: CInt?
        /// In words, after the file's name: `cannot be read: Permission denied`.
        var reason: String

        var isMissing: Bool { number == ENOENT || number == ENOTDIR }
    }

    /// Reads a regular file that is not larger than `limit` bytes.
    init(path: String, limit: Int) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(reason: "is not a regular file")
        }
        isPrivate = status.st_mode & 0o077 == 0
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(errno) }
            guard count > 0 else { break }
            bytes.append(contentsOf: piece.prefix(count))
            guard bytes.count <= limit else { throw Failure(reason: "is larger than \(limit / 1024) KiB") }
        }
        self.bytes = bytes
    }

    private static func failure(_ number: CInt) -> Failure {
        Failure(number: number, reason: "cannot be read: \(String(cString: strerror(number)))")
    }
}
