/// Finds the lines in what a client sends.
struct LineReader {
    /// What was found at the end of a line.
    enum Line {
        /// A line without its CRLF.
        case text([UInt8])
        case tooLong
        /// It does not end with CRLF, or holds a lone CR or a NUL.
        case malformed
    }

    private(set) var pending: [UInt8] = []
    private var isSkipping = false

    /// Takes octets up to the end of a line.
    ///
    /// - Parameters:
    ///   - bytes: Not empty.
    ///   - limit: How long a line may be, in octets without its end.
    /// - Returns: how many octets were used, and the line if one has ended.
    mutating func take(_ bytes: UnsafeRawBufferPointer, limit: Int) -> (used: Int, line: Line?) {
        guard let end = Octets.first(UInt8(ascii: "\n"), in: bytes, 0..<bytes.count) else {
            if !isSkipping { pending.append(contentsOf: bytes) }
            if pending.count > limit {
                pending = []
                isSkipping = true
            }
            return (bytes.count, nil)
        }
        if isSkipping {
            isSkipping = false
            return (end + 1, .tooLong)
        }
        var line = pending
        line.append(contentsOf: bytes[0..<end])
        pending = []
        let isEndedWell = line.last == UInt8(ascii: "\r")
        if isEndedWell { line.removeLast() }
        if line.count > limit { return (end + 1, .tooLong) }
        let isGood = isEndedWell && !Octets.contain(line, 13) && !Octets.contain(line, 0)
        return (end + 1, isGood ? .text(line) : .malformed)
    }

    /// Forgets what has come of a line.
    mutating func reset() { self = LineReader() }
}
