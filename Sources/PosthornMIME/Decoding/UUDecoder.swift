import Posthorn

/// Uuencoded data (POSIX uuencode) in pieces of any size, from its `begin` line to its `end` line.
struct UUDecoder {
    /// What was wrong so far.
    private(set) var defects: TransferDefects = []
    /// The name in the `begin` line; `nil` before it has come.
    private(set) var fileName: String?

    private enum State { case before, data, after }
    private var state = State.before
    private var line: [UInt8] = []
    /// How many octets were put in place of characters that were lost.
    private var filled = 0

    /// More are not put in: whoever says 45 octets a line and gives none wants to fill the memory.
    private static let mostFilled = 1 << 20

    /// Longer lines are cut: 63 octets make 84 characters and one for the length.
    private static let longestLine = 1_024

    /// Appends what a piece decodes to.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        for octet in input {
            if octet == 0x0A || octet == 0x0D {
                endLine(into: &output)
            } else if line.count < Self.longestLine {
                line.append(octet)
            } else {
                defects.insert(.wrongLineLength)
            }
        }
    }

    /// The input is complete: appends what is left.
    mutating func finish(into output: inout [UInt8]) {
        endLine(into: &output)
        if state != .after { defects.insert(.missingFrame) }
    }

    private mutating func endLine(into output: inout [UInt8]) {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return }
        switch state {
        case .before:
            guard let begin = UULine.begin(line[...]) else { return }
            fileName = begin.name
            state = .data
        case .data:
            if UULine.isEnd(line[...]) {
                state = .after
            } else {
                let before = output.count
                if !UULine.decode(line[...], into: &output, filling: filled < Self.mostFilled) {
                    defects.insert(.wrongLineLength)
                }
                filled += max(0, output.count - before - line.count)
            }
        case .after: break
        }
    }
}

/// The lines of uuencoded data.
enum UULine {
    /// The mode and the name of a line such as `begin 644 name`.
    static func begin(_ line: ArraySlice<UInt8>) -> (mode: Int, name: String)? {
        let words = line.split(separator: 0x20, maxSplits: 2)
        guard words.count == 3, words[0].elementsEqual("begin".utf8), (3...4).contains(words[1].count),
            let mode = Int(String(decoding: words[1], as: UTF8.self), radix: 8)
        else { return nil }
        let name = EncodedText.decode(words[2]).text.trimmed()
        return (mode, name)
    }

    static func isEnd(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: "end".utf8) && line.dropFirst(3).allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// Whether a line can be one of data: its first character says how many octets the others are, and white space at its
    /// end may have been lost.
    static func isData(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first, (0x20...0x60).contains(first) else { return false }
        let characters = (count(first) + 2) / 3 * 4
        return line.count <= characters + 2 && line.dropFirst().allSatisfy { (0x20...0x60).contains($0) }
    }

    /// Appends the octets of a line.
    ///
    /// - Parameter filling: whether characters that are missing at the end count as spaces.
    /// - Returns: whether the line has the length that it says.
    static func decode(_ line: ArraySlice<UInt8>, into output: inout [UInt8], filling: Bool = true) -> Bool {
        guard let first = line.first else { return true }
        guard (0x20...0x60).contains(first) else { return false }
        var left = count(first)
        var characters = line.dropFirst()
        let wanted = (left + 2) / 3 * 4
        // Programs on the way take spaces at the end of a line away, and some add a check character.
        let isRight = characters.count <= wanted + 1
        if !filling { left = min(left, characters.count / 4 * 3) }
        while left > 0 {
            var bits: UInt32 = 0
            for _ in 0..<4 { bits = bits << 6 | UInt32((characters.popFirst().map(count)) ?? 0) }
            for shift in [16, 8, 0] as [UInt32] where left > 0 {
                output.append(UInt8(truncatingIfNeeded: bits >> shift))
                left -= 1
            }
        }
        return isRight
    }

    /// The value of a character: a space and a grave accent are 0.
    private static func count(_ character: UInt8) -> Int { Int((character &- 0x20) & 0x3F) }
}
