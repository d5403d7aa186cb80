import Posthorn

/// Reads the pieces of a plan one after the other.
struct PlanReader: ContentReader {
    private let segments: [MessagePlan.Segment]
    private var index = 0
    /// How far the present piece has been read, if it is one of octets.
    private var position = 0
    private var stream: StreamReader?

    /// Small pieces are joined until there are so many octets.
    private static let leastPiece = 65_536

    init(_ plan: MessagePlan) {
        segments = plan.segments
    }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        let start = buffer.count
        while buffer.count - start < Self.leastPiece, index < segments.count {
            switch segments[index] {
            case .octets(let octets):
                let end = min(octets.count, position + ContentChunk.preferredSize)
                buffer.append(contentsOf: octets[position..<end])
                position = end
                if end == octets.count { next() }
            case .stream(let content):
                do {
                    if stream == nil { stream = try await StreamReader(content) }
                    if try await stream?.read(into: &buffer) != true { next() }
                } catch {
                    // What was appended before the error belongs to nobody.
                    buffer.removeLast(buffer.count - start)
                    throw error
                }
            }
        }
        return buffer.count > start
    }

    private mutating func next() {
        index += 1
        position = 0
        stream = nil
    }
}

/// Reads one attachment and encodes it; makes sure that exactly the octets come that were measured.
struct StreamReader {
    private let content: StreamedContent
    private var source: any ContentReader
    /// Octets that were read and not yet written.
    private var pending: [UInt8] = []
    private var taken: UInt64 = 0
    private var endsWithCR = false
    private var isAtEnd = false

    init(_ content: StreamedContent) async throws {
        self.content = content
        do {
            switch content.origin {
            case .bytes(let bytes): source = try await MessageContent.bytes(bytes).makeReader()
            case .message(let message, let form): source = try await message.makeReader(for: form)
            case .file(let path, let stamp):
                let file = try ReadableFile(path: path)
                guard file.stamp == stamp else { throw content.changed() }
                source = FileReader(file: file)
            }
        } catch let error as MailError where error.message.hasPrefix("the attachment ") {
            throw error
        } catch {
            throw content.naming(error)
        }
    }

    /// Appends the next octets. `false`: the end, and nothing was appended.
    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        let start = buffer.count
        while buffer.count == start, !isAtEnd {
            switch content.coding {
            case .none:
                isAtEnd = try await !pull(into: &buffer)
                taken &+= UInt64(buffer.count - start)
            case .lines:
                isAtEnd = try await !pullPending()
                appendLines(to: &buffer)
                taken &+= UInt64(buffer.count - start)
            case .base64:
                let before = pending.count
                isAtEnd = try await !pullPending()
                taken &+= UInt64(pending.count - before)
                appendBase64(to: &buffer)
            }
            guard isAtEnd ? taken == content.size : taken <= content.size else { throw content.changed() }
        }
        return buffer.count > start
    }

    private mutating func pull(into buffer: inout [UInt8]) async throws -> Bool {
        do { return try await source.read(into: &buffer) } catch { throw content.naming(error) }
    }

    private mutating func pullPending() async throws -> Bool {
        do { return try await source.read(into: &pending) } catch { throw content.naming(error) }
    }

    private mutating func appendBase64(to buffer: inout [UInt8]) {
        guard !isAtEnd else {
            Base64Encoder.appendLast(pending[...], to: &buffer)
            pending = []
            return
        }
        // The last line waits: whether CRLF follows it is known only when more has come.
        guard pending.count > Base64Encoder.octetsPerLine else { return }
        let lines = (pending.count - 1) / Base64Encoder.octetsPerLine
        Base64Encoder.appendLines(lines, of: pending, to: &buffer)
        pending.removeFirst(lines * Base64Encoder.octetsPerLine)
    }

    private mutating func appendLines(to buffer: inout [UInt8]) {
        var position = 0
        while position < pending.count {
            let end = pending[position...].firstIndex { $0 == 0x0D || $0 == 0x0A } ?? pending.count
            if end > position {
                buffer.append(contentsOf: pending[position..<end])
                endsWithCR = false
            }
            guard end < pending.count else { break }
            let isCR = pending[end] == 0x0D
            if isCR || !endsWithCR { buffer.append(contentsOf: [0x0D, 0x0A]) }
            endsWithCR = isCR
            position = end + 1
        }
        pending.removeAll(keepingCapacity: true)
    }
}

/// Reads an attached file in pieces that make full lines of base64.
private struct FileReader: ContentReader {
    let file: ReadableFile
    private var position: UInt64 = 0
    private static let piece = UInt64(Base64Encoder.octetsPerLine * 3_360)

    init(file: ReadableFile) {
        self.file = file
    }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        let before = buffer.count
        // One octet more than there should be, so that a file that has grown is noticed.
        let rest = file.size >= position ? file.size - position : 0
        let hasMore = try file.read(into: &buffer, upTo: Int(min(Self.piece, rest &+ 1)))
        position &+= UInt64(buffer.count - before)
        if !hasMore { try file.checkUnchanged() }
        return hasMore
    }
}
