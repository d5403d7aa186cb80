import Foundation

/// A ready message in a file.
struct FileSource: ContentSource {
    let path: String

    func facts(for form: ContentForm) async throws -> ContentFacts {
        var scanner = ContentScanner()
        var reader = try await makeReader(for: form)
        var buffer: [UInt8] = []
        while try await reader.read(into: &buffer) {
            try Task.checkCancellation()
            scanner.scan(buffer)
            buffer.removeAll(keepingCapacity: true)
        }
        return scanner.finish()
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        Reader(file: try ReadableFile(path: path))
    }

    struct Reader: ContentReader {
        let file: ReadableFile

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            try file.read(into: &buffer, upTo: ContentChunk.preferredSize)
        }
    }
}
