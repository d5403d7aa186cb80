import Synchronization

extension MessageContent {
    /// The same message with another header. The body is streamed through untouched.
    ///
    /// Mistakes of new fields (a line break in a value and the like) are thrown when the facts are asked for or the
    /// content is read, as is a header that is too large. A first line `From …` of the mbox format is dropped.
    public func editingHeader(_ edit: HeaderEdit) -> MessageContent {
        editingHeader(edit, of: nil)
    }

    /// The same for a message whose header has been looked at already.
    ///
    /// - Parameter block: the header, if the message is in memory and the block is of these very octets.
    func editingHeader(_ edit: HeaderEdit, of block: HeaderBlock?) -> MessageContent {
        // Edits of edits are joined: each would look at the header again.
        switch inMemory {
        case .bytes(let bytes):
            return MessageContent(EditedBytes(base: bytes, edit: edit, block: block))
        case .edited(let edited):
            if let both = edited.edit.followed(by: edit) {
                return MessageContent(EditedBytes(base: edited.base, edit: both, block: edited.block))
            }
        case nil:
            if let edited = source as? EditedSource, let both = edited.edit.followed(by: edit) {
                return MessageContent(EditedSource(base: edited.base, edit: both))
            }
        }
        return MessageContent(EditedSource(base: self, edit: edit))
    }
}

/// A message with an edited header that is not in memory, or may be another one each time it is read.
final class EditedSource: ReadyContentSource {
    let base: MessageContent
    let edit: HeaderEdit
    let isReady: Bool
    private let known = Mutex<ContentFacts?>(nil)

    init(base: MessageContent, edit: HeaderEdit) {
        self.base = base
        self.edit = edit
        isReady = (base.source as? any ReadyContentSource)?.isReady ?? false
    }

    var isReplayable: Bool { base.isReplayable }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        if isReady { return try await factsOfReadyMessage(for: form) }
        let facts = try await base.facts(for: form)
        var reader = try await base.makeReader(for: form)
        var octets: [UInt8] = []
        let block = try await HeaderBlock.read(&reader, into: &octets)
        let before = ContentScanner.facts(of: octets[..<block.bodyOffset])
        let after = ContentScanner.facts(of: try edit.apply(to: block)[...])
        var size: UInt64?
        if let whole = facts.size, let old = before.size, let new = after.size, whole >= old {
            size = whole - old + new
        }
        return ContentFacts(
            size: size,
            transfer: max(facts.transfer, after.transfer),
            needsUTF8Headers: after.needsUTF8Headers || (facts.needsUTF8Headers && !before.needsUTF8Headers)
        )
    }

    private func factsOfReadyMessage(for form: ContentForm) async throws -> ContentFacts {
        if let facts = known.withLock({ $0 }) {
            // A file that is no longer what was looked at cannot be opened.
            _ = try await base.makeReader(for: form)
            return facts
        }
        // Looked at as a whole, because the octets that were taken out may have been the difficult ones.
        let facts = try await ContentScanner.facts(of: self, for: form)
        known.withLock { $0 = facts }
        return facts
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        var reader = try await base.makeReader(for: form)
        var octets: [UInt8] = []
        let block = try await HeaderBlock.read(&reader, into: &octets)
        let header = try edit.apply(to: block)
        return Reader(header: header, body: octets[block.bodyOffset...], rest: reader)
    }

    struct Reader: ContentReader {
        /// The edited header.
        var header: [UInt8]
        /// The octets of the body that were read with the header.
        var body: ArraySlice<UInt8>
        var rest: any ContentReader

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            guard !header.isEmpty else { return try await rest.read(into: &buffer) }
            buffer.append(contentsOf: header)
            buffer.append(contentsOf: body)
            header = []
            body = []
            return true
        }
    }
}
