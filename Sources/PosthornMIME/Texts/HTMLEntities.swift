/// Character references of HTML: `&auml;`, `&#228;`, `&#xE4;` (section 13.2.5.72 of the HTML standard).
enum HTMLEntities {
    /// The longest name.
    private static let longestName = 31
    /// The longest name that is known without a semicolon.
    private static let longestShortName = 6

    /// The text of the reference that begins with the `&` at a position, and where it ends; `nil` if there is none.
    ///
    /// - Parameter inAttribute: in attributes, a name without a semicolon before `=` or a letter is none, so that
    ///   `?a=1&copy=2` stays as it is.
    static func read(
        _ octets: UnsafeBufferPointer<UInt8>,
        at start: Int,
        end: Int,
        inAttribute: Bool = false
    ) -> (text: String, end: Int)? {
        guard start + 1 < end else { return nil }
        if octets[start + 1] == UInt8(ascii: "#") { return number(octets, at: start + 2, end: end) }
        var position = start + 1
        let limit = min(end, position + longestName)
        while position < limit, isAlphanumeric(octets[position]) { position &+= 1 }
        let name = octets[(start + 1)..<position]
        guard !name.isEmpty else { return nil }
        if position < end, octets[position] == UInt8(ascii: ";"),
            let found = HTMLEntityNames.all[String(decoding: name, as: UTF8.self)]
        {
            return (found.text, position + 1)
        }
        var length = min(name.count, longestShortName)
        while length > 1 {
            let short = name.prefix(length)
            if let found = HTMLEntityNames.all[String(decoding: short, as: UTF8.self)], found.isShort {
                let next = short.endIndex < end ? octets[short.endIndex] : 0x20
                if inAttribute, next == UInt8(ascii: "=") || isAlphanumeric(next) { return nil }
                return (found.text, short.endIndex)
            }
            length -= 1
        }
        return nil
    }

    /// The text with its references read, as attributes have them.
    static func decodeAttribute(_ octets: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
        var decoded: [UInt8] = []
        var position = range.lowerBound
        while position < range.upperBound {
            if octets[position] == UInt8(ascii: "&"),
                let (text, end) = read(octets, at: position, end: range.upperBound, inAttribute: true)
            {
                decoded.append(contentsOf: text.utf8)
                position = end
            } else {
                decoded.append(octets[position])
                position &+= 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// A number, after `&#`.
    private static func number(
        _ octets: UnsafeBufferPointer<UInt8>,
        at start: Int,
        end: Int
    ) -> (text: String, end: Int)? {
        var position = start
        var radix: UInt32 = 10
        if position < end, octets[position] | 0x20 == UInt8(ascii: "x") {
            radix = 16
            position &+= 1
        }
        let digits = position
        var value: UInt32 = 0
        while position < end, let digit = HexDigit.value(octets[position]).map(UInt32.init), digit < radix {
            // Whatever is beyond Unicode is the same.
            value = min(value * radix + digit, 0x11_0000)
            position &+= 1
        }
        guard position > digits else { return nil }
        if position < end, octets[position] == UInt8(ascii: ";") { position &+= 1 }
        return (String(scalar(value)), position)
    }

    private static func scalar(_ value: UInt32) -> Unicode.Scalar {
        if (0x80..<0xA0).contains(value) { return windows1252[Int(value - 0x80)] }
        return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    /// The numbers 0x80 to 0x9F, which are meant as windows-1252.
    private static let windows1252 = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars
    )

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20)
    }
}
