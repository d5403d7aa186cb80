/// The text of a part, with CRLF at the end of every line, and what it is like.
struct TextLines: Sendable {
    /// The octets, in UTF-8.
    let octets: [UInt8]
    /// Whether all octets are ASCII.
    let isASCII: Bool
    /// The longest line, in octets, without its line end.
    let longestLine: Int
    /// Whether there are NULs, which no server has to carry.
    let hasNUL: Bool

    /// Every line end, LF, CR or CRLF, becomes CRLF.
    init(_ text: String) {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count + text.utf8.count / 32)
        var isASCII = true
        var hasNUL = false
        var longest = 0
        var length = 0
        var previous: UInt8 = 0
        for octet in text.utf8 {
            if octet == 0x0D || octet == 0x0A {
                if octet == 0x0D || previous != 0x0D {
                    octets.append(0x0D)
                    octets.append(0x0A)
                    longest = max(longest, length)
                    length = 0
                }
            } else {
                octets.append(octet)
                length += 1
                if octet >= 0x80 { isASCII = false } else if octet == 0 { hasNUL = true }
            }
            previous = octet
        }
        self.octets = octets
        self.isASCII = isASCII
        self.hasNUL = hasNUL
        longestLine = max(longest, length)
    }
}
