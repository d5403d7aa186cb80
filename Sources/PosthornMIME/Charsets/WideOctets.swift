/// UTF-16 and UTF-32, with a byte order mark or without.
struct WideOctets {
    /// The octets of a unit: 2 or 4.
    let width: Int
    /// Whether the first octet of a unit is its highest; a byte order mark overrules it.
    private var isBigEndian: Bool
    private var isAtStart = true

    init(width: Int, isBigEndian: Bool) {
        self.width = width
        self.isBigEndian = isBigEndian
    }

    private func unit(_ octets: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 0..<width {
            value = value << 8 | UInt32(octets[position + (isBigEndian ? offset : width - 1 - offset)])
        }
        return value
    }

    /// Appends the octets as UTF-8. Returns how many were used; the rest is less than a character.
    mutating func decode(
        _ octets: UnsafeBufferPointer<UInt8>,
        into output: inout [UInt8],
        errors: inout Int
    ) -> Int {
        var position = 0
        while position + width <= octets.count {
            var value = unit(octets, at: position)
            if isAtStart {
                isAtStart = false
                if value == (width == 2 ? 0xFFFE : 0xFFFE_0000) {
                    isBigEndian.toggle()
                    value = 0xFEFF
                }
                if value == 0xFEFF {
                    position += width
                    continue
                }
            }
            position += width
            if width == 2, (0xD800...0xDBFF).contains(value) {
                guard position + 2 <= octets.count else { return position - 2 }
                let low = unit(octets, at: position)
                if (0xDC00...0xDFFF).contains(low) {
                    position += 2
                    value = 0x1_0000 + (value - 0xD800) << 10 + (low - 0xDC00)
                }
            }
            if value > 0x10_FFFF || (0xD800...0xDFFF).contains(value) {
                errors += 1
                value = 0xFFFD
            }
            UTF8Sequences.append(value, to: &output)
        }
        return position
    }
}
