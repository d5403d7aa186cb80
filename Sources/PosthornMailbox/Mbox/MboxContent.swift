import Posthorn
import PosthornTLS
import Synchronization

/// The content of a message in an mbox. For every reading it is looked up where the message is then.
final class MboxContent: ContentSource {
    private let id: StoredMessage.ID
    private let index: MboxIndex
    private let life: SessionLife
    private let known = Mutex<ContentFacts?>(nil)

    init(_ id: StoredMessage.ID, _ index: MboxIndex, life: SessionLife) {
        (self.id, self.index, self.life) = (id, index, life)
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        try life.check()
        if let facts = known.withLock({ $0 }) { return facts }
        let facts = try await ContentScanner.facts(of: self, for: form)
        known.withLock { $0 = facts }
        return facts
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        try life.check()
        let state = try await index.current()
        guard let entry = state.entry(id) else { throw MissingMessage.error(id) }
        return MboxReader(file: state.file, entry: entry, life: life, hash: try HashStream(.sha256))
    }
}

/// Reads a message of an mbox once. In the end it is known whether it was the message of that name: another program may
/// have changed the file meanwhile.
struct MboxReader: ContentReader {
    private let file: OpenFile
    private let entry: MboxEntry
    private let life: SessionLife
    private let hash: HashStream
    private var position: UInt64
    private var decoder: MboxDecoder
    private var raw: [UInt8] = []
    private var isFinished = false

    init(file: OpenFile, entry: MboxEntry, life: SessionLife, hash: HashStream) {
        (self.file, self.entry, self.life, self.hash) = (file, entry, life, hash)
        position = entry.start
        decoder = MboxDecoder(unquotes: entry.start < entry.unquotedEnd)
    }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        try life.check()
        let before = buffer.count
        while buffer.count == before, !isFinished {
            if position < entry.end {
                // The header may be quoted where the body is not.
                let part = position < entry.unquotedEnd ? min(entry.end, entry.unquotedEnd) : entry.end
                let room = Int(min(part - position, UInt64(ContentChunk.preferredSize)))
                raw.removeAll(keepingCapacity: true)
                let count = try file.read(into: &raw, at: position, upTo: room)
                guard count > 0 else { throw changed() }
                position &+= UInt64(count)
                raw.withUnsafeBytes { decoder.decode($0, into: &buffer) }
                if position >= entry.unquotedEnd { decoder.unquotes = false }
            }
            if position >= entry.end {
                decoder.finish(into: &buffer)
                isFinished = true
            }
            try buffer.withUnsafeBytes { try hash.update(UnsafeRawBufferPointer(rebasing: $0[before...])) }
            if isFinished, try MboxScanner.digest(hash) != entry.digest { throw changed() }
        }
        return buffer.count > before
    }

    private func changed() -> MailError {
        MailError(
            .contentUnavailable,
            "the mbox '\(PeerText.shown(file.path))' was changed by another program while a message of it was read; "
                + "read the message again"
        )
    }
}
