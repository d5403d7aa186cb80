import Synchronization

/// A ready message in a file.
///
/// What was measured must be what is sent: a file that is changed between the two, or while it is being read, is an
/// error and never a message cut short.
final class FileSource: ReadyContentSource {
    private let path: String
    /// The file as it was when the facts were found.
    private let measured = Mutex<ReadableFile.Stamp?>(nil)

    init(path: String) {
        self.path = path
    }

    func beginMeasuring() throws {
        let file = try ReadableFile(path: path)
        measured.withLock { $0 = file.stamp }
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        try beginMeasuring()
        return try await ContentScanner.facts(of: self, for: form)
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        let file = try ReadableFile(path: path)
        if let stamp = measured.withLock({ $0 }), stamp != file.stamp { throw file.changed() }
        return Reader(file: file)
    }

    struct Reader: ContentReader {
        let file: ReadableFile
        var position: UInt64 = 0

        init(file: ReadableFile) {
            self.file = file
        }

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            let before = buffer.count
            let hasMore = try file.read(into: &buffer, upTo: ContentChunk.preferredSize)
            position &+= UInt64(buffer.count - before)
            guard hasMore ? position <= file.size : position == file.size else { throw file.changed() }
            if !hasMore { try file.checkUnchanged() }
            return hasMore
        }
    }
}
