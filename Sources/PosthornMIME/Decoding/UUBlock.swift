import Posthorn

/// A uuencoded file in the text of a message, as programs wrote it before MIME.
public struct UUBlock: Hashable, Sendable {
    /// Where it is in the text, from `begin` to the line end behind `end`.
    public var range: Range<Int>
    /// Its name.
    public var fileName: String
    /// The permissions of a file in a Unix system.
    public var mode: Int
    /// What it holds.
    public var octets: [UInt8]

    /// The files in a text, in their order. A line that looks like the beginning of one and is followed by no `end` is text.
    ///
    /// - Parameter text: octets in a character set that has ASCII in it.
    public static func find(in text: [UInt8]) -> [UUBlock] {
        var blocks: [UUBlock] = []
        var open: UUBlock?
        var position = 0
        while position < text.count {
            let contentEnd = text.withUnsafeBytes { LineEndSearch.next(in: $0, from: position) }
            let line = text[position..<contentEnd]
            var next = min(contentEnd + 1, text.count)
            if next < text.count, text[contentEnd] == 0x0D, text[next] == 0x0A { next += 1 }
            if line.first == UInt8(ascii: "b"), let begin = UULine.begin(line) {
                open = UUBlock(range: position..<next, fileName: begin.name, mode: begin.mode, octets: [])
            } else if let start = open?.range.lowerBound {
                if UULine.isEnd(line) {
                    open?.range = start..<next
                    if let open { blocks.append(open) }
                    open = nil
                } else if line.isEmpty || UULine.isData(line) {
                    open?.append(line)
                } else {
                    open = nil
                }
            }
            position = next
        }
        return blocks
    }

    private mutating func append(_ line: ArraySlice<UInt8>) {
        _ = UULine.decode(line, into: &octets)
    }
}
