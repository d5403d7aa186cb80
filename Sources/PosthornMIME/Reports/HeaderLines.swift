/// Blocks of fields as reports hold them (RFC 3464 section 2.1, RFC 8098 section 3.1, RFC 5965 section 3), read from
/// octets whatever they are.
///
/// Line ends may be CRLF, LF or CR. A line that begins with white space, or that is no field, goes on with the field
/// before it, joined by a space. What is not UTF-8 becomes U+FFFD.
struct HeaderLines: Hashable, Sendable {
    /// The most fields that are read.
    static let largestCount = 10_000
    /// The longest name of a field, in octets; longer ones are text.
    static let longestName = 256

    /// The fields of each block; blocks are separated by empty lines, and none is empty.
    private(set) var blocks: [[ReportField]] = []
    /// Whether all was read: `false` if there were more than ``largestCount`` fields.
    private(set) var isComplete = true

    /// The fields of all blocks.
    var fields: [ReportField] { blocks.flatMap(\.self) }

    /// Reads all blocks.
    init(_ octets: ArraySlice<UInt8>) {
        octets.withUnsafeBufferPointer { read($0) }
    }

    /// A field whose end has not been seen.
    private struct Open {
        var name: String
        var value: [UInt8]
    }

    private mutating func read(_ octets: UnsafeBufferPointer<UInt8>) {
        var block: [ReportField] = []
        var open: Open?
        var count = 0
        func endField() {
            guard let field = open else { return }
            block.append(ReportField(name: field.name, value: String(decoding: field.value, as: UTF8.self)))
            open = nil
        }
        func endBlock() {
            endField()
            if !block.isEmpty { blocks.append(block) }
            block = []
        }
        var position = 0
        // A byte order mark, which some programs leave at the beginning.
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        while position < octets.count {
            var end = position
            while end < octets.count, octets[end] != 0x0A, octets[end] != 0x0D { end &+= 1 }
            let line = Self.trimmed(octets, position..<end)
            let isIndented = position < end && Self.isSpace(octets[position])
            position = end &+ 1
            if end < octets.count, octets[end] == 0x0D, position < octets.count, octets[position] == 0x0A {
                position &+= 1
            }
            if line.isEmpty {
                endBlock()
                continue
            }
            let colon = isIndented && open != nil ? nil : Self.colon(octets, line)
            if colon == nil, open != nil {
                if open?.value.isEmpty == false { open?.value.append(0x20) }
                open?.value.append(contentsOf: octets[line])
                continue
            }
            endField()
            guard count < Self.largestCount else {
                isComplete = false
                break
            }
            count += 1
            // Text that belongs to no field is kept in one without a name.
            let name = Self.trimmed(octets, line.lowerBound..<(colon ?? line.lowerBound))
            let value = Self.trimmed(octets, (colon.map { $0 + 1 } ?? line.lowerBound)..<line.upperBound)
            open = Open(name: String(decoding: octets[name], as: UTF8.self), value: Array(octets[value]))
        }
        endBlock()
    }

    /// Where the colon is that ends the name of a field; `nil` if the line is no field.
    private static func colon(_ octets: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Int? {
        var index = line.lowerBound
        let limit = min(line.upperBound, line.lowerBound + longestName + 1)
        while index < limit, octets[index] > 0x20, octets[index] < 0x7F, octets[index] != UInt8(ascii: ":") {
            index &+= 1
        }
        guard index > line.lowerBound else { return nil }
        while index < limit, isSpace(octets[index]) { index &+= 1 }
        return index < limit && octets[index] == UInt8(ascii: ":") ? index : nil
    }

    private static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    private static func trimmed(_ octets: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isSpace(octets[start]) { start &+= 1 }
        while end > start, isSpace(octets[end &- 1]) { end &-= 1 }
        return start..<end
    }
}
