/// What has come of a command: lines and literals.
struct IMAPCommandReader {
    /// A literal that is being read.
    struct Literal {
        var rest: UInt64
        var octets: [UInt8] = []
        /// Whether it is too long and only passed over.
        let isDropped: Bool
    }

    var lines = LineReader()
    var parts: [IMAPArguments.Part] = []
    var literal: Literal?
    /// How many octets had come before the command.
    var start: Int?
    /// The octets of all literals but the last one.
    var kept = 0

    mutating func reset() { self = IMAPCommandReader() }

    /// The literal that a line announces at its end (RFC 3501 section 4.3, RFC 7888).
    static func announced(_ line: [UInt8]) -> (start: Int, size: UInt64, waits: Bool)? {
        guard line.last == UInt8(ascii: "}"), let brace = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        var digits = line[(brace + 1)...].dropLast()
        let waits = digits.last != UInt8(ascii: "+")
        if !waits { digits = digits.dropLast() }
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }),
            let size = UInt64(String(decoding: digits, as: UTF8.self)), size <= UInt64(Int64.max)
        else { return nil }
        return (brace, size, waits)
    }

    /// The words of what has come so far, for what must be known before the command is complete.
    var words: [Substring] {
        guard case .text(let octets)? = parts.first else { return [] }
        return String(decoding: octets.prefix(200), as: UTF8.self).split(separator: " ")
    }
}

extension IMAPServerSession {
    /// Octets of literals in a command other than APPEND, and how many lines and literals a command may have.
    private static let argument = 64 * 1_024
    private static let pieces = 500

    mutating func takeCommand(_ bytes: UnsafeRawBufferPointer) -> Int {
        if reader.literal != nil { return takeLiteral(bytes) }
        if reader.start == nil { reader.start = faults.received }
        let (used, line) = reader.lines.take(bytes, limit: configuration.limits.line)
        guard let line else { return used }
        switch line {
        case .tooLong:
            violation("a line is longer than \(configuration.limits.line) octets")
            refuseLine("the line is too long")
        case .malformed:
            violation("a line does not end with CRLF, or holds a lone CR or a NUL")
            refuseLine("lines end with CRLF and hold neither CR nor NUL")
        case .text(let text): takeLine(text, isLastOfBatch: used == bytes.count)
        }
        return used
    }

    private mutating func refuseLine(_ sentence: String) {
        reader.reset()
        if case .authentication = phase { phase = .commands }
        if case .idle = phase { phase = .commands }
        tag = "*"
        finish(.bad, sentence)
    }

    private mutating func takeLine(_ line: [UInt8], isLastOfBatch: Bool) {
        switch phase {
        case .authentication(var exchange):
            reader.reset()
            steps.append(.command("<hidden>"))
            phase = .commands
            if let answer = arrive(at: .authenticate), !answer.isPositive { return reply(ServerOutput(answer.octets)) }
            return takeResponse(line, &exchange)
        case .idle:
            reader.reset()
            return endIdle(line)
        default: break
        }
        guard reader.parts.count < Self.pieces else {
            violation("a command has more than \(Self.pieces) pieces")
            return refuseLine("the command has too many literals")
        }
        let announced = IMAPCommandReader.announced(line)
        reader.parts.append(.text(announced.map { Array(line.prefix($0.start)) } ?? line))
        guard let literal = announced else {
            let parts = reader.parts
            let start = reader.start ?? faults.received
            reader.reset()
            return perform(parts, start: start, isLastOfBatch: isLastOfBatch)
        }
        beginLiteral(literal.size, waits: literal.waits, isLastOfBatch: isLastOfBatch)
    }

    private mutating func beginLiteral(_ size: UInt64, waits: Bool, isLastOfBatch: Bool) {
        let words = reader.words
        tag = words.first.map(String.init) ?? "*"
        let isMessage = words.count > 1 && words[1].uppercased() == "APPEND" && user != nil
        let limit = isMessage ? configuration.limits.literal : Self.argument
        let isTooLong = size > UInt64(max(0, limit - reader.kept))
        if waits {
            if !isLastOfBatch { violation("the client did not wait before it sent a literal") }
            let answer = arrive(at: .continuation)
            if answer?.isPositive == false || isTooLong {
                note(reader.parts + [.dropped])
                reader.reset()
                return finish(.no, isMessage ? "[TOOBIG] the message is too large" : "the literal is too long")
            }
            reply(ServerOutput(Array("+ go on\r\n".utf8)))
        } else {
            let isShort = size <= 4_096
            if !has(.literalPlus), !(isShort && (has(.literalMinus) || has(.imap4rev2))) {
                violation("a literal of \(size) octets that does not wait, which was not offered")
            }
        }
        reader.literal = IMAPCommandReader.Literal(rest: size, isDropped: isTooLong)
        if size == 0 { endLiteral() }
    }

    private mutating func takeLiteral(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard var literal = reader.literal else { return bytes.count }
        reader.literal = nil
        let count = Int(min(literal.rest, UInt64(bytes.count)))
        if !literal.isDropped { literal.octets.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        literal.rest -= UInt64(count)
        reader.literal = literal
        if literal.rest == 0 { endLiteral() }
        return count
    }

    private mutating func endLiteral() {
        guard let literal = reader.literal else { return }
        reader.literal = nil
        reader.kept += literal.octets.count
        // One that was dropped is known by its absence when the command is carried out.
        reader.parts.append(literal.isDropped ? .dropped : .literal(literal.octets))
    }
}
