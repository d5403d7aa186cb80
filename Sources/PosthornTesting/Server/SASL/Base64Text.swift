/// Base64 (RFC 4648 section 4), as AUTH carries it: no line breaks, padding required.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var index = 0
        while index < octets.count {
            let piece = octets[index..<min(index + 3, octets.count)]
            var bits: UInt32 = 0
            for octet in piece { bits = bits << 8 | UInt32(octet) }
            bits <<= UInt32(3 - piece.count) * 8
            for position in 0..<4 {
                text.append(
                    position <= piece.count ? alphabet[Int(bits >> UInt32(18 - position * 6) & 63)] : UInt8(ascii: "=")
                )
            }
            index += 3
        }
        return text
    }

    /// The octets, or `nil` for text that is not exactly base64.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let characters = Array(text)
        guard characters.count % 4 == 0 else { return nil }
        let padding = characters.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in characters.dropLast(padding) {
            guard let value = value(of: character) else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFF_FFFF
            count += 6
            if count >= 8 {
                count -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // Bits that stand for no octet must be zero (RFC 4648 section 3.5).
        guard bits & ((1 << UInt32(count)) - 1) == 0 else { return nil }
        return octets
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
