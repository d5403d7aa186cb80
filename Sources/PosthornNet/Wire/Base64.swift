/// Base64 (RFC 4648, section 4) of short values: sign-in responses and challenges. Message bodies have a faster one.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The octets as base64 with padding, without line breaks.
    package static func encode(_ octets: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((octets.count &+ 2) / 3 &* 4)
        var group: UInt32 = 0
        var filled = 0
        for octet in octets {
            group = group &<< 8 | UInt32(octet)
            filled &+= 1
            if filled == 3 {
                append(group, digits: 4, to: &result)
                group = 0
                filled = 0
            }
        }
        if filled > 0 {
            append(group &<< (UInt32(3 &- filled) &* 8), digits: filled &+ 1, to: &result)
            for _ in filled..<3 { result.append(UInt8(ascii: "=")) }
        }
        return result
    }

    private static func append(_ group: UInt32, digits: Int, to result: inout [UInt8]) {
        for digit in 0..<digits {
            result.append(alphabet[Int(group &>> (18 &- 6 &* UInt32(digit))) & 0x3F])
        }
    }

    /// The octets of base64 text; `nil` for anything that is not exactly base64 with its padding.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 &* 3)
        var group: UInt32 = 0
        var filled = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding &+= 1
                guard padding <= 2, filled &+ padding <= 4, filled >= 2 else { return nil }
                continue
            }
            guard padding == 0, let value = value(of: character) else { return nil }
            group = group &<< 6 | value
            filled &+= 1
            if filled == 4 {
                result.append(UInt8(truncatingIfNeeded: group &>> 16))
                result.append(UInt8(truncatingIfNeeded: group &>> 8))
                result.append(UInt8(truncatingIfNeeded: group))
                group = 0
                filled = 0
            }
        }
        switch (filled, padding) {
        case (0, 0):
            break
        case (2, 2) where group & 0x0F == 0:
            result.append(UInt8(truncatingIfNeeded: group &>> 4))
        case (3, 1) where group & 0x03 == 0:
            result.append(UInt8(truncatingIfNeeded: group &>> 10))
            result.append(UInt8(truncatingIfNeeded: group &>> 2))
        default:
            return nil
        }
        return result
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character &- UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character &- UInt8(ascii: "a")) &+ 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character &- UInt8(ascii: "0")) &+ 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
