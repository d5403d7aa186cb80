/// Base64 (RFC 2045 section 6.8) in lines of 76 characters, at the speed of memory.
///
/// Three octets become four characters; a table of all 4,096 pairs of characters turns 12 bits into two of them at once.
enum Base64Encoder {
    /// The octets that make one full line.
    static let octetsPerLine = 57
    /// The characters of a full line.
    static let lineWidth = 76

    /// The number of characters of `count` octets, with CRLF between the lines and none after the last.
    static func encodedSize(of count: UInt64) -> UInt64 {
        guard count > 0 else { return 0 }
        let lines = (count - 1) / UInt64(octetsPerLine)
        return (count / 3 + (count % 3 == 0 ? 0 : 1)) &* 4 &+ lines &* 2
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Two characters for each value of 12 bits, in the order of memory.
    private static let pairs: [UInt16] = (0..<4096).map { value in
        UInt16(alphabet[value >> 6]) | UInt16(alphabet[value & 63]) << 8
    }

    /// Appends full lines, each with CRLF at its end.
    ///
    /// - Parameter octets: as many as there are; those after the last full line are left alone.
    /// - Parameter lines: how many lines to write; there must be 57 octets for each.
    static func appendLines(_ lines: Int, of octets: [UInt8], to output: inout [UInt8]) {
        let lines = min(lines, octets.count / octetsPerLine)
        guard lines > 0 else { return }
        let start = output.count
        // Growing by zeros and writing over them costs less than appending character by character.
        output.append(contentsOf: repeatElement(0, count: lines * (lineWidth + 2)))
        output.withUnsafeMutableBytes { space in
            octets.withUnsafeBytes { source in
                pairs.withUnsafeBufferPointer { table in
                    var read = 0
                    var write = start
                    for _ in 0..<lines {
                        encodeLine(source, read, into: space, write, table)
                        read &+= octetsPerLine
                        write &+= lineWidth
                        space.storeBytes(of: UInt16(0x0A0D).littleEndian, toByteOffset: write, as: UInt16.self)
                        write &+= 2
                    }
                }
            }
        }
    }

    /// A line: twice twelve octets by arithmetic on vectors, five times six by the table, and once three.
    ///
    /// Either way alone is slower by half: a processor does both at the same time. The bounds hold: the caller has made
    /// room for the whole line.
    @inline(__always)
    private static func encodeLine(
        _ source: UnsafeRawBufferPointer,
        _ read: Int,
        into space: UnsafeMutableRawBufferPointer,
        _ write: Int,
        _ table: UnsafeBufferPointer<UInt16>
    ) {
        encodeTwelve(source, read, into: space, write)
        encodeSix(source, read &+ 24, into: space, write &+ 32, table)
        encodeSix(source, read &+ 30, into: space, write &+ 40, table)
        encodeTwelve(source, read &+ 12, into: space, write &+ 16)
        encodeSix(source, read &+ 36, into: space, write &+ 48, table)
        encodeSix(source, read &+ 42, into: space, write &+ 56, table)
        encodeSix(source, read &+ 48, into: space, write &+ 64, table)
        let end = read &+ 54
        let last = Int(source[end]) << 16 | Int(source[end &+ 1]) << 8 | Int(source[end &+ 2])
        let characters = UInt32(table[last >> 12]) | UInt32(table[last & 0xFFF]) << 16
        space.storeBytes(of: characters.littleEndian, toByteOffset: write &+ 72, as: UInt32.self)
    }

    /// Six octets become eight characters. Reads two octets more.
    @inline(__always)
    private static func encodeSix(
        _ source: UnsafeRawBufferPointer,
        _ read: Int,
        into space: UnsafeMutableRawBufferPointer,
        _ write: Int,
        _ table: UnsafeBufferPointer<UInt16>
    ) {
        let word = sixOctets(source, read)
        let first = UInt64(table[Int(truncatingIfNeeded: word >> 36)])
        let second = UInt64(table[Int(truncatingIfNeeded: word >> 24 & 0xFFF)])
        let third = UInt64(table[Int(truncatingIfNeeded: word >> 12 & 0xFFF)])
        let fourth = UInt64(table[Int(truncatingIfNeeded: word & 0xFFF)])
        let characters = first | second << 16 | third << 32 | fourth << 48
        space.storeBytes(of: characters.littleEndian, toByteOffset: write, as: UInt64.self)
    }

    /// Six octets as a number. Two octets more are read; there are some, since a line has three more than six times nine.
    @inline(__always)
    private static func sixOctets(_ source: UnsafeRawBufferPointer, _ read: Int) -> UInt64 {
        source.loadUnaligned(fromByteOffset: read, as: UInt64.self).bigEndian >> 16
    }

    /// Twelve octets become sixteen characters.
    @inline(__always)
    private static func encodeTwelve(
        _ source: UnsafeRawBufferPointer,
        _ read: Int,
        into space: UnsafeMutableRawBufferPointer,
        _ write: Int
    ) {
        // 48 bits are halved three times; the first half of each goes to where it comes first in memory.
        var bits = SIMD2<UInt64>(sixOctets(source, read), sixOctets(source, read &+ 6))
        bits = halved(bits, by: 24, lane: 32, mask: 0xFF_FFFF)
        bits = halved(bits, by: 12, lane: 16, mask: 0x0000_0FFF_0000_0FFF)
        bits = halved(bits, by: 6, lane: 8, mask: 0x003F_003F_003F_003F)
        let words = SIMD2<UInt64>(bits[0].littleEndian, bits[1].littleEndian)
        let values = unsafeBitCast(words, to: SIMD16<Int8>.self)
        // The alphabet has five stretches: A-Z, a-z, 0-9, + and /. Each begins with a leap.
        var characters = values &+ SIMD16<Int8>(repeating: 65)
        characters &+= leap(6, above: 25, values)
        characters &+= leap(-75, above: 51, values)
        characters &+= leap(-15, above: 61, values)
        characters &+= leap(3, above: 62, values)
        space.storeBytes(of: characters, toByteOffset: write, as: SIMD16<Int8>.self)
    }

    @inline(__always)
    private static func halved(_ bits: SIMD2<UInt64>, by half: UInt64, lane: UInt64, mask: UInt64) -> SIMD2<UInt64> {
        let masks = SIMD2<UInt64>(repeating: mask)
        let first = (bits &>> SIMD2<UInt64>(repeating: half)) & masks
        return first | (bits & masks) &<< SIMD2<UInt64>(repeating: lane)
    }

    /// The width of a leap where a value is above a limit, nothing elsewhere.
    @inline(__always)
    private static func leap(_ width: Int8, above limit: Int8, _ values: SIMD16<Int8>) -> SIMD16<Int8> {
        let isAbove = values .> SIMD16<Int8>(repeating: limit)
        return unsafeBitCast(isAbove, to: SIMD16<Int8>.self) & SIMD16<Int8>(repeating: width)
    }

    /// Appends the last line, of at most 57 octets, with padding and without CRLF.
    static func appendLast(_ octets: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var rest = octets
        while let first = rest.popFirst() {
            let second = rest.popFirst()
            let third = rest.popFirst()
            let bits = Int(first) << 16 | Int(second ?? 0) << 8 | Int(third ?? 0)
            output.append(alphabet[bits >> 18])
            output.append(alphabet[bits >> 12 & 63])
            output.append(second == nil ? UInt8(ascii: "=") : alphabet[bits >> 6 & 63])
            output.append(third == nil ? UInt8(ascii: "=") : alphabet[bits & 63])
        }
    }

    /// All octets at once: lines joined by CRLF.
    static func encode(_ octets: [UInt8]) -> [UInt8] {
        guard !octets.isEmpty else { return [] }
        var output: [UInt8] = []
        let lines = (octets.count - 1) / octetsPerLine
        appendLines(lines, of: octets, to: &output)
        appendLast(octets[(lines * octetsPerLine)...], to: &output)
        return output
    }
}
