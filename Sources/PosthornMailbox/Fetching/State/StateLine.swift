/// A line of a state file: words with a space between them, and a checksum of them (CRC-32, eight digits) as the last.
///
/// Outside texts are escaped: octets that are not visible ASCII, and `%`, become `%` and two digits.
enum StateLine {
    /// The longest line, in octets: an identifier of the greatest length, all of it escaped, and the rest.
    static let limit = FetchState.idLimit * 3 + 512

    /// Appends a line; `body` appends its words.
    static func append(to octets: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        let start = octets.count
        body(&octets)
        let sum = checksum(octets[start...])
        octets.append(0x20)
        for shift in stride(from: 28, through: 0, by: -4) { octets.append(Hex.digit(UInt64(sum >> UInt32(shift)))) }
        octets.append(0x0A)
    }

    /// The words of a line (without its line feed), the checksum not among them; `nil` if the line is damaged.
    static func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard line.count > 9, line.count <= limit, line[line.endIndex - 9] == 0x20,
            let sum = Hex.word(line.suffix(8)), sum == UInt64(checksum(line.dropLast(9)))
        else { return nil }
        return line.dropLast(9).split(separator: 0x20, maxSplits: 8, omittingEmptySubsequences: false)
    }

    static func append(escaped text: String, to octets: inout [UInt8]) {
        for octet in text.utf8 {
            if (0x21...0x7E).contains(octet), octet != 0x25 {
                octets.append(octet)
            } else {
                octets.append(0x25)
                octets.append(Hex.digit(UInt64(octet >> 4)))
                octets.append(Hex.digit(UInt64(octet)))
            }
        }
    }

    /// The text that was escaped; `nil` if no text can have become this.
    static func unescaped(_ word: ArraySlice<UInt8>) -> String? {
        guard word.contains(0x25) else { return String(decoding: word, as: UTF8.self) }
        var octets: [UInt8] = []
        var rest = word
        while let octet = rest.popFirst() {
            if octet != 0x25 {
                octets.append(octet)
            } else {
                guard rest.count >= 2, let value = Hex.word(rest.prefix(2)) else { return nil }
                octets.append(UInt8(truncatingIfNeeded: value))
                rest = rest.dropFirst(2)
            }
        }
        return String(validating: octets, as: UTF8.self)
    }

    /// A decimal number; `nil` for anything else.
    static func number<Number: FixedWidthInteger>(_ word: ArraySlice<UInt8>) -> Number? {
        word.count <= 20 ? Number(String(decoding: word, as: UTF8.self)) : nil
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    private static func checksum(_ octets: ArraySlice<UInt8>) -> UInt32 {
        let table = table
        var sum = UInt32.max
        for octet in octets { sum = table[Int((sum ^ UInt32(octet)) & 0xFF)] ^ (sum >> 8) }
        return ~sum
    }
}
