#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The octets of a string: in place, or with backslashes in front of some of them.
struct IMAPStringOctets {
    var octets: UnsafeRawBufferPointer
    var isEscaped = false
    /// Whether it came as a literal.
    var isLiteral = false

    /// The octets without the escapes.
    var array: [UInt8] {
        guard isEscaped else { return Array(octets) }
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var isBehindBackslash = false
        for octet in octets {
            if !isBehindBackslash, octet == IMAPOctet.backslash {
                isBehindBackslash = true
            } else {
                result.append(octet)
                isBehindBackslash = false
            }
        }
        return result
    }

    /// The octets as text: UTF-8, or else ISO 8859-1, in which no octet is lost.
    var text: String { isEscaped ? Self.text(array) : Self.text(octets) }

    static func text(_ octets: UnsafeRawBufferPointer) -> String {
        octets.withMemoryRebound(to: UInt8.self) { bytes in
            String(validating: bytes, as: UTF8.self) ?? latin(bytes)
        }
    }

    static func text(_ octets: [UInt8]) -> String { String(validating: octets, as: UTF8.self) ?? latin(octets) }

    private static func latin(_ octets: some Sequence<UInt8>) -> String {
        var result = ""
        for octet in octets { result.unicodeScalars.append(Unicode.Scalar(octet)) }
        return result
    }
}

extension IMAPLexer {
    /// Takes a string, quoted or literal; `nil` for NIL. A word counts as a string: some servers leave out the quotes.
    mutating func nstring() throws(IMAPSyntaxProblem) -> IMAPStringOctets? {
        switch next {
        case IMAPOctet.quote: return try quoted()
        case IMAPOctet.openBrace: return try literal()
        case UInt8(ascii: "~") where peek(1) == IMAPOctet.openBrace:
            move(to: position &+ 1)
            return try literal()
        case UInt8(ascii: "N"), UInt8(ascii: "n"):
            if takeNil() { return nil }
            return IMAPStringOctets(octets: try word())
        default: return IMAPStringOctets(octets: try word())
        }
    }

    /// Takes a string or a word as text; `nil` for NIL.
    mutating func ntext() throws(IMAPSyntaxProblem) -> String? { try nstring()?.text }

    /// Takes a string or a word as text; NIL is empty, as some servers send it where a string has to be.
    mutating func text() throws(IMAPSyntaxProblem) -> String { try nstring()?.text ?? "" }

    /// Takes a string or a word as octets; NIL is the word itself: what `astring` is.
    mutating func astring() throws(IMAPSyntaxProblem) -> [UInt8] {
        switch next {
        case IMAPOctet.quote, IMAPOctet.openBrace, UInt8(ascii: "~"):
            return try nstring()?.array ?? []
        default: return Array(try word())
        }
    }

    /// Takes a quoted string.
    mutating func quoted() throws(IMAPSyntaxProblem) -> IMAPStringOctets {
        guard let base = octets.baseAddress, take(IMAPOctet.quote) else { throw problem("no quoted string") }
        let start = position
        // Most strings hold no backslash: the end is the first quote.
        guard let hit = memchr(base + start, Int32(IMAPOctet.quote), octets.count &- start) else {
            throw problem("a quoted string without its end")
        }
        let end = UnsafeRawPointer(hit) - base
        let content = UnsafeRawBufferPointer(rebasing: octets[start..<end])
        guard content.isEmpty || memchr(base + start, Int32(IMAPOctet.backslash), content.count) == nil else {
            return try escaped(from: start)
        }
        try checkLine(content)
        move(to: end &+ 1)
        return IMAPStringOctets(octets: content)
    }

    private mutating func escaped(from start: Int) throws(IMAPSyntaxProblem) -> IMAPStringOctets {
        var place = start
        while place < octets.count {
            if octets[place] == IMAPOctet.quote {
                let content = UnsafeRawBufferPointer(rebasing: octets[start..<place])
                try checkLine(content)
                move(to: place &+ 1)
                return IMAPStringOctets(octets: content, isEscaped: true)
            }
            place &+= octets[place] == IMAPOctet.backslash ? 2 : 1
        }
        throw problem("a quoted string without its end")
    }

    /// A quoted string ends on its line. A NUL stands in literals only.
    private func checkLine(_ content: UnsafeRawBufferPointer) throws(IMAPSyntaxProblem) {
        guard let base = content.baseAddress, !content.isEmpty else { return }
        if memchr(base, Int32(IMAPOctet.lineFeed), content.count) != nil
            || memchr(base, Int32(IMAPOctet.carriageReturn), content.count) != nil
        {
            throw problem("a line break inside a quoted string")
        }
        if memchr(base, 0, content.count) != nil { throw problem("a NUL inside a quoted string") }
    }

    /// Takes a literal, all of which is there.
    private mutating func literal() throws(IMAPSyntaxProblem) -> IMAPStringOctets {
        guard take(IMAPOctet.openBrace) else { throw problem("no literal where one has to be") }
        let size = try number64()
        guard take(IMAPOctet.closeBrace) else { throw problem("a literal whose size is not a number") }
        _ = take(IMAPOctet.carriageReturn)
        guard take(IMAPOctet.lineFeed) else { throw problem("a literal without a line end behind its size") }
        guard let count = Int(exactly: size), count <= octets.count &- position else {
            throw problem("a literal that is shorter than announced")
        }
        let content = UnsafeRawBufferPointer(rebasing: octets[position..<(position &+ count)])
        move(to: position &+ count)
        return IMAPStringOctets(octets: content, isLiteral: true)
    }

    // MARK: Passing over

    /// Passes over one value: a word, a string, a literal, or a list with whatever is in it. Needs no stack.
    mutating func skipValue() throws(IMAPSyntaxProblem) {
        let outside = depth
        repeat {
            spaces()
            switch next {
            case IMAPOctet.open: try open()
            case IMAPOctet.close:
                guard depth > outside, takeClose() else { throw problem("a ')' without its '('") }
            case IMAPOctet.quote, IMAPOctet.openBrace, UInt8(ascii: "~"): _ = try nstring()
            default:
                if isAtEnd { throw problem("a list without its end") }
                _ = try word()
            }
        } while depth > outside
    }

    /// Passes over everything that is left, checking that it is balanced.
    mutating func skipRest() throws(IMAPSyntaxProblem) {
        spaces()
        while !isAtEnd {
            try skipValue()
            spaces()
        }
    }

    /// Gives back the depth of a place that was returned to.
    mutating func goBack(to lexer: IMAPLexer) { self = lexer }
}
