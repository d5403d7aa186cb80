/// A ready message in memory.
struct BytesSource: ContentSource {
    let bytes: [UInt8]

    func facts(for form: ContentForm) async throws -> ContentFacts {
        var scanner = ContentScanner()
        scanner.scan(bytes)
        return scanner.finish()
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
