/// The encoding of DSN parameters (RFC 3461 section 4): `+` and two upper-case hexadecimal digits.
enum XText {
    /// The text, or `nil` if it is not well encoded.
    static func decode(_ text: String) -> String? {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "+"):
                guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
                octets.append(high << 4 | low)
            case 0x21...0x7E where octet != UInt8(ascii: "="): octets.append(octet)
            default: return nil
            }
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8?) -> UInt8? {
        switch octet {
        case .some(let octet) where (0x30...0x39).contains(octet): octet - 0x30
        case .some(let octet) where (0x41...0x46).contains(octet): octet - 0x37
        default: nil
        }
    }
}
