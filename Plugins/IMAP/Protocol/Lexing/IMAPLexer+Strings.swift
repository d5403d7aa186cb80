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
    /// Whether it is known to be ASCII.
    var isKnownASCII = false

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
    var text: String { isEscaped ? Self.text(array) : isKnownASCII ? Self.ascii(octets) : Self.text(octets) }

    static func text(_ octets: UnsafeRawBufferPointer) -> String {
        // Nearly all is ASCII, which needs no further look.
        IMAPOctet.isASCII(octets) ? ascii(octets) : text(Array(octets))
    }

    private static func ascii(_ octets: UnsafeRawBufferPointer) -> String {
        guard let base = octets.baseAddress, !octets.isEmpty else { return "" }
        return String(unsafeUninitializedCapacity: octets.count) { target in
            guard let start = target.baseAddress else { return 0 }
            memcpy(start, base, octets.count)
            return octets.count
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

    /// Takes a quoted string. It ends on its line, and holds no NUL: both stand in literals only.
    mutating func quoted() throws(IMAPSyntaxProblem) -> IMAPStringOctets {
        guard take(IMAPOctet.quote) else { throw problem("no quoted string") }
        let start = position
        var isEscaped = false
        var bits: UInt8 = 0
        var place = start
        while place < octets.count {
            let octet = octets[place]
            bits |= octet
            if octet == IMAPOctet.quote {
                move(to: place &+ 1)
                let content = UnsafeRawBufferPointer(rebasing: octets[start..<place])
                return IMAPStringOctets(octets: content, isEscaped: isEscaped, isKnownASCII: bits < 0x80)
            }
            if octet < IMAPOctet.space {
                if octet == 0 { throw problem("a NUL inside a quoted string") }
                if octet == IMAPOctet.lineFeed || octet == IMAPOctet.carriageReturn {
                    throw problem("a line break inside a quoted string")
                }
            } else if octet == IMAPOctet.backslash {
                isEscaped = true
                // What follows stands for itself, but is no control character either.
                if place &+ 1 < octets.count, octets[place &+ 1] >= IMAPOctet.space {
                    bits |= octets[place &+ 1]
                    place &+= 1
                }
            }
            place &+= 1
        }
        throw problem("a quoted string without its end")
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
        return IMAPStringOctets(octets: content)
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
}
