import Posthorn

/// The boundaries (RFC 2046 section 5.1.1) that may come, of the multiparts that are open, outermost first.
struct Boundaries {
    /// One for each open part; empty for those that have none, or have had their last one.
    private var list: [[UInt8]] = []
    /// The length of the longest that may come; 0 if none may.
    private(set) var longest = 0

    /// The most octets of white space behind a boundary (RFC 2046 section 5.1.1 calls it transport padding).
    private static let mostPadding = 1_000

    /// How many octets of a line are looked at, its line end included.
    var longestLine: Int { longest + 4 + Self.mostPadding + 2 }

    /// A boundary in the text.
    struct Match {
        /// The place of its part among the open ones, the message itself being 0.
        var level: Int
        /// Whether it is the last one of its multipart.
        var isClosing: Bool
    }

    mutating func push(_ boundary: [UInt8]) {
        list.append(boundary)
        longest = max(longest, boundary.count)
    }

    /// The innermost part ends.
    ///
    /// - Returns: whether it had a boundary that might have come.
    @discardableResult
    mutating func pop() -> Bool {
        guard let last = list.popLast(), !last.isEmpty else { return false }
        measure()
        return true
    }

    /// The boundary of an open part does not count any more.
    mutating func retire(_ level: Int) {
        guard list.indices.contains(level) else { return }
        list[level] = []
        measure()
    }

    /// No boundary counts any more.
    mutating func retireAll() {
        for level in list.indices { list[level] = [] }
        longest = 0
    }

    private mutating func measure() {
        longest = list.reduce(0) { max($0, $1.count) }
    }

    /// Whether a line is a boundary. It begins with `--`; its line end is left out.
    func match(_ line: UnsafeRawBufferPointer) -> Match? {
        var end = line.count
        while end > 2, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        guard longest > 0, end > 2, line.count <= longestLine else { return nil }
        let text = UnsafeRawBufferPointer(rebasing: line[2..<end])
        for level in list.indices.reversed() where !list[level].isEmpty {
            let boundary = list[level]
            guard text.count == boundary.count || text.count == boundary.count + 2, text.starts(with: boundary) else {
                continue
            }
            if text.count == boundary.count { return Match(level: level, isClosing: false) }
            if text[text.count - 1] == UInt8(ascii: "-"), text[text.count - 2] == UInt8(ascii: "-") {
                return Match(level: level, isClosing: true)
            }
        }
        return nil
    }
}
