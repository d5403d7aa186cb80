#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The octets that have a meaning in IMAP (RFC 9051 section 9).
enum IMAPOctet {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let open = UInt8(ascii: "(")
    static let close = UInt8(ascii: ")")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")

    @inline(__always) static func isDigit(_ octet: UInt8) -> Bool { octet &- zero <= 9 }

    /// Whether a word of a response ends before this octet: control characters, space, parentheses, quotes.
    ///
    /// Less than `atom-specials`: servers send `%`, `*`, `\`, `]` and `{` inside words.
    @inline(__always) static func endsWord(_ octet: UInt8) -> Bool {
        octet <= space || octet == open || octet == close || octet == quote || octet == 0x7F
    }

    /// `ATOM-CHAR` (RFC 9051 section 9): what a client may send without quotes.
    static func isAtom(_ octet: UInt8) -> Bool {
        guard octet > space, octet < 0x7F else { return false }
        switch octet {
        case open, close, openBrace, quote, backslash, closeBracket, UInt8(ascii: "%"), UInt8(ascii: "*"): return false
        default: return true
        }
    }

    /// The capital letter of a letter, every other octet as it is.
    @inline(__always) static func upper(_ octet: UInt8) -> UInt8 {
        octet &- UInt8(ascii: "a") <= 25 ? octet &- 0x20 : octet
    }

    /// The position of the first such octet at or behind `start`.
    @inline(__always)
    static func firstIndex(of octet: UInt8, in octets: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start >= 0, start < octets.count, let base = octets.baseAddress,
            let hit = memchr(base + start, Int32(octet), octets.count &- start)
        else { return nil }
        return UnsafeRawPointer(hit) - base
    }

    /// Whether no octet has its highest bit set.
    @inline(__always)
    static func isASCII(_ octets: UnsafeRawBufferPointer) -> Bool {
        var bits: UInt64 = 0
        var place = 0
        while place &+ 8 <= octets.count {
            bits |= octets.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            place &+= 8
        }
        while place < octets.count {
            bits |= UInt64(octets[place])
            place &+= 1
        }
        return bits & 0x8080_8080_8080_8080 == 0
    }
}
