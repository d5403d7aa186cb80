import Synchronization

/// A message that is ready and cannot encode itself in another way; what it needs is found by looking at it.
protocol ReadyContentSource: ContentSource {
    /// Whether it is such a message after all.
    var isReady: Bool { get }
}

extension ReadyContentSource {
    var isReady: Bool { true }
}

/// A ready message in memory. Its octets never change: what was found out about them once is kept.
final class BytesSource: ReadyContentSource {
    let bytes: [UInt8]
    private let known = Mutex<ContentFacts?>(nil)

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        facts()
    }

    func facts() -> ContentFacts {
        known.kept { ContentScanner.facts(of: bytes[...]) }
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        Reader(bytes: bytes)
    }

    struct Reader: ContentReader {
        let bytes: [UInt8]
        var position = 0

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            guard position < bytes.count else { return false }
            let end = min(bytes.count, position + ContentChunk.preferredSize)
            buffer.append(contentsOf: bytes[position..<end])
            position = end
            return true
        }
    }
}
