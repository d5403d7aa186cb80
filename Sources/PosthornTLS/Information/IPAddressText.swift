/// The text form of an address in a certificate.
enum IPAddressText {
    /// Dotted decimal for 4 octets, the short form of RFC 5952 for 16, hexadecimal for anything else.
    static func text(of octets: UnsafeRawBufferPointer) -> String {
        switch octets.count {
        case 4: octets.map { String($0) }.joined(separator: ".")
        case 16: sixteen(octets)
        default: octets.prefix(16).map { String($0, radix: 16) }.joined(separator: " ")
        }
    }

    private static func sixteen(_ octets: UnsafeRawBufferPointer) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        let texts = groups.map { String($0, radix: 16) }
        if longest.isEmpty { return texts.joined(separator: ":") }
        return texts[..<longest.lowerBound].joined(separator: ":") + "::"
            + texts[longest.upperBound...].joined(separator: ":")
    }
}
