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
        var text = text
        var octets: [UInt8] = []
        var high: UInt8 = 0
        var hasNUL = false
        var longest = 0
        text.withUTF8 { source in
            octets.reserveCapacity(source.count &+ source.count / 32)
            var start = 0
            while true {
                var end = start
                while end < source.count {
                    let octet = source[end]
                    // Anything above CR is neither NUL nor a line end.
                    if octet <= 0x0D {
                        if octet == 0x0D || octet == 0x0A { break }
                        if octet == 0 { hasNUL = true }
                    }
                    high |= octet
                    end &+= 1
                }
                octets.append(contentsOf: UnsafeBufferPointer(rebasing: source[start..<end]))
                longest = max(longest, end &- start)
                guard end < source.count else { return }
                octets.append(0x0D)
                octets.append(0x0A)
                start = end &+ 1
                if source[end] == 0x0D, start < source.count, source[start] == 0x0A { start &+= 1 }
            }
        }
        self.octets = octets
        isASCII = high < 0x80
        self.hasNUL = hasNUL
        longestLine = longest
    }
}
