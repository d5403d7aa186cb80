/// Recognises IP addresses in text.
enum IPAddressText {
    /// Four decimal numbers up to 255, joined by dots.
    static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return false }
        return parts.allSatisfy { part in
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
            return part.reduce(0) { $0 &* 10 &+ Int($1 &- 0x30) } <= 255
        }
    }

    /// RFC 4291 section 2.2: eight groups of up to four hexadecimal digits, at most one `::`, the last two groups
    /// possibly as an IPv4 address.
    static func isIPv6(_ text: Substring) -> Bool {
        guard text.utf8.count <= 45 else { return false }
        let octets = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        let gap = zip(octets, octets.dropFirst()).enumerated().filter { $0.element == (colon, colon) }.map(\.offset)
        guard gap.count <= 1 else { return false }
        guard let at = gap.first else { return groups(octets[...], mayEndInIPv4: true) == 8 }
        let head = octets[..<at]
        let tail = octets[(at + 2)...]
        guard let before = head.isEmpty ? 0 : groups(head, mayEndInIPv4: false),
            let after = tail.isEmpty ? 0 : groups(tail, mayEndInIPv4: true)
        else { return false }
        return before + after <= 7
    }

    /// The number of 16-bit groups that a text without `::` stands for, or `nil`.
    private static func groups(_ octets: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> Int? {
        let parts = octets.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var count = 0
        for (index, part) in parts.enumerated() {
            if (1...4).contains(part.count), part.allSatisfy({ isHexDigit($0) }) {
                count += 1
            } else if mayEndInIPv4, index == parts.count - 1, isIPv4(String(decoding: part, as: UTF8.self)[...]) {
                count += 2
            } else {
                return nil
            }
        }
        return count
    }

    private static func isHexDigit(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
