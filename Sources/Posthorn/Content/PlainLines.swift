/// Passes over text that needs nothing, sixty-four octets at a time: every line ends with CRLF and is far from the
/// longest that is allowed, no octet is NUL. Mail is like this almost everywhere.
struct PlainLines {
    /// Where the text ends that is like this; always the beginning of a line.
    private(set) var end: Int
    /// Whether an octet above 127 is in it.
    private(set) var hasEightBit = false

    private static let block = 64
    /// After so many octets without a line end the rest is left to those who count exactly. Two blocks more, which the
    /// line's ends may be in, are still within the 998 octets of RFC 5322.
    private static let longestGap = 12 * block

    /// - Parameter start: the beginning of a line that is not the first one: the octet before it is looked at, too.
    init(_ octets: UnsafeBufferPointer<UInt8>, from start: Int) {
        end = start
        guard start > 0 else { return }
        let raw = UnsafeRawBufferPointer(octets)
        var seen = SIMD16<UInt8>(repeating: 0)
        var position = start
        var gap = 0
        while position &+ Self.block <= raw.count {
            var block = Block()
            block.look(at: raw, position)
            block.look(at: raw, position &+ 16)
            block.look(at: raw, position &+ 32)
            block.look(at: raw, position &+ 48)
            guard !block.isOdd else { break }
            if block.hasLineFeed {
                gap = 0
            } else {
                gap &+= Self.block
                guard gap <= Self.longestGap else { break }
            }
            seen |= block.seen
            position &+= Self.block
        }
        // What stands behind the last line end is the beginning of a line, which is looked at exactly.
        while position > start, raw[position &- 1] != 0x0A { position &-= 1 }
        end = position
        let words = unsafeBitCast(seen, to: SIMD2<UInt64>.self)
        hasEightBit = (words[0] | words[1]) & 0x8080_8080_8080_8080 != 0
    }

    /// What was found in some octets.
    private struct Block {
        var seen = SIMD16<UInt8>(repeating: 0)
        private var lineFeeds = SIMDMask<SIMD16<Int8>>(repeating: false)
        private var odd = SIMDMask<SIMD16<Int8>>(repeating: false)

        var hasLineFeed: Bool { Self.any(lineFeeds) }
        var isOdd: Bool { Self.any(odd) }

        @inline(__always)
        mutating func look(at raw: UnsafeRawBufferPointer, _ position: Int) {
            let some = raw.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
            let before = raw.loadUnaligned(fromByteOffset: position &- 1, as: SIMD16<UInt8>.self)
            // Vectors on both sides: a comparison with a single octet is compiled into a loop.
            let feeds = some .== SIMD16<UInt8>(repeating: 0x0A)
            let returns = before .== SIMD16<UInt8>(repeating: 0x0D)
            odd = odd .| (feeds .^ returns) .| (some .== SIMD16<UInt8>(repeating: 0))
            lineFeeds = lineFeeds .| feeds
            seen |= some
        }

        @inline(__always)
        private static func any(_ mask: SIMDMask<SIMD16<Int8>>) -> Bool {
            let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
            return words[0] | words[1] != 0
        }
    }
}
