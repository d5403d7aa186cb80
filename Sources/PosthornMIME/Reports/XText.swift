/// The encodings of addresses and envelope identifiers in delivery reports.
public enum XText {
    /// The text behind `xtext` (RFC 3461 section 4), in which `+2B` stands for `+`.
    ///
    /// - Returns: `nil` if it is not xtext: a `+` without two hexadecimal digits in upper case, a `=`, or a character
    ///   beyond ASCII. What is not UTF-8 once decoded becomes U+FFFD.
    public static func decode(_ text: String) -> String? {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let octet = iterator.next() {
            switch octet {
            case UInt8(ascii: "+"):
                guard let first = iterator.next(), let high = upperHex(first), let second = iterator.next(),
                    let low = upperHex(second)
                else { return nil }
                octets.append(high << 4 | low)
            case UInt8(ascii: "="): return nil
            case 0x21...0x7E: octets.append(octet)
            default: return nil
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// A text as `xtext` (RFC 3461 section 4).
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        for octet in text.utf8 {
            if (0x21...0x7E).contains(octet), octet != UInt8(ascii: "+"), octet != UInt8(ascii: "=") {
                octets.append(octet)
            } else {
                octets.append(contentsOf: [UInt8(ascii: "+"), digits[Int(octet >> 4)], digits[Int(octet & 15)]])
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// The text behind the form of the address type `utf-8` (RFC 6533 section 3), in which `\x{FC}` stands for `ü`.
    /// What stands for no character stays as it is.
    public static func decodeUTF8Address(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        let octets = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var position = 0
        while position < octets.count {
            if octets[position] == UInt8(ascii: "\\"), let (scalar, end) = embedded(octets, at: position) {
                decoded.append(contentsOf: String(scalar).utf8)
                position = end
            } else {
                decoded.append(octets[position])
                position += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// The character of `\x{…}` at a position. Neither controls nor line ends are made this way.
    private static func embedded(_ octets: [UInt8], at start: Int) -> (scalar: Unicode.Scalar, end: Int)? {
        guard start + 3 < octets.count, ASCIIText.lowered(octets[start + 1]) == UInt8(ascii: "x"),
            octets[start + 2] == UInt8(ascii: "{")
        else { return nil }
        var value: UInt32 = 0
        var position = start + 3
        // Six digits reach U+10FFFF.
        let limit = min(octets.count, position + 6)
        while position < limit, let digit = HexDigit.value(octets[position]) {
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard position > start + 3, position < octets.count, octets[position] == UInt8(ascii: "}"), value >= 0x20,
            !(0x7F..<0xA0).contains(value), let scalar = Unicode.Scalar(value)
        else { return nil }
        return (scalar, position + 1)
    }

    private static func upperHex(_ digit: UInt8) -> UInt8? {
        (0x61...0x66).contains(digit) ? nil : HexDigit.value(digit)
    }
}
