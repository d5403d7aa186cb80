/// Reads a content once, from its first octet to its last. Not `Sendable`: one task reads.
public protocol ContentReader {
    /// Appends the next octets to `buffer`: as many as are cheap to give at once, at most about
    /// ``ContentChunk/preferredSize``.
    ///
    /// - Returns: `false` at the end, when nothing was appended; `true` otherwise.
    /// - Throws: ``MailError`` with code `content-unavailable` if the source cannot be read.
    mutating func read(into buffer: inout [UInt8]) async throws -> Bool
}

extension ContentReader {
    /// How often in a row a reader may say that there is more and give nothing.
    package static var mostEmptyReads: Int { 1_000 }

    /// Reads until there is something new, or the end.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if the reader gives nothing again and again.
    package mutating func readSome(into buffer: inout [UInt8]) async throws -> Bool {
        let before = buffer.count
        for _ in 0..<Self.mostEmptyReads {
            guard try await read(into: &buffer) else { return false }
            if buffer.count > before { return true }
        }
        throw MailError(
            .contentUnavailable,
            "the source of the message said \(Self.mostEmptyReads) times that there is more and gave nothing; "
                + "a reader must return false at its end"
        )
    }
}

/// Sizes of pieces in which contents are moved.
public enum ContentChunk {
    /// 256 KiB: large enough that calls cost nothing, small enough that memory stays flat.
    public static let preferredSize = 256 * 1024
}

/// Something that can be read again and again as the octets of a message: header, empty line, body.
public protocol ContentSource: Sendable {
    /// What the content is like when it is asked for in `form`.
    ///
    /// Called before anything is sent: an unreadable attachment throws here.
    func facts(for form: ContentForm) async throws -> ContentFacts

    /// Starts reading from the first octet, in the given form.
    func makeReader(for form: ContentForm) async throws -> any ContentReader

    /// Whether it can be read more than once. Only then may a failed attempt be repeated.
    var isReplayable: Bool { get }
}

extension ContentSource {
    /// `true`
    public var isReplayable: Bool { true }
}
