/// Base64 (RFC 2045 section 6.8) in pieces of any size, at the speed of memory.
///
/// Tolerant as mail needs it: octets outside the alphabet are passed over, missing padding is not missed, and what comes
/// behind padding is decoded as well.
struct Base64Decoder {
    /// What was wrong so far.
    private(set) var defects: TransferDefects = []

    /// The bits of characters that do not make three octets yet, and how many characters they are.
    private var bits: UInt32 = 0
    private var count = 0
    private var hasPadding = false

    /// The octets of a text that is there as a whole.
    static func octets(of text: ArraySlice<UInt8>) -> [UInt8] {
        var decoder = Base64Decoder()
        var octets: [UInt8] = []
        text.withUnsafeBytes { decoder.decode($0, into: &octets) }
        decoder.finish(into: &octets)
        return octets
    }

    /// Appends what a piece decodes to.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard !input.isEmpty else { return }
        let start = output.count
        // Growing by zeros and writing over them costs less than appending octet by octet. A block writes a few octets
        // more than it has.
        output.append(contentsOf: repeatElement(0, count: input.count / 4 &* 3 &+ 24))
        var written = start
        output.withUnsafeMutableBytes { space in
            var position = 0
            while position < input.count {
                if count == 0, !hasPadding {
                    Self.decodeLines(input, &position, space, &written)
                    Self.decodeBlocks(input, &position, space, &written)
                }
                decodeCharacters(input, &position, space, &written)
            }
        }
        output.removeLast(output.count - written)
    }

    /// The input is complete: appends the octets that are.
    mutating func finish(into output: inout [UInt8]) {
        switch count {
        case 1: defects.insert(.truncated)
        case 2:
            defects.insert(.missingPadding)
            output.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            defects.insert(.missingPadding)
            output.append(UInt8(truncatingIfNeeded: bits >> 10))
            output.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: break
        }
        count = 0
        bits = 0
    }

    // MARK: Fast

    /// Whole lines of 76 characters, as nearly every program writes them. Stops at the first that is otherwise.
    private static func decodeLines(
        _ input: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ space: UnsafeMutableRawBufferPointer,
        _ written: inout Int
    ) {
        while position &+ 78 <= input.count, written &+ 66 <= space.count {
            let first = input[position &+ 76]
            let isPair = first == 0x0D && input[position &+ 77] == 0x0A
            guard isPair || first == 0x0A else { return }
            // The last block begins with four characters that the one before has decoded already.
            var invalid = block(input, position, space, written)
            invalid |= block(input, position &+ 16, space, written &+ 12)
            invalid |= block(input, position &+ 32, space, written &+ 24)
            invalid |= block(input, position &+ 48, space, written &+ 36)
            invalid |= block(input, position &+ 60, space, written &+ 45)
            guard invalid == 0 else { return }
            position &+= isPair ? 78 : 77
            written &+= 57
        }
    }

    /// Blocks of sixteen characters, up to the first that has something else in it.
    private static func decodeBlocks(
        _ input: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ space: UnsafeMutableRawBufferPointer,
        _ written: inout Int
    ) {
        while position &+ 16 <= input.count, written &+ 16 <= space.count {
            guard block(input, position, space, written) == 0 else { return }
            position &+= 16
            written &+= 12
        }
    }

    /// Sixteen characters become twelve octets; two octets more are written over.
    ///
    /// - Returns: 0 if all of them belong to the alphabet. Otherwise what was written is of no use.
    @inline(__always)
    private static func block(
        _ input: UnsafeRawBufferPointer,
        _ read: Int,
        _ space: UnsafeMutableRawBufferPointer,
        _ write: Int
    ) -> UInt64 {
        let characters = input.loadUnaligned(fromByteOffset: read, as: SIMD16<Int8>.self)
        // The alphabet has five stretches in the order of ASCII: +, /, 0-9, A-Z and a-z. Each begins with a leap.
        var values = characters &+ SIMD16<Int8>(repeating: 19)
        values &+= leap(-3, above: 46, characters)
        values &+= leap(-12, above: 47, characters)
        values &+= leap(-69, above: 64, characters)
        values &+= leap(-6, above: 96, characters)
        let valid =
            range(43, 43, characters) .| range(47, 57, characters) .| range(65, 90, characters)
            .| range(97, 122, characters)
        // Pairs of 6 bits become 12, then 24, then 48.
        let six = unsafeBitCast(values, to: SIMD8<UInt16>.self)
        let twelve = (six & SIMD8<UInt16>(repeating: 0x3F)) &<< 6 | six &>> 8
        let wide = unsafeBitCast(twelve, to: SIMD4<UInt32>.self)
        let all = (wide & SIMD4<UInt32>(repeating: 0xFFF)) &<< 12 | wide &>> 16
        let words = unsafeBitCast(all, to: SIMD2<UInt64>.self)
        store(words[0], space, write)
        store(words[1], space, write &+ 6)
        let mask = unsafeBitCast(valid, to: SIMD2<UInt64>.self)
        return ~(mask[0] & mask[1])
    }

    /// Two times 24 bits as six octets.
    @inline(__always)
    private static func store(_ word: UInt64, _ space: UnsafeMutableRawBufferPointer, _ write: Int) {
        let bits = (word & 0xFF_FFFF) &<< 24 | word &>> 32
        space.storeBytes(of: (bits &<< 16).bigEndian, toByteOffset: write, as: UInt64.self)
    }

    @inline(__always)
    private static func leap(_ width: Int8, above limit: Int8, _ values: SIMD16<Int8>) -> SIMD16<Int8> {
        let isAbove = values .> SIMD16<Int8>(repeating: limit)
        return unsafeBitCast(isAbove, to: SIMD16<Int8>.self) & SIMD16<Int8>(repeating: width)
    }

    @inline(__always)
    private static func range(_ first: Int8, _ last: Int8, _ values: SIMD16<Int8>) -> SIMDMask<SIMD16<Int8>> {
        // Octets above 127 are negative here, and below every stretch.
        values .> SIMD16<Int8>(repeating: first &- 1) .& values .< SIMD16<Int8>(repeating: last &+ 1)
    }

    // MARK: Careful

    /// The value of each character; 64 for white space, 65 for padding, 255 for what is not allowed.
    private static let table: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        for space in [0x0D, 0x0A, 0x20, 0x09] { table[space] = 64 }
        table[0x3D] = 65
        return table
    }()

    /// One character at a time, until a group of four is complete and what follows looks as it should.
    private mutating func decodeCharacters(
        _ input: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ space: UnsafeMutableRawBufferPointer,
        _ written: inout Int
    ) {
        Self.table.withUnsafeBufferPointer { table in
            while position < input.count {
                let value = table[Int(input[position])]
                position &+= 1
                if value < 64 {
                    if hasPadding {
                        hasPadding = false
                        defects.insert(.dataAfterPadding)
                    }
                    bits = bits << 6 | UInt32(value)
                    count += 1
                    guard count == 4 else { continue }
                    put(3, bits, space, &written)
                    count = 0
                    bits = 0
                } else if value == 65 {
                    pad(space, &written)
                } else if value == 255 {
                    defects.insert(.illegalOctets)
                    continue
                }
                // Behind a complete group, and behind a line end, blocks go on.
                if count == 0, position < input.count, table[Int(input[position])] < 64, !hasPadding { return }
            }
        }
    }

    private mutating func pad(_ space: UnsafeMutableRawBufferPointer, _ written: inout Int) {
        switch count {
        case 2: put(1, bits << 12, space, &written)
        case 3: put(2, bits << 6, space, &written)
        case 1: defects.insert(.truncated)
        // The second of two.
        default: break
        }
        count = 0
        bits = 0
        hasPadding = true
    }

    /// Writes the first octets of 24 bits.
    private func put(_ count: Int, _ bits: UInt32, _ space: UnsafeMutableRawBufferPointer, _ written: inout Int) {
        for place in 0..<count where written < space.count {
            space[written] = UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * place))
            written &+= 1
        }
    }
}
