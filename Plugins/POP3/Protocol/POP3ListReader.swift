import Posthorn

/// Reads the lines of a multi-line reply that is a list: CAPA, LIST, UIDL, LANG. No I/O.
struct POP3ListReader {
    /// What a list may be at most.
    struct Limits {
        /// The longest line.
        var line = 4_096
        /// All lines together: 5,000,000 messages need less.
        var octets = 512 << 20

        /// For lists of messages.
        static let messages = Limits()
        /// For lists of words: capabilities, languages.
        static let words = Limits(octets: 256 * 1024)
    }

    private var decoder = POP3BodyDecoder()
    private var pending: [UInt8] = []
    private var total = 0
    private let limits: Limits
    private let subject: String

    /// - Parameter subject: the command that is answered, for errors.
    init(_ limits: Limits, subject: String) {
        self.limits = limits
        self.subject = subject
    }

    /// Whether the list is complete.
    var isAtEnd: Bool { decoder.isAtEnd }

    /// Takes octets and gives each complete line, without its end, to `body`.
    ///
    /// - Returns: how many octets were used.
    mutating func read(
        _ input: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(MailError) -> Void
    ) throws(MailError) -> Int {
        let used = decoder.decode(input, into: &pending)
        total &+= used
        guard total <= limits.octets else { throw violation("a list of more than \(limits.octets) octets") }
        var start = 0
        var failure: MailError?
        pending.withUnsafeBytes { octets in
            do throws(MailError) {
                while let feed = octets.firstLineFeed(from: start) {
                    var end = feed
                    if end > start, octets[end &- 1] == 0x0D { end &-= 1 }
                    guard end &- start <= limits.line else { throw tooLong() }
                    try body(UnsafeRawBufferPointer(rebasing: octets[start..<end]))
                    start = feed &+ 1
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        if start > 0 { pending.removeFirst(start) }
        // The CR of its end may be there without the LF.
        guard pending.count <= limits.line &+ 1 else { throw tooLong() }
        return used
    }

    private func tooLong() -> MailError { violation("a line of more than \(limits.line) octets") }

    private func violation(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "the server answered \(subject) with \(what); the connection was closed and nothing was deleted: tell the "
                + "server's operator"
        )
    }
}
