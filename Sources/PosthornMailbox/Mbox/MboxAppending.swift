import Posthorn
import PosthornTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A message that is being written at the end of a locked mbox.
struct MboxAppending {
    private let path: String
    private let descriptor: CInt
    private let calls: FileCalls
    /// The size of the file before.
    private let oldSize: UInt64
    private var entry: MboxEntry
    private var position: UInt64
    private var encoder = MboxEncoder()
    private var decoder = MboxDecoder()
    private let hash: HashStream
    private var buffer: [UInt8] = []
    private var decoded: [UInt8] = []

    private static let blockSize = 128 * 1024

    init(to path: String, _ descriptor: CInt, _ calls: FileCalls) throws {
        (self.path, self.descriptor, self.calls) = (path, descriptor, calls)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StorageFailure.error(path, "looked at", errno) }
        oldSize = UInt64(clamping: status.st_size)
        position = oldSize
        entry = MboxEntry(from: oldSize, start: oldSize, end: oldSize, next: oldSize)
        hash = try HashStream(.sha256)
    }

    /// Ends what is before, and writes the line that begins the message.
    mutating func begin() throws {
        var tail = [UInt8](repeating: 0, count: 3)
        let offset = oldSize &- min(oldSize, 3)
        let count = tail.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(clamping: offset)) }
        guard count >= 0 else { throw StorageFailure.error(path, "read", errno) }
        tail.removeLast(tail.count - count)
        let hasEmptyLine = tail.elementsEqual("\n\r\n".utf8) || tail.suffix(2).elementsEqual("\n\n".utf8)
        if oldSize > 0, !hasEmptyLine { buffer += tail.last == 0x0A ? [0x0A] : [0x0A, 0x0A] }
        entry.from = position &+ UInt64(buffer.count)
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        buffer += MboxLine.separator(at: Int64(now.tv_sec))
        try flush()
        entry.start = position
    }

    mutating func write(_ octets: [UInt8]) throws {
        let before = buffer.count
        octets.withUnsafeBytes { encoder.encode($0, into: &buffer) }
        try note(from: before)
        if buffer.count >= Self.blockSize { try flush() }
    }

    /// Ends the message.
    mutating func finish() throws -> MboxEntry {
        let before = buffer.count
        encoder.finish(into: &buffer)
        try note(from: before)
        decoder.finish(into: &decoded)
        try addToHash()
        entry.end = position &+ UInt64(buffer.count)
        buffer.append(0x0A)
        try flush()
        entry.next = position
        entry.digest = try MboxScanner.digest(hash)
        return entry
    }

    /// The message is named by what will be read.
    private mutating func note(from start: Int) throws {
        buffer.withUnsafeBytes { decoder.decode(UnsafeRawBufferPointer(rebasing: $0[start...]), into: &decoded) }
        try addToHash()
    }

    private mutating func addToHash() throws {
        try decoded.withUnsafeBytes { try hash.update($0) }
        entry.size &+= UInt64(decoded.count)
        decoded.removeAll(keepingCapacity: true)
    }

    private mutating func flush() throws {
        let number = buffer.withUnsafeBytes { calls.writeAll(descriptor, $0) }
        guard number == 0 else { throw StorageFailure.error(path, "written", number) }
        position &+= UInt64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Takes away what was written.
    func undo() {
        guard ftruncate(descriptor, off_t(clamping: oldSize)) == 0 else { return }
        _ = calls.synchronize(descriptor)
    }

    static func synchronize(_ descriptor: CInt, _ path: String, _ calls: FileCalls) throws {
        guard calls.synchronize(descriptor) == 0 else {
            throw StorageFailure.error(path, "brought to the disk", errno)
        }
    }
}
