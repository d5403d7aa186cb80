import Synchronization

/// A ready message in a file.
///
/// The envelope is made of the header, and the facts of the whole: what is sent later must be the same file. One that
/// was changed or replaced since it was first opened, or while it is being read, is an error.
final class FileSource: ReadyContentSource {
    private let path: String
    /// The file as it was when it was first opened.
    private let first = Mutex<ReadableFile.Stamp?>(nil)
    private let known = Mutex<ContentFacts?>(nil)

    init(path: String) {
        self.path = path
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        if let facts = known.withLock({ $0 }) {
            // They are true as long as the file is the one that was looked at, which opening it finds out.
            _ = try await makeReader(for: form)
            return facts
        }
        let facts = try await ContentScanner.facts(of: self, for: form)
        known.withLock { $0 = facts }
        return facts
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        let file = try ReadableFile(path: path)
        let expected = first.withLock { stamp in
            if stamp == nil { stamp = file.stamp }
            return stamp
        }
        guard expected == file.stamp else { throw file.changed() }
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
