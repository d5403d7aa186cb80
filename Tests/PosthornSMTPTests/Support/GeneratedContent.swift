import Posthorn

/// Content that is made while it is read, and may fail.
struct GeneratedContent: ContentSource {
    /// 64 KiB of lines; the first is a header field.
    static let piece: [UInt8] = {
        let line = String(repeating: "x", count: 62) + "\r\n"
        return Array(("Subject: large" + String(repeating: "y", count: 46) + "\r\n\r\n").utf8)
            + Array(String(repeating: line, count: 1_023).utf8)
    }()

    /// Why it cannot be read.
    struct Unreadable: Error {}

    var pieces = 1
    /// The piece at which reading fails.
    var failsAt: Int?
    /// Whether it fails before anything is read.
    var failsAtOnce = false
    /// The pause before each piece.
    var pause = Duration.zero
    /// Hears the number of each piece that is asked for.
    var onPiece: (@Sendable (Int) -> Void)?

    var size: UInt64 { UInt64(pieces * Self.piece.count) }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        if failsAtOnce { throw MailError(.contentUnavailable, "the attachment is gone") }
        return ContentFacts(size: size, transfer: .sevenBit, needsUTF8Headers: false)
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader { Reader(content: self) }

    struct Reader: ContentReader {
        let content: GeneratedContent
        var next = 0

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            content.onPiece?(next)
            if content.failsAt == next { throw Unreadable() }
            guard next < content.pieces else { return false }
            if content.pause > .zero { try await Task.sleep(for: content.pause) }
            buffer += GeneratedContent.piece
            next += 1
            return true
        }
    }
}
