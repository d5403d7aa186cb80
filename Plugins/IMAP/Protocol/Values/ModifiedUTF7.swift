import PosthornNet

/// Modified UTF-7 (RFC 3501 section 5.1.3): printable ASCII as it is, `&` as `&-`, everything else as UTF-16 in base64
/// with `,` for `/` between `&` and `-`.
enum ModifiedUTF7 {
    /// A folder's name as ASCII.
    static func encode(_ name: String) -> [UInt8] {
        var result: [UInt8] = []
        var units: [UInt8] = []
        func flush() {
            guard !units.isEmpty else { return }
            result.append(UInt8(ascii: "&"))
            for digit in Base64.encode(units) where digit != UInt8(ascii: "=") {
                result.append(digit == UInt8(ascii: "/") ? UInt8(ascii: ",") : digit)
            }
            result.append(UInt8(ascii: "-"))
            units.removeAll(keepingCapacity: true)
        }
        for unit in name.utf16 {
            if (0x20...0x7E).contains(unit) {
                flush()
                result.append(UInt8(truncatingIfNeeded: unit))
                if unit == 0x26 { result.append(UInt8(ascii: "-")) }
            } else {
                units.append(UInt8(truncatingIfNeeded: unit >> 8))
                units.append(UInt8(truncatingIfNeeded: unit))
            }
        }
        flush()
        return result
    }

    /// The name that ASCII stands for; `nil` if it is not modified UTF-7 in the one form that ``encode(_:)`` gives: two
    /// folders never get the same name.
    static func decode(_ octets: [UInt8]) -> String? {
        guard octets.contains(UInt8(ascii: "&")) else { return String(validating: octets, as: UTF8.self) }
        var units: [UInt16] = []
        var position = 0
        while position < octets.count {
            let octet = octets[position]
            position += 1
            guard octet == UInt8(ascii: "&") else {
                units.append(UInt16(octet))
                continue
            }
            guard let end = octets[position...].firstIndex(of: UInt8(ascii: "-")) else { return nil }
            if end == position {
                units.append(0x26)
            } else {
                var digits = octets[position..<end].map { $0 == UInt8(ascii: ",") ? UInt8(ascii: "/") : $0 }
                while digits.count % 4 != 0 { digits.append(UInt8(ascii: "=")) }
                guard let pairs = Base64.decode(digits), pairs.count % 2 == 0 else { return nil }
                for index in stride(from: 0, to: pairs.count - 1, by: 2) {
                    units.append(UInt16(pairs[index]) << 8 | UInt16(pairs[index + 1]))
                }
            }
            position = end + 1
        }
        guard let name = String(validating: units, as: UTF16.self), encode(name) == octets else { return nil }
        return name
    }
}
