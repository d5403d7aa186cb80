#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A line of a state file: words with a space between them, and a checksum of them (CRC-32, eight digits) as the last.
///
/// Outside texts are escaped: octets that are not visible ASCII, and `%`, become `%` and two digits.
enum StateLine {
    /// The longest line, in octets: an identifier of the greatest length, all of it escaped, and the rest.
    static let limit = FetchState.idLimit * 3 + 512

    /// The words of a line, one after the other. No array is made of them: a file has many lines.
    struct Words {
        private var rest: ArraySlice<UInt8>?

        init(_ line: ArraySlice<UInt8>) { rest = line }

        /// The next word; `nil` after the last.
        mutating func next() -> ArraySlice<UInt8>? {
            guard let line = rest else { return nil }
            guard let space = line.firstIndex(of: 0x20) else {
                rest = nil
                return line
            }
            rest = line[(space + 1)...]
            return line[..<space]
        }

        /// The last word; `nil` if there is none or there are several.
        mutating func last() -> ArraySlice<UInt8>? {
            guard let word = next(), rest == nil else { return nil }
            return word
        }

        var isAtEnd: Bool { rest == nil }
    }

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
    static func words(_ line: ArraySlice<UInt8>) -> Words? {
        guard line.count > 9, line.count <= limit, line[line.endIndex - 9] == 0x20,
            let sum = Hex.word(line.suffix(8)), sum == UInt64(checksum(line.dropLast(9)))
        else { return nil }
        return Words(line.dropLast(9))
    }

    static func append(escaped text: String, to octets: inout [UInt8]) {
        if text.utf8.allSatisfy(isPlain) { return octets.append(contentsOf: text.utf8) }
        for octet in text.utf8 {
            if isPlain(octet) {
                octets.append(octet)
            } else {
                octets.append(0x25)
                octets.append(Hex.digit(UInt64(octet >> 4)))
                octets.append(Hex.digit(UInt64(octet)))
            }
        }
    }

    private static func isPlain(_ octet: UInt8) -> Bool { (0x21...0x7E).contains(octet) && octet != 0x25 }

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

    /// Appends a number in decimal digits.
    static func append(_ number: some FixedWidthInteger, to octets: inout [UInt8]) {
        if number < 0 { octets.append(0x2D) }
        let start = octets.count
        var rest = UInt64(number.magnitude)
        repeat {
            octets.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        octets[start...].reverse()
    }

    /// A decimal number; `nil` for anything else.
    static func number<Number: FixedWidthInteger>(_ word: ArraySlice<UInt8>?) -> Number? {
        guard let word, let first = word.first, word.count <= 20 else { return nil }
        let digits = first == 0x2D ? word.dropFirst() : word
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (shifted, isTooMuch) = value.multipliedReportingOverflow(by: 10)
            let (sum, isMore) = shifted.addingReportingOverflow(UInt64(digit - 0x30))
            guard !isTooMuch, !isMore else { return nil }
            value = sum
        }
        guard first == 0x2D else { return Number(exactly: value) }
        return Int64(exactly: value).flatMap { Number(exactly: -$0) }
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

    /// Where the next line feed is, from `start`.
    static func feed(in octets: [UInt8], from start: Int) -> Int? {
        octets.withUnsafeBytes { octets in
            guard start < octets.count, let base = octets.baseAddress,
                let found = memchr(base + start, 0x0A, octets.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
