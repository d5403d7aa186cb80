import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A message that is being written into `tmp`. Whoever ends it (``finish()``, ``discard()``) must not use it again.
struct MaildirStaging {
    let folder: MaildirFolder
    let name: FileName
    let descriptor: CInt
    /// The octets taken so far.
    private(set) var size: UInt64 = 0
    private var buffer: [UInt8]

    /// A small message is one call to the system, a large one is written in blocks of about this size.
    private static let blockSize = 128 * 1024

    /// Begins a file.
    ///
    /// - Parameter buffer: An empty array whose space is used.
    /// - Throws: ``MailError`` with code `storage`.
    init(in folder: MaildirFolder, tag: [UInt8] = [], buffer: consuming [UInt8] = []) throws {
        self.folder = folder
        self.buffer = buffer
        for _ in 0..<16 {
            let name = MaildirNaming.temporaryName(tag: tag)
            let descriptor = folder.calls.create(folder.tmp.descriptor, name)
            if descriptor >= 0 {
                (self.name, self.descriptor) = (name, descriptor)
                return
            }
            guard errno == EEXIST else { throw folder.tmp.failure(name, "created") }
        }
        throw StorageFailure.error(folder.tmp.path, "given a new file", EEXIST)
    }

    /// Takes the next octets.
    mutating func write(_ octets: [UInt8]) throws {
        size &+= UInt64(octets.count)
        if buffer.isEmpty, octets.count >= Self.blockSize { return try put(octets) }
        buffer.append(contentsOf: octets)
        if buffer.count >= Self.blockSize { try flush() }
    }

    /// Hands everything to the system. The file stays open, so that it can be brought to the disk.
    ///
    /// - Returns: the buffer, empty, for the next one.
    mutating func finish() throws -> [UInt8] {
        try flush()
        let space = buffer
        buffer = []
        return space
    }

    private mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try put(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ octets: [UInt8]) throws {
        let number = octets.withUnsafeBytes { folder.calls.writeAll(descriptor, $0) }
        guard number != 0 else { return }
        errno = number
        throw folder.tmp.failure(name, "written")
    }

    /// Closes the file and removes it.
    func discard() {
        close(descriptor)
        _ = folder.calls.remove(folder.tmp.descriptor, name)
    }
}
