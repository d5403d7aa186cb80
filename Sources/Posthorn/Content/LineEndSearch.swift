/// Finds line ends, sixteen octets at a time: whatever the input, each octet is looked at once.
package enum LineEndSearch {
    /// The position of the first CR or LF at or behind `start`; the count of all if there is none.
    static func next(in octets: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        next(in: UnsafeRawBufferPointer(octets), from: start)
    }

    /// The position of the first CR, LF or octet of one more kind at or behind `start`; the count of all if there is none.
    package static func next(in raw: UnsafeRawBufferPointer, from start: Int, or other: UInt8 = 0x0A) -> Int {
        // Vectors on both sides: a comparison with a single octet is compiled into a loop.
        let lineFeed = SIMD16<UInt8>(repeating: 0x0A)
        let carriageReturn = SIMD16<UInt8>(repeating: 0x0D)
        let others = SIMD16<UInt8>(repeating: other)
        var position = start
        while position &+ 16 <= raw.count {
            let some = raw.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
            let found = (some .== lineFeed) .| (some .== carriageReturn) .| (some .== others)
            let words = unsafeBitCast(found, to: SIMD2<UInt64>.self)
            // The least significant octet is the first one in memory.
            let low = words[0].littleEndian
            if low != 0 { return position &+ low.trailingZeroBitCount / 8 }
            let high = words[1].littleEndian
            if high != 0 { return position &+ 8 &+ high.trailingZeroBitCount / 8 }
            position &+= 16
        }
        while position < raw.count, raw[position] != 0x0A, raw[position] != 0x0D, raw[position] != other {
            position &+= 1
        }
        return position
    }
}
