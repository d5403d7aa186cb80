/// Octets that are made when they are wanted.
protocol OctetStream {
    /// The next octets, at most `limit` of them (at least 1); none at the end.
    mutating func next(_ limit: Int) -> [UInt8]
}

/// A pattern, over and over again: a number of octets, or for ever.
struct FillerStream: OctetStream {
    private let block: [UInt8]
    private let period: Int
    private var position = 0
    private var rest: UInt64?

    /// - Parameters:
    ///   - pattern: Not empty.
    ///   - count: How many octets there are; `nil` for no end.
    init(_ pattern: [UInt8], count: UInt64?) {
        // A block that begins anywhere in the pattern is a slice of this one.
        let repeats = 16 * 1_024 / max(1, pattern.count) + 2
        block = Array([[UInt8]](repeating: pattern, count: repeats).joined())
        period = max(1, pattern.count)
        rest = count
    }

    mutating func next(_ limit: Int) -> [UInt8] {
        let count = Int(min(UInt64(min(limit, block.count - position)), rest ?? .max))
        guard count > 0 else { return [] }
        let piece = Array(block[position..<(position + count)])
        position = (position + count) % period
        rest = rest.map { $0 - UInt64(count) }
        return piece
    }
}
