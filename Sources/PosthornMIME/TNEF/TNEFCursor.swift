/// A place in octets that moves forward and never leaves them. All numbers are little-endian.
struct TNEFCursor {
    let octets: ArraySlice<UInt8>
    /// An index of `octets`, or its end.
    private(set) var position: Int

    init(_ octets: ArraySlice<UInt8>) {
        self.octets = octets
        position = octets.startIndex
    }

    var remaining: Int { octets.endIndex - position }

    mutating func uint8() -> UInt8? {
        guard remaining >= 1 else { return nil }
        defer { position += 1 }
        return octets[position]
    }

    mutating func uint16() -> UInt16? {
        guard remaining >= 2 else { return nil }
        defer { position += 2 }
        return UInt16(octets[position]) | UInt16(octets[position + 1]) << 8
    }

    mutating func uint32() -> UInt32? {
        guard remaining >= 4, let low = uint16(), let high = uint16() else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }

    mutating func uint64() -> UInt64? {
        guard remaining >= 8, let low = uint32(), let high = uint32() else { return nil }
        return UInt64(low) | UInt64(high) << 32
    }

    /// The next `count` octets; `nil`, and no step, if there are fewer.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remaining else { return nil }
        defer { position += count }
        return octets[position..<position + count]
    }

    /// The next octets, as many as there are up to `count`.
    mutating func takeUp(to count: Int) -> ArraySlice<UInt8> {
        let count = max(0, min(count, remaining))
        defer { position += count }
        return octets[position..<position + count]
    }

    /// Steps over what fills a value of `count` octets up to a multiple of four.
    mutating func skipPadding(after count: Int) {
        position += min((4 - (count & 3)) & 3, remaining)
    }
}
