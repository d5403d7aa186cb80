/// Writes text as encoded words (RFC 2047): UTF-8, Q or B, whichever is shorter, at most 75 characters each.
///
/// No character is ever split between two words, and no cluster of characters that people see as one if it fits.
package struct EncodedWordEncoder {
    /// Where the word stands, which decides the characters that Q leaves as they are (RFC 2047 section 5).
    package enum Context {
        /// In unstructured text.
        case text
        /// In a display name.
        case phrase
    }

    /// The longest encoded word.
    static let longestWord = 75
    /// The longest line that holds an encoded word.
    static let lineWidth = 76
    /// `=?utf-8?q?` and `?=`
    private static let overhead = 12
    /// Less room than this is not worth a word.
    private static let leastRoom = 28

    private var rest: Substring.UnicodeScalarView
    private let isQ: Bool
    private let context: Context

    package init(_ text: some StringProtocol, context: Context) {
        let octets = text.utf8
        let q = octets.reduce(into: 0) { $0 += Self.cost($1, context) }
        isQ = q <= (octets.count + 2) / 3 * 4
        self.context = context
        rest = Substring(text).unicodeScalars
    }

    /// The next word, or `nil` when all is written.
    ///
    /// - Parameter room: the columns that are left on the line. A word that is longer must go to the next line.
    package mutating func next(room: Int) -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        let width = room < Self.leastRoom ? Self.longestWord : min(room, Self.longestWord)
        var piece = take(width - Self.overhead)
        if piece.isEmpty { piece = take(Self.longestWord - Self.overhead) }
        var word = Array((isQ ? "=?utf-8?q?" : "=?utf-8?b?").utf8)
        if isQ {
            for octet in piece { Self.appendQ(octet, context, to: &word) }
        } else {
            word.append(contentsOf: Base64Text.encode(piece))
        }
        word.append(contentsOf: [UInt8(ascii: "?"), UInt8(ascii: "=")])
        return word
    }

    /// Takes as many characters as fit into `payload` encoded characters.
    private mutating func take(_ payload: Int) -> [UInt8] {
        let budget = isQ ? payload : payload / 4 * 3
        var used = 0
        var end = rest.startIndex
        while end < rest.endIndex {
            let cost = UTF8.encode(rest[end]).map { scalar in
                scalar.reduce(0) { $0 + (isQ ? Self.cost($1, context) : 1) }
            }
            guard let cost, used + cost <= budget else { break }
            used += cost
            rest.formIndex(after: &end)
        }
        end = clusterEnd(before: end)
        let piece = Array(String(rest[..<end]).utf8)
        rest = rest[end...]
        return piece
    }

    /// The last boundary of a cluster that people see as one character, at or before `end`; `end` if there is none.
    private func clusterEnd(before end: Substring.UnicodeScalarView.Index) -> Substring.UnicodeScalarView.Index {
        guard end < rest.endIndex, end > rest.startIndex else { return end }
        // A copy of what fits and of one scalar more, so that the time does not depend on what follows.
        let window = String(rest[...end])
        guard let last = window.last, last.unicodeScalars.count > 1 else { return end }
        guard last.unicodeScalars.count < window.unicodeScalars.count else { return end }
        return rest.index(end, offsetBy: 1 - last.unicodeScalars.count)
    }

    private static func cost(_ octet: UInt8, _ context: Context) -> Int {
        octet == 0x20 || staysInQ(octet, context) ? 1 : 3
    }

    private static func staysInQ(_ octet: UInt8, _ context: Context) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return true
        case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"):
            return true
        case 0x21...0x7E where context == .text:
            return octet != UInt8(ascii: "=") && octet != UInt8(ascii: "?") && octet != UInt8(ascii: "_")
        default: return false
        }
    }

    private static func appendQ(_ octet: UInt8, _ context: Context, to word: inout [UInt8]) {
        if octet == 0x20 {
            word.append(UInt8(ascii: "_"))
        } else if staysInQ(octet, context) {
            word.append(octet)
        } else {
            let digits = Array("0123456789ABCDEF".utf8)
            word.append(UInt8(ascii: "="))
            word.append(digits[Int(octet >> 4)])
            word.append(digits[Int(octet & 15)])
        }
    }
}

/// Base64 for the short texts of header fields.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var index = 0
        while index < octets.count {
            let left = octets.count - index
            let group =
                UInt32(octets[index]) << 16 | (left > 1 ? UInt32(octets[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(octets[index + 2]) : 0)
            for (position, shift) in [18, 12, 6, 0].enumerated() {
                text.append(position <= left ? alphabet[Int(group >> UInt32(shift) & 63)] : UInt8(ascii: "="))
            }
            index += 3
        }
        return text
    }

    /// Decodes what it can: characters outside the alphabet are passed over, missing padding is not missed.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8] {
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text {
            guard let value = value(of: character) else {
                if character == UInt8(ascii: "=") { break }
                continue
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return octets
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
