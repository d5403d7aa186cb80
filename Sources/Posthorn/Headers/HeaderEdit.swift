/// Changes to the header of a message that is ready otherwise. All other fields and the body stay as they are,
/// octet by octet.
public struct HeaderEdit: Sendable {
    /// The names of the fields that are taken out.
    public private(set) var removed: Set<HeaderName> = []
    /// The fields that are put in the place of the first one of their name; all others of that name go.
    public private(set) var replaced: [HeaderField] = []
    /// The fields that are put before all others.
    public private(set) var prepended: [HeaderField] = []
    /// The fields that are put after all others.
    public private(set) var appended: [HeaderField] = []

    /// No change.
    public init() {}

    /// Whether nothing is changed.
    public var isEmpty: Bool { removed.isEmpty && replaced.isEmpty && prepended.isEmpty && appended.isEmpty }

    /// Takes out all fields of a name.
    public mutating func remove(_ name: HeaderName) {
        removed.insert(name)
        replaced.removeAll { $0.name == name }
    }

    /// Puts a field in the place of the first one of its name, or at the end if there is none.
    public mutating func replace(_ field: HeaderField) {
        removed.remove(field.name)
        replaced.removeAll { $0.name == field.name }
        replaced.append(field)
    }

    /// Puts a field before all others.
    public mutating func prepend(_ field: HeaderField) {
        prepended.insert(field, at: 0)
    }

    /// Puts a field after all others.
    public mutating func append(_ field: HeaderField) {
        appended.append(field)
    }

    /// The edited header, with the empty line that ends it.
    ///
    /// New fields get the line ends that the message has, and hold UTF-8 only if they cannot be written without.
    func apply(to block: HeaderBlock) throws -> [UInt8] {
        let usesLineFeeds =
            block.fields.first.map { $0.octets.last == 0x0A && $0.octets.dropLast().last != 0x0D } ?? false
        func octets(_ field: HeaderField) throws -> [UInt8] {
            let octets = try field.serialized(utf8: field.needsUTF8)
            return usesLineFeeds ? octets.filter { $0 != 0x0D } : octets
        }
        let lineEnd: [UInt8] = usesLineFeeds ? [0x0A] : [0x0D, 0x0A]
        var header: [UInt8] = []
        for field in prepended { header += try octets(field) }
        var isOpen = [Bool](repeating: true, count: replaced.count)
        for field in block.fields where !removed.contains(where: { field.isNamed($0) }) {
            if let index = replaced.firstIndex(where: { field.isNamed($0.name) }) {
                if isOpen[index] { header += try octets(replaced[index]) }
                isOpen[index] = false
            } else {
                header += field.octets
                if let last = header.last, last != 0x0A, last != 0x0D { header += lineEnd }
            }
        }
        for (field, isOpen) in zip(replaced, isOpen) where isOpen { header += try octets(field) }
        for field in appended { header += try octets(field) }
        return header + lineEnd
    }
}

extension MessageContent {
    /// The same message with another header. The body is streamed through untouched.
    ///
    /// Mistakes of new fields (a line break in a value and the like) are thrown when the facts are asked for or the
    /// content is read, as is a header that is too large. A first line `From …` of the mbox format is dropped.
    public func editingHeader(_ edit: HeaderEdit) -> MessageContent {
        MessageContent(EditedSource(base: self, edit: edit))
    }
}

/// A message with an edited header.
struct EditedSource: ReadyContentSource {
    let base: MessageContent
    let edit: HeaderEdit

    var isReplayable: Bool { base.isReplayable }

    private var readyBase: (any ReadyContentSource)? {
        (base.source as? any ReadyContentSource).flatMap { $0.isReady ? $0 : nil }
    }

    var isReady: Bool { readyBase != nil }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        if isReady {
            // Looked at as a whole, because the octets that were taken out may have been the difficult ones.
            return try await ContentScanner.facts(of: self, for: form)
        }
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

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        var reader = try await base.makeReader(for: form)
        var octets: [UInt8] = []
        let block = try await HeaderBlock.read(&reader, into: &octets)
        let header = try edit.apply(to: block)
        octets.removeFirst(block.bodyOffset)
        return Reader(pending: header + octets, rest: reader)
    }

    struct Reader: ContentReader {
        /// The edited header and the octets of the body that were read with the header.
        var pending: [UInt8]
        var rest: any ContentReader

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            guard !pending.isEmpty else { return try await rest.read(into: &buffer) }
            buffer.append(contentsOf: pending)
            pending = []
            return true
        }
    }
}
