import Posthorn
import Synchronization

/// A generated message that watches how it is read.
struct ProbeContent: ContentSource {
    /// Where reading fails.
    enum Fault: Sendable {
        case none, facts, makingReader, reading(afterOctets: UInt64)
    }

    /// What was seen of the readers, all together.
    struct Sightings: Sendable {
        var readers = 0
        var reads = 0
        /// Octets that the reader that came furthest has given.
        var furthest: UInt64 = 0
        /// The most octets that lay in a reader's buffer when it was asked for more.
        var fullestBuffer = 0
    }

    let seen = Watched(Sightings())
    /// The beginning of the message: header, empty line.
    var head: [UInt8]
    /// Repeated to make the body.
    var block: [UInt8] = []
    /// The octets of the body.
    var bodySize: UInt64 = 0
    var fault = Fault.none
    /// The most octets given at once.
    var pieceSize = ContentChunk.preferredSize
    /// Time taken for every piece; not cut short by a cancellation.
    var slowness = Duration.zero
    var tellsSize = true
    var transfer = ContentForm.Transfer.sevenBit
    var needsUTF8Headers = false

    var size: UInt64 { UInt64(head.count) &+ bodySize }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        if case .facts = fault { throw Self.unreadable() }
        return ContentFacts(
            size: tellsSize ? size : nil,
            transfer: transfer,
            needsUTF8Headers: needsUTF8Headers
        )
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        if case .makingReader = fault { throw Self.unreadable() }
        seen.change { $0.readers += 1 }
        return Reader(content: self)
    }

    /// The error that a broken attachment leads to.
    static func unreadable() -> MailError {
        MailError(.contentUnavailable, "the file 'probe.bin' cannot be read: Input/output error")
    }

    /// All octets from `offset` on, at most `count`.
    func octets(from offset: UInt64, count: Int) -> [UInt8] {
        var piece: [UInt8] = []
        var position = offset
        let end = min(size, offset &+ UInt64(count))
        while position < end {
            let room = Int(end - position)
            if position < UInt64(head.count) {
                let start = Int(position)
                let taken = min(room, head.count - start)
                piece.append(contentsOf: head[start..<start + taken])
                position += UInt64(taken)
            } else {
                let start = Int((position - UInt64(head.count)) % UInt64(block.count))
                let taken = min(room, block.count - start)
                piece.append(contentsOf: block[start..<start + taken])
                position += UInt64(taken)
            }
        }
        return piece
    }

    /// Whether `bytes` end with exactly this message; what a far side may have put before it is left alone.
    func isEnd(of bytes: [UInt8]) -> Bool {
        guard UInt64(bytes.count) >= size else { return false }
        let start = bytes.count - Int(size)
        var position: UInt64 = 0
        while position < size {
            let piece = octets(from: position, count: ContentChunk.preferredSize)
            guard Octets.match(bytes, from: start + Int(position), piece) else { return false }
            position += UInt64(piece.count)
        }
        return true
    }

    private struct Reader: ContentReader {
        let content: ProbeContent
        var position: UInt64 = 0

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            let held = buffer.count
            content.seen.change { seen in
                seen.reads += 1
                seen.fullestBuffer = max(seen.fullestBuffer, held)
            }
            if content.slowness > .zero {
                // A task of its own does not hear of the cancellation: some sources cannot be interrupted.
                let slowness = content.slowness
                await Task { try? await Task.sleep(for: slowness) }.value
            }
            var room = content.pieceSize
            if case .reading(let limit) = content.fault {
                guard position < limit else { throw ProbeContent.unreadable() }
                room = min(room, Int(limit - position))
            }
            let piece = content.octets(from: position, count: room)
            guard !piece.isEmpty else { return false }
            buffer.append(contentsOf: piece)
            position += UInt64(piece.count)
            let reached = position
            content.seen.change { $0.furthest = max($0.furthest, reached) }
            return true
        }
    }
}
