/// Finds what may be a boundary: two hyphens. Sixteen octets are looked at at a time, each once.
enum DelimiterSearch {
    private static let hyphen = UInt8(ascii: "-")

    /// The position of the first `--` at or behind `start`; the position of a hyphen that is the last octet, or the count
    /// of all, if there is none.
    static func next(in octets: UnsafeRawBufferPointer, from start: Int) -> Int {
        let hyphens = SIMD16<UInt8>(repeating: hyphen)
        var position = start
        // Every second octet would do, but two loads side by side cost less than the search behind a hit.
        while position &+ 33 <= octets.count {
            let first = octets.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
            let second = octets.loadUnaligned(fromByteOffset: position &+ 1, as: SIMD16<UInt8>.self)
            let third = octets.loadUnaligned(fromByteOffset: position &+ 16, as: SIMD16<UInt8>.self)
            let fourth = octets.loadUnaligned(fromByteOffset: position &+ 17, as: SIMD16<UInt8>.self)
            let low = (first .== hyphens) .& (second .== hyphens)
            let high = (third .== hyphens) .& (fourth .== hyphens)
            if let place = place(low) { return position &+ place }
            if let place = place(high) { return position &+ 16 &+ place }
            position &+= 32
        }
        while position < octets.count {
            if octets[position] == hyphen, position &+ 1 == octets.count || octets[position &+ 1] == hyphen {
                return position
            }
            position &+= 1
        }
        return position
    }

    /// The first place that holds.
    @inline(__always)
    private static func place(_ found: SIMDMask<SIMD16<Int8>>) -> Int? {
        let words = unsafeBitCast(found, to: SIMD2<UInt64>.self)
        // The least significant octet is the first one in memory.
        if words[0] != 0 { return words[0].littleEndian.trailingZeroBitCount / 8 }
        if words[1] != 0 { return 8 &+ words[1].littleEndian.trailingZeroBitCount / 8 }
        return nil
    }
}
