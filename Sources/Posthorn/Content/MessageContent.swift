/// The octets of a message, header and body, as a stream that is pulled in pieces.
///
/// Nothing is buffered that was not asked for: a message with an attachment of a gigabyte passes in constant memory.
public struct MessageContent: Sendable {
    /// Where the octets come from.
    public let source: any ContentSource

    /// The same source if it is the octets of a ready message. Kept beside it, because a cast for every message would
    /// cost more than what is done with it.
    let inMemory: InMemory?

    enum InMemory: Sendable {
        case bytes(BytesSource)
        case edited(EditedBytes)
    }

    /// The content of a source.
    public init(_ source: some ContentSource) {
        self.source = source
        inMemory = nil
    }

    init(_ source: BytesSource) {
        self.source = source
        inMemory = .bytes(source)
    }

    init(_ source: EditedBytes) {
        self.source = source
        inMemory = .edited(source)
    }

    /// A ready message (RFC 5322) in memory.
    public static func bytes(_ bytes: [UInt8]) -> MessageContent {
        MessageContent(BytesSource(bytes: bytes))
    }

    /// A ready message (RFC 5322) in memory; the text's UTF-8 octets.
    public static func text(_ text: String) -> MessageContent {
        .bytes(Array(text.utf8))
    }

    /// A ready message (RFC 5322) in a file, which must stay unchanged from the first time it is opened: this content and its
    /// copies stand for the file as it was then. To send a changed file, make a new content.
    public static func file(_ path: String) -> MessageContent {
        MessageContent(FileSource(path: path))
    }

    /// Whether the content can be read more than once. Only then may a failed attempt be repeated.
    public var isReplayable: Bool { source.isReplayable }

    /// Whether reading it is nothing but copying memory: it never waits and takes no time to speak of.
    package var isInMemory: Bool { inMemory != nil }

    /// The octets of a ready message in memory, at once; `nil` for everything else.
    ///
    /// - Throws: what ``facts(for:)`` throws.
    package func readyOctets() throws -> ReadyOctets? {
        switch inMemory {
        case nil: nil
        case .bytes(let source): ReadyOctets(facts: source.facts(), header: [], rest: source.bytes[...])
        case .edited(let source): try source.readyOctets()
        }
    }

    /// What the content is like in a form; without one, in the form that every mail program can read. Reads what is needed to know it.
    public func facts(for form: ContentForm = .sevenBit) async throws -> ContentFacts {
        try await source.facts(for: form)
    }

    /// Starts reading, in a form; without one, in the form that every mail program can read.
    public func makeReader(for form: ContentForm = .sevenBit) async throws -> any ContentReader {
        try await source.makeReader(for: form)
    }

    /// Gives the octets to `body`, piece by piece.
    ///
    /// - Throws: what the source and `body` throw; ``MailError`` with code `cancelled` when the task is cancelled.
    public func forEachPiece(
        for form: ContentForm = .sevenBit,
        _ body: ([UInt8]) async throws -> Void
    ) async throws {
        var reader = try await makeReader(for: form)
        var piece: [UInt8] = []
        while try await reader.readSome(into: &piece) {
            guard !Task.isCancelled else {
                throw MailError(.cancelled, "reading the message was cancelled", cause: CancellationError())
            }
            try await body(piece)
            piece.removeAll(keepingCapacity: true)
        }
    }

    /// All octets at once, for small messages and tests.
    ///
    /// - Throws: ``MailError`` with code `too-large` if there are more than `limit` octets.
    public func collect(for form: ContentForm = .sevenBit, upTo limit: Int) async throws -> [UInt8] {
        var reader = try await makeReader(for: form)
        var all: [UInt8] = []
        while try await reader.readSome(into: &all) {
            try Task.checkCancellation()
            guard all.count <= limit else {
                throw MailError(.tooLarge, "the message is larger than the \(limit) octets that were asked for")
            }
        }
        return all
    }
}
