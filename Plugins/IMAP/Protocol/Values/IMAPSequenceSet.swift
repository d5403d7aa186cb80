/// A set of message numbers or UIDs for a command (RFC 9051, `sequence-set`): in order, neighbours joined to ranges.
public struct IMAPSequenceSet: Hashable, Sendable, CustomStringConvertible {
    /// The ranges of known numbers: ascending, neither touching nor overlapping. 0 is no number; commands refuse it.
    public private(set) var ranges: [ClosedRange<UInt32>] = []
    /// Where a range begins that lasts to the last message; `nil` if there is none.
    public private(set) var openEnd: UInt32?
    /// Whether the last message belongs to it, whatever its number (`*`).
    public private(set) var includesLast = false
    /// Whether it stands for the result of the last search that was saved (`$`, RFC 5182), and for nothing else.
    public private(set) var isSavedResult = false

    /// An empty set, which no command takes.
    public init() {}

    /// Numbers in any order; repeated ones count once.
    public init(_ numbers: some Sequence<UInt32>) {
        let sorted = numbers.sorted()
        for number in sorted { appendAscending(number...number) }
    }

    /// A range of numbers.
    public init(_ range: ClosedRange<UInt32>) { ranges = [range] }

    /// Ranges in any order, also overlapping ones.
    public init(ranges: some Sequence<ClosedRange<UInt32>>) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { appendAscending(range) }
    }

    /// All messages: `1:*`.
    public static let all = IMAPSequenceSet.from(1)
    /// The last message: `*`.
    public static let last: IMAPSequenceSet = {
        var set = IMAPSequenceSet()
        set.includesLast = true
        return set
    }()
    /// The result of the last search that was saved: `$` (RFC 5182).
    public static let savedResult: IMAPSequenceSet = {
        var set = IMAPSequenceSet()
        set.isSavedResult = true
        return set
    }()

    /// From a number to the last message: `n:*`. The last message belongs to it even if its number is smaller
    /// (RFC 9051, `seq-range`).
    public static func from(_ number: UInt32) -> IMAPSequenceSet {
        var set = IMAPSequenceSet()
        set.openEnd = number
        return set
    }

    /// Whether nothing belongs to it.
    public var isEmpty: Bool { ranges.isEmpty && openEnd == nil && !includesLast && !isSavedResult }

    /// How many known numbers there are; those of ``openEnd`` are not counted.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Whether a number is among the known ones; those of ``openEnd`` and ``includesLast`` do not count.
    public func contains(_ number: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(number)
    }

    /// Adds the numbers of another set. ``savedResult`` cannot be combined and stays alone.
    public mutating func formUnion(_ other: IMAPSequenceSet) {
        guard !isSavedResult, !other.isSavedResult else {
            self = .savedResult
            return
        }
        var joined = IMAPSequenceSet(ranges: ranges + other.ranges)
        joined.includesLast = includesLast || other.includesLast
        joined.openEnd = openEnd.flatMap { end in other.openEnd.map { min(end, $0) } } ?? openEnd ?? other.openEnd
        self = joined
    }

    private mutating func appendAscending(_ range: ClosedRange<UInt32>) {
        guard let last = ranges.last else {
            ranges.append(range)
            return
        }
        let (after, isOver) = last.upperBound.addingReportingOverflow(1)
        if isOver || range.lowerBound <= after {
            ranges[ranges.count &- 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    /// Pieces whose text has at most that many octets each, for servers that limit the length of commands (RFC 7162
    /// section 4: 8,192 octets).
    public func pieces(of octets: Int) -> [IMAPSequenceSet] {
        guard description.utf8.count > octets, ranges.count > 1 else { return [self] }
        var pieces: [IMAPSequenceSet] = []
        var piece = IMAPSequenceSet()
        var size = 0
        for range in ranges {
            let length = Self.text(range).utf8.count + 1
            if size + length > octets, !piece.isEmpty {
                pieces.append(piece)
                piece = IMAPSequenceSet()
                size = 0
            }
            piece.ranges.append(range)
            size += length
        }
        if !piece.isEmpty { pieces.append(piece) }
        if openEnd != nil || includesLast {
            var rest = IMAPSequenceSet()
            rest.openEnd = openEnd
            rest.includesLast = includesLast
            pieces.append(rest)
        }
        return pieces
    }

    private static func text(_ range: ClosedRange<UInt32>) -> String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
    }

    /// As on the wire, such as `1:3,7,9:*`.
    public var description: String {
        if isSavedResult { return "$" }
        var words = ranges.map(Self.text)
        if let openEnd { words.append("\(openEnd):*") } else if includesLast { words.append("*") }
        return words.joined(separator: ",")
    }
}
