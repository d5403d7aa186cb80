/// A set of message numbers or UIDs (RFC 3501 section 9).
struct IMAPSequenceSet {
    /// The ranges; `nil` stands for `*`. None for `$`, what the last SEARCH has saved.
    private let ranges: [(UInt32?, UInt32?)]
    let isSaved: Bool

    init?(_ text: String) {
        isSaved = text == "$"
        if isSaved {
            ranges = []
            return
        }
        var ranges: [(UInt32?, UInt32?)] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = piece.split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count), let first = Self.number(ends[0]),
                let last = Self.number(ends[ends.count - 1])
            else { return nil }
            ranges.append((first, last))
        }
        self.ranges = ranges
    }

    /// A number, or the `nil` that stands for `*`; nothing if it is neither.
    private static func number(_ text: Substring) -> UInt32?? {
        if text == "*" { return .some(nil) }
        guard let value = UInt32(text), value > 0, text.allSatisfy(\.isNumber) else { return nil }
        return value
    }

    /// The ranges in order, none touching another.
    private func merged(largest: UInt32) -> [ClosedRange<UInt32>] {
        let sorted = ranges.map { first, last -> ClosedRange<UInt32> in
            let ends = (first ?? largest, last ?? largest)
            return min(ends.0, ends.1)...max(ends.0, ends.1)
        }.sorted { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<UInt32>] = []
        for range in sorted {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// The positions, from 0, of the messages that UIDs name; those that there are not are left out.
    ///
    /// - Parameter uids: In ascending order.
    func positions(ofUIDs uids: [UInt32]) -> [Int] {
        guard let largest = uids.last else { return [] }
        var positions: [Int] = []
        for range in merged(largest: largest) {
            var position = Self.first(in: uids, from: range.lowerBound)
            while position < uids.count, uids[position] <= range.upperBound {
                positions.append(position)
                position += 1
            }
        }
        return positions
    }

    /// The positions, from 0, of the messages that numbers name; `nil` if there are not so many.
    func positions(ofNumbers count: Int) -> [Int]? {
        let largest = UInt32(clamping: count)
        let merged = merged(largest: largest)
        guard let last = merged.last, last.upperBound <= largest, merged[0].lowerBound > 0 else { return nil }
        return merged.flatMap { Array(Int($0.lowerBound) - 1...Int($0.upperBound) - 1) }
    }

    /// The first position whose UID is not smaller.
    static func first(in uids: [UInt32], from uid: UInt32) -> Int {
        var low = 0
        var high = uids.count
        while low < high {
            let middle = (low + high) / 2
            if uids[middle] < uid { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A set as IMAP writes it.
    ///
    /// - Parameter numbers: In ascending order.
    static func text(_ numbers: [UInt32]) -> String {
        var pieces: [String] = []
        var index = 0
        while index < numbers.count {
            var end = index
            while end + 1 < numbers.count, numbers[end + 1] - 1 == numbers[end] { end += 1 }
            pieces.append(end == index ? "\(numbers[index])" : "\(numbers[index]):\(numbers[end])")
            index = end + 1
        }
        return pieces.joined(separator: ",")
    }
}
