/// The spelling of folder names in IMAP (RFC 3501 section 5.1.3) and in Maildir++ directories: ASCII stays as it is,
/// everything else is written as base64 of UTF-16 between `&` and `-`, and `&` itself as `&-`.
package enum ModifiedUTF7 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)
    private static let ampersand = UInt8(ascii: "&")
    private static let hyphen = UInt8(ascii: "-")

    /// The spelling of a name; ASCII alone.
    package static func encoded(_ name: String) -> String {
        var result: [UInt8] = []
        var pending: [UInt8] = []
        func flush() {
            guard !pending.isEmpty else { return }
            result.append(ampersand)
            appendBase64(of: pending, to: &result)
            result.append(hyphen)
            pending.removeAll(keepingCapacity: true)
        }
        for unit in name.utf16 {
            if (0x20...0x7E).contains(unit) {
                flush()
                result.append(UInt8(truncatingIfNeeded: unit))
                if unit == UInt16(ampersand) { result.append(hyphen) }
            } else {
                pending.append(UInt8(truncatingIfNeeded: unit >> 8))
                pending.append(UInt8(truncatingIfNeeded: unit))
            }
        }
        flush()
        return String(decoding: result, as: UTF8.self)
    }

    /// The name of a spelling; `nil` unless the spelling is exactly the one that ``encoded(_:)`` gives for the name, so
    /// that a name has one spelling alone.
    package static func decoded(_ text: some Sequence<UInt8>) -> String? {
        let octets = Array(text)
        var name = ""
        var position = 0
        while position < octets.count {
            let octet = octets[position]
            guard (0x20...0x7E).contains(octet) else { return nil }
            position += 1
            guard octet == ampersand else {
                name.unicodeScalars.append(Unicode.Scalar(octet))
                continue
            }
            guard let end = octets[position...].firstIndex(of: hyphen) else { return nil }
            if end == position {
                name.append("&")
            } else {
                guard let part = decodedPart(octets[position..<end]) else { return nil }
                name.append(part)
            }
            position = end + 1
        }
        return encoded(name).utf8.elementsEqual(octets) ? name : nil
    }

    private static func appendBase64(of octets: [UInt8], to result: inout [UInt8]) {
        var bits: UInt32 = 0
        var count = 0
        for octet in octets {
            bits = bits << 8 | UInt32(octet)
            count += 8
            while count >= 6 {
                count -= 6
                result.append(digits[Int(bits >> UInt32(count) & 0x3F)])
            }
            bits &= (1 << UInt32(count)) - 1
        }
        if count > 0 { result.append(digits[Int(bits << UInt32(6 - count) & 0x3F)]) }
    }

    private static func decodedPart(_ text: ArraySlice<UInt8>) -> String? {
        var units: [UInt16] = []
        var bits: UInt32 = 0
        var count = 0
        for octet in text {
            guard let value = digits.firstIndex(of: octet) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 16 {
                count -= 16
                units.append(UInt16(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return String(validating: units, as: UTF16.self)
    }
}
