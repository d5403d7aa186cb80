/// What a command line has that cannot be read.
struct IMAPSyntaxError: Error {
    /// What was expected.
    let sentence: String

    init(_ sentence: String) { self.sentence = sentence }
}

/// Reads a command (RFC 3501 section 9): text with literals in between.
struct IMAPArguments {
    enum Part {
        case text([UInt8])
        case literal([UInt8])
        /// A literal that was too long to be kept.
        case dropped
    }

    private let parts: [Part]
    private var current = 0
    private var offset = 0

    init(_ parts: [Part]) {
        self.parts = parts.filter { if case .text(let octets) = $0 { !octets.isEmpty } else { true } }
    }

    /// The next octet of text; `nil` at the end or in front of a literal.
    var next: UInt8? {
        guard current < parts.count, case .text(let octets) = parts[current] else { return nil }
        return octets[offset]
    }

    var isAtEnd: Bool { current >= parts.count }

    private mutating func advance() {
        offset += 1
        if case .text(let octets) = parts[current], offset < octets.count { return }
        current += 1
        offset = 0
    }

    mutating func take(_ octet: Character) -> Bool {
        guard let next, next == octet.asciiValue else { return false }
        advance()
        return true
    }

    mutating func expect(_ octet: Character) throws(IMAPSyntaxError) {
        guard take(octet) else { throw IMAPSyntaxError("'\(octet)' is expected") }
    }

    mutating func space() throws(IMAPSyntaxError) {
        guard take(" ") else { throw IMAPSyntaxError("a space is expected") }
    }

    mutating func end() throws(IMAPSyntaxError) {
        guard isAtEnd else { throw IMAPSyntaxError("there is more than the command takes") }
    }

    /// Octets that satisfy a condition; perhaps none.
    mutating func word(_ isWanted: (UInt8) -> Bool) -> String {
        var octets: [UInt8] = []
        while let next, isWanted(next) {
            octets.append(next)
            advance()
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// ATOM-CHAR.
    static func isAtomOctet(_ octet: UInt8) -> Bool {
        guard octet > 32, octet < 127 else { return false }
        switch octet {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "*"),
            UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "]"):
            return false
        default: return true
        }
    }

    mutating func atom() throws(IMAPSyntaxError) -> String {
        let word = word(Self.isAtomOctet)
        guard !word.isEmpty else { throw IMAPSyntaxError("an atom is expected") }
        return word
    }

    /// A quoted string or a literal; `nil` if there is neither.
    mutating func string() throws(IMAPSyntaxError) -> [UInt8]? {
        if let literal = literal() { return literal }
        guard take("\"") else { return nil }
        var octets: [UInt8] = []
        while let next {
            advance()
            switch next {
            case IMAPText.quote: return octets
            case IMAPText.backslash:
                guard let escaped = self.next, escaped == IMAPText.quote || escaped == IMAPText.backslash else {
                    throw IMAPSyntaxError("only a quote or a backslash may follow a backslash")
                }
                octets.append(escaped)
                advance()
            default: octets.append(next)
            }
        }
        throw IMAPSyntaxError("a quoted string does not end")
    }

    mutating func literal() -> [UInt8]? {
        guard current < parts.count, case .literal(let octets) = parts[current] else { return nil }
        current += 1
        offset = 0
        return octets
    }

    /// An atom, which may hold `]`, a quoted string or a literal.
    mutating func astring(also isAllowed: (UInt8) -> Bool = { _ in false }) throws(IMAPSyntaxError) -> [UInt8] {
        if let string = try string() { return string }
        let word = word { Self.isAtomOctet($0) || $0 == UInt8(ascii: "]") || isAllowed($0) }
        guard !word.isEmpty else { throw IMAPSyntaxError("a string is expected") }
        return Array(word.utf8)
    }

    mutating func text() throws(IMAPSyntaxError) -> String {
        guard let text = String(validating: try astring(), as: UTF8.self) else {
            throw IMAPSyntaxError("a string is not UTF-8")
        }
        return text
    }

    /// A number up to 2^63 - 1.
    mutating func number() throws(IMAPSyntaxError) -> UInt64 {
        let digits = word { (48...57).contains($0) }
        guard let number = UInt64(digits), number <= UInt64(Int64.max) else {
            throw IMAPSyntaxError("a number is expected")
        }
        return number
    }

    /// A list of flags in parentheses.
    mutating func flags() throws(IMAPSyntaxError) -> [String] {
        try expect("(")
        var flags: [String] = []
        while !take(")") {
            if !flags.isEmpty { try space() }
            flags.append(try flag())
        }
        return flags
    }

    mutating func flag() throws(IMAPSyntaxError) -> String {
        let prefix = take("\\") ? "\\" : ""
        return prefix + (try atom())
    }

    /// A sequence set, or `$`.
    mutating func set() throws(IMAPSyntaxError) -> IMAPSequenceSet {
        let word = word { (48...57).contains($0) || $0 == 42 || $0 == 58 || $0 == 44 || $0 == 36 }
        guard let set = IMAPSequenceSet(word) else { throw IMAPSyntaxError("a set of message numbers is expected") }
        return set
    }
}
