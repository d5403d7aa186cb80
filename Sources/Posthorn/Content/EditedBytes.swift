import Synchronization

/// A ready message in memory with an edited header: looked at once, edited once, measured once.
final class EditedBytes: ReadyContentSource {
    let base: BytesSource
    let edit: HeaderEdit
    /// The header of the message as it was, if it is known.
    let block: HeaderBlock?

    private let edited = Mutex<Edited?>(nil)
    private let known = Mutex<ContentFacts?>(nil)

    /// What comes of the edit.
    private struct Edited {
        /// What stands before the body; `nil`: the message stays as it is.
        var header: [UInt8]?
        var bodyOffset: Int
    }

    init(base: BytesSource, edit: HeaderEdit, block: HeaderBlock?) {
        self.base = base
        self.edit = edit
        self.block = block
    }

    private func apply() throws -> Edited {
        try edited.kept {
            let block = try block ?? HeaderBlock.find(in: base.bytes)
            let header = edit.changesNothing(of: block) ? nil : try edit.apply(to: block)
            return Edited(header: header, bodyOffset: block.bodyOffset)
        }
    }

    func readyOctets() throws -> ReadyOctets {
        let edited = try apply()
        guard let header = edited.header else {
            return ReadyOctets(facts: base.facts(), header: [], rest: base.bytes[...])
        }
        return ReadyOctets(facts: facts(edited), header: header, rest: base.bytes[edited.bodyOffset...])
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        facts(try apply())
    }

    private func facts(_ edited: Edited) -> ContentFacts {
        guard let header = edited.header else { return base.facts() }
        return known.kept {
            var scanner = ContentScanner()
            scanner.scan(header[...])
            scanner.scan(base.bytes[edited.bodyOffset...])
            return scanner.finish()
        }
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        let edited = try apply()
        guard let header = edited.header else { return BytesSource.Reader(bytes: base.bytes) }
        return Reader(header: header, rest: BytesSource.Reader(bytes: base.bytes, position: edited.bodyOffset))
    }

    struct Reader: ContentReader {
        var header: [UInt8]
        var rest: BytesSource.Reader

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            guard !header.isEmpty else { return try await rest.read(into: &buffer) }
            buffer.append(contentsOf: header)
            header = []
            _ = try await rest.read(into: &buffer)
            return true
        }
    }
}
