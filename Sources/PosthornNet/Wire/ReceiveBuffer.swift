import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Octets that were received and not yet consumed: contiguous memory with a reading position.
///
/// A parser looks at the readable octets in place and consumes what it has understood; nothing is copied per line.
package struct ReceiveBuffer: Sendable {
    private var storage = ByteBuffer()

    /// An empty buffer.
    package init() {}

    /// A buffer of octets; for tests of parsers.
    package init(_ octets: some Sequence<UInt8>) { storage.writeBytes(octets) }

    /// The number of octets that can be read.
    package var count: Int { storage.readableBytes }
    /// Whether nothing can be read.
    package var isEmpty: Bool { storage.readableBytes == 0 }

    /// The readable octet at a position, 0 being the next one; `nil` beyond the end.
    package subscript(_ offset: Int) -> UInt8? {
        guard offset >= 0, offset < count else { return nil }
        return storage.getInteger(at: storage.readerIndex &+ offset)
    }

    /// Gives the readable octets to `body`, in place. The pointer is dead afterwards.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeReadableBytes(body)
    }

    /// The position of the first such octet at or after `offset`, counted from the next readable one.
    ///
    /// A parser that waits for the end of a line keeps the position up to which it has looked.
    package func firstIndex(of octet: UInt8, from offset: Int = 0) -> Int? {
        guard offset >= 0, offset < count else { return nil }
        return storage.withUnsafeReadableBytes { octets -> Int? in
            guard let base = octets.baseAddress else { return nil }
            guard let hit = memchr(base + offset, Int32(octet), octets.count &- offset) else { return nil }
            return UnsafeRawPointer(hit) - base
        }
    }

    /// A copy of octets without consuming them, cut to what is there.
    package func copy(_ range: Range<Int>) -> [UInt8] {
        let bounds = range.clamped(to: 0..<count)
        return storage.getBytes(at: storage.readerIndex &+ bounds.lowerBound, length: bounds.count) ?? []
    }

    /// Consumes octets, at most all.
    package mutating func consume(_ octets: Int) {
        storage.moveReaderIndex(forwardBy: max(0, min(octets, count)))
        if storage.readableBytes == 0 { storage.clear() }
    }

    /// A copy of the next octets, at most all, which are consumed.
    package mutating func read(_ octets: Int) -> [UInt8] {
        let result = copy(0..<max(0, octets))
        consume(result.count)
        return result
    }

    /// Consumes all octets and appends them to an array.
    mutating func moveAll(into octets: inout [UInt8]) {
        storage.withUnsafeReadableBytes { octets.append(contentsOf: $0) }
        storage.clear()
    }

    /// Appends octets.
    package mutating func append(_ octets: UnsafeRawBufferPointer) {
        compact()
        storage.writeBytes(octets)
    }

    /// Appends octets.
    package mutating func append(_ octets: [UInt8]) {
        compact()
        storage.writeBytes(octets)
    }

    /// Appends what was received; taken over without a copy if there is nothing else.
    mutating func append(_ received: inout ByteBuffer) {
        if isEmpty {
            storage = received
        } else {
            compact()
            storage.writeBuffer(&received)
        }
    }

    /// Appends octets that `body` writes into free memory; it returns their number.
    mutating func append(upTo capacity: Int, writing body: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows {
        compact()
        try storage.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity, body)
    }

    /// Gives back memory that an idle connection does not need.
    mutating func releaseMemory() {
        if isEmpty { storage = ByteBuffer() }
    }

    /// Moves the octets to the front, but only when as much has been consumed as is left to be moved.
    private mutating func compact() {
        guard storage.readerIndex > 0, storage.readerIndex >= storage.readableBytes else { return }
        storage.discardReadBytes()
    }
}
