import Posthorn
import PosthornNet

/// Makes responses of octets (RFC 9051 section 7): finds where a response ends, literals included, and reads it in place.
///
/// No octet is looked at twice to find the end. A large body section comes in pieces, so that what is kept is bounded by
/// ``IMAPLimits``. After an error the parser is of no more use: the place in the stream is lost.
struct IMAPResponseParser: InboundParser {
    /// What a server may send.
    let limits: IMAPLimits
    /// Keeps secrets out of the error texts that quote what came.
    var mask = SecretMask()
    /// Whether the next response is the first of the connection.
    private var isGreetingDue: Bool
    /// How far the response has been searched for its end: up to here it is known. May lie beyond what is there, in a
    /// literal.
    private var searched = 0
    /// Where the line begins that is searched, behind the last literal.
    private var lineStart = 0
    /// Octets of the literals within it.
    private var literals = 0
    /// Octets of the same response that were consumed in front of a section that came in pieces.
    private var consumed = 0
    /// Large literals that look as if they were sections and are not.
    private var mistaken = 0
    /// What is under way.
    private var stream: Stream?
    /// How many octets of a section are to come; the section is at its end with 0.
    private var missing: UInt64 = 0

    /// A message of which a section comes in pieces, and whether the section's end is still to come.
    private struct Stream {
        var message: IMAPFetchedMessage
        var isInLiteral = true
    }

    /// Octets of one piece at most.
    private static let piece = 256 << 10

    /// - Parameter expectsGreeting: not after STARTTLS.
    init(limits: IMAPLimits = IMAPLimits(), expectsGreeting: Bool = true) {
        self.limits = limits
        isGreetingDue = expectsGreeting
    }

    /// Whether a part of a response has been taken whose end is missing.
    var isInsideResponse: Bool { stream != nil }
    /// How many octets of a section that comes in pieces are still to come.
    var missingOctets: UInt64 { stream?.isInLiteral == true ? missing : 0 }

    mutating func next(from buffer: inout ReceiveBuffer) throws -> IMAPEvent? {
        while true {
            if stream?.isInLiteral == true { return nextPiece(from: &buffer) }
            let (used, event) = try buffer.withUnsafeBytes { try parse($0) }
            buffer.consume(used)
            if event != nil || used == 0 { return event }
        }
    }

    /// Appends what has come of the section that comes in pieces, straight to where it is wanted: one copy.
    ///
    /// - Returns: how many octets were appended; 0 if nothing is there or none are missing.
    mutating func readLiteral(from buffer: inout ReceiveBuffer, into octets: inout [UInt8], limit: Int = .max) -> Int {
        let count = Int(min(missingOctets, UInt64(min(buffer.count, max(0, limit)))))
        guard count > 0 else { return 0 }
        buffer.withUnsafeBytes { octets.append(contentsOf: $0[..<count]) }
        buffer.consume(count)
        missing -= UInt64(count)
        return count
    }

    private mutating func nextPiece(from buffer: inout ReceiveBuffer) -> IMAPEvent? {
        guard missing > 0 else {
            stream?.isInLiteral = false
            return .literalEnds
        }
        var octets: [UInt8] = []
        guard readLiteral(from: &buffer, into: &octets, limit: Self.piece) > 0 else { return nil }
        return .literalPiece(octets)
    }

    // MARK: Finding the end

    /// Takes octets from the front of `bytes`.
    ///
    /// - Returns: how many were used, and the event if there is one. None are used as long as a response is incomplete.
    private mutating func parse(_ bytes: UnsafeRawBufferPointer) throws -> (used: Int, event: IMAPEvent?) {
        while true {
            guard let lineFeed = IMAPOctet.firstIndex(of: IMAPOctet.lineFeed, in: bytes, from: searched) else {
                if searched < bytes.count { searched = bytes.count }
                try checkLine(min(searched, bytes.count), bytes)
                return (0, nil)
            }
            try checkLine(lineFeed, bytes)
            var end = lineFeed
            if end > lineStart, bytes[end &- 1] == IMAPOctet.carriageReturn { end &-= 1 }
            if let announced = try announcedLiteral(bytes, from: lineStart, to: end) {
                if let event = try beginning(bytes, announced) {
                    consumed &+= lineFeed &+ 1 &- literals
                    searched = 0
                    lineStart = 0
                    literals = 0
                    return (lineFeed &+ 1, event)
                }
                try count(announced)
                searched = lineFeed &+ 1 &+ Int(announced.size)
                lineStart = searched
                continue
            }
            let response = UnsafeRawBufferPointer(rebasing: bytes[..<end])
            searched = 0
            lineStart = 0
            literals = 0
            guard !response.isEmpty || stream != nil else {
                // An empty line too many, as Exchange and Lotus Domino send behind a literal.
                return (lineFeed &+ 1, nil)
            }
            return (lineFeed &+ 1, .response(try read(response)))
        }
    }

    /// Checks the length of a line whose octets up to `end` are known to belong to it.
    private func checkLine(_ end: Int, _ bytes: UnsafeRawBufferPointer) throws {
        let length = end &- literals &+ consumed
        guard length > limits.line else { return }
        guard length <= limits.resultLine, Self.isResult(bytes) else {
            throw IMAPSyntaxProblem.error("a response of more than \(limits.line) octets")
        }
    }

    /// Whether it lists messages by number.
    private static func isResult(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var lexer = IMAPLexer(UnsafeRawBufferPointer(rebasing: bytes.prefix(64)), limits: IMAPLimits())
        guard lexer.take(UInt8(ascii: "*")) else { return false }
        lexer.spaces()
        return ["SEARCH", "ESEARCH", "SORT", "THREAD", "VANISHED"].contains { (word: StaticString) in
            lexer.isNext(word)
        }
    }

    /// A literal that a line ends with.
    private struct Announced {
        var size: UInt64
        /// Where the brace is, or the `~` in front of it.
        var start: Int
    }

    /// The literal that a line announces at its end; `nil` if it announces none.
    private func announcedLiteral(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int
    ) throws -> Announced? {
        // Nearly every line ends here.
        guard end > start, bytes[end &- 1] == IMAPOctet.closeBrace else { return nil }
        guard !isText(bytes) else { return nil }
        var place = end &- 2
        let first = max(start, end &- 32)
        while place >= first, bytes[place] != IMAPOctet.openBrace, bytes[place] != IMAPOctet.space { place &-= 1 }
        guard place >= first, bytes[place] == IMAPOctet.openBrace else { return nil }
        var lexer = IMAPLexer(UnsafeRawBufferPointer(rebasing: bytes[..<end]), at: place &+ 1, limits: limits)
        do throws(IMAPSyntaxProblem) {
            let size = try lexer.number64()
            if lexer.take(UInt8(ascii: "+")) {
                throw lexer.problem("a literal with '+', which only clients may send")
            }
            guard lexer.position == end &- 1 else { throw lexer.problem("a literal whose size is not a number") }
            let isBinary = place > start && bytes[place &- 1] == UInt8(ascii: "~")
            return Announced(size: size, start: isBinary ? place &- 1 : place)
        } catch {
            throw error.error(in: bytes, mask: mask)
        }
    }

    /// Whether the response is a text for people, which may end in a brace: a tagged response, a status, a continuation.
    private func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard stream == nil else { return false }
        var lexer = IMAPLexer(UnsafeRawBufferPointer(rebasing: bytes.prefix(64)), limits: limits)
        guard lexer.take(UInt8(ascii: "*")) else { return true }
        lexer.spaces()
        return lexer.statusKind() != nil
    }

    private mutating func count(_ announced: Announced) throws {
        // Whatever the limits say, no sum of sizes comes near what an Int holds.
        guard announced.size <= UInt64(max(0, min(limits.literal, 1 << 40))) else {
            throw IMAPSyntaxProblem.error(
                "a literal of \(announced.size) octets where at most \(limits.literal) are taken"
            )
        }
        literals &+= Int(announced.size)
        guard literals <= limits.literalsOfResponse else {
            throw IMAPSyntaxProblem.error("literals of more than \(limits.literalsOfResponse) octets in one response")
        }
    }

    // MARK: Sections in pieces

    /// The event of a section that begins here and is too large for a value; `nil` if it becomes part of a value.
    private mutating func beginning(_ bytes: UnsafeRawBufferPointer, _ announced: Announced) throws -> IMAPEvent? {
        let isLarge = limits.inlineSection < 0 || announced.size > UInt64(min(limits.inlineSection, limits.literal))
        let octets = UnsafeRawBufferPointer(rebasing: bytes[..<announced.start])
        guard isLarge, Self.endsLikeSection(octets) else { return nil }
        guard mistaken < 16 else { throw IMAPSyntaxProblem.error("large literals where none have to be") }
        let message: IMAPFetchedMessage
        let pending: IMAPLexer.PendingSection
        do throws(IMAPSyntaxProblem) {
            guard let (found, section) = try fetchBeginning(octets) else { return nil }
            (message, pending) = (found, section)
        } catch {
            if error.isLimit { throw error.error(in: octets, mask: mask) }
            // Not a section, but a text in a structure; or wrong, which shows when the response is complete.
            mistaken &+= 1
            return nil
        }
        guard announced.size <= limits.streamedLiteral else {
            throw IMAPSyntaxProblem.error(
                "a body section of \(announced.size) octets where at most \(limits.streamedLiteral) are taken"
            )
        }
        if stream == nil { stream = Stream(message: message) } else { stream?.message.add(message) }
        stream?.isInLiteral = true
        stream?.message.sections.append(
            IMAPFetchedSection(
                section: pending.section,
                isBinary: pending.isBinary,
                origin: pending.origin,
                streamed: announced.size
            )
        )
        missing = announced.size
        return .literalBegins(
            IMAPStreamedLiteral(
                number: message.number,
                uid: stream?.message.uid,
                section: pending.section,
                isBinary: pending.isBinary,
                origin: pending.origin,
                size: announced.size
            )
        )
    }

    /// Reads a FETCH up to a literal: its beginning, or what follows a section that came in pieces.
    private func fetchBeginning(
        _ octets: UnsafeRawBufferPointer
    ) throws(IMAPSyntaxProblem) -> (IMAPFetchedMessage, IMAPLexer.PendingSection)? {
        guard let stream else {
            var lexer = IMAPLexer(octets, limits: limits)
            return try lexer.beginningOfFetch()
        }
        var lexer = IMAPLexer(octets, depth: 1, limits: limits)
        var more = IMAPFetchedMessage(number: stream.message.number)
        guard let pending = try lexer.fetchItems(into: &more, endsAtLiteral: true) else {
            throw lexer.problem("a literal behind the end of a FETCH")
        }
        return (more, pending)
    }

    /// Whether these octets may end with the name of a section: with a bracket, an origin, or `RFC822` and its kind.
    private static func endsLikeSection(_ octets: UnsafeRawBufferPointer) -> Bool {
        var end = octets.count
        while end > 0, octets[end &- 1] == IMAPOctet.space { end &-= 1 }
        guard end > 0 else { return false }
        switch IMAPOctet.upper(octets[end &- 1]) {
        case IMAPOctet.closeBracket, UInt8(ascii: ">"), UInt8(ascii: "2"), UInt8(ascii: "R"), UInt8(ascii: "T"):
            return true
        default: return false
        }
    }

    // MARK: Reading

    /// Reads a complete response.
    private mutating func read(_ octets: UnsafeRawBufferPointer) throws -> IMAPResponse {
        mistaken = 0
        consumed = 0
        var lexer = IMAPLexer(octets, depth: stream == nil ? 0 : 1, limits: limits)
        do throws(IMAPSyntaxProblem) {
            if var message = stream?.message {
                stream = nil
                var more = IMAPFetchedMessage(number: message.number)
                _ = try lexer.fetchItems(into: &more, endsAtLiteral: false)
                try lexer.end()
                message.add(more)
                return .fetch(message)
            }
            if isGreetingDue { return try greeting(&lexer) }
            if lexer.take(UInt8(ascii: "*")) { return try lexer.untagged() }
            if lexer.take(UInt8(ascii: "+")) {
                _ = lexer.take(IMAPOctet.space)
                return .continuation(IMAPContinuation(text: Array(octets[min(lexer.position, octets.count)...])))
            }
            return try tagged(&lexer)
        } catch {
            throw error.error(in: octets, mask: mask)
        }
    }

    private mutating func greeting(_ lexer: inout IMAPLexer) throws(IMAPSyntaxProblem) -> IMAPResponse {
        guard lexer.take(UInt8(ascii: "*")) else { throw lexer.problem("no greeting") }
        lexer.spaces()
        switch lexer.statusKind() {
        case .ok: return try greeted(.ok, &lexer)
        case .preauth: return try greeted(.preauth, &lexer)
        case .bye: return try greeted(.bye, &lexer)
        default: throw lexer.problem("no greeting")
        }
    }

    private mutating func greeted(
        _ kind: IMAPStatus.Kind,
        _ lexer: inout IMAPLexer
    ) throws(IMAPSyntaxProblem) -> IMAPResponse {
        isGreetingDue = false
        return .greeting(try lexer.status(kind))
    }

    private func tagged(_ lexer: inout IMAPLexer) throws(IMAPSyntaxProblem) -> IMAPResponse {
        let tag = IMAPStringOctets.text(try lexer.word())
        lexer.spaces()
        guard let kind = lexer.statusKind(), kind != .bye, kind != .preauth else {
            throw lexer.problem("neither '*' nor '+' nor a tag with OK, NO or BAD")
        }
        return .tagged(tag: tag, try lexer.status(kind))
    }
}
