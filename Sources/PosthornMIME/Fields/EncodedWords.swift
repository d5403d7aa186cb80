import Posthorn

/// Finds encoded words (RFC 2047) in a value on one line, in time proportional to its length.
struct EncodedWords {
    /// One encoded word.
    struct Word {
        var label: Range<Int>
        var isBase64: Bool
        var payload: Range<Int>
        /// The position behind it.
        var end: Int { payload.upperBound + 2 }
    }

    private let octets: [UInt8]
    /// From here on nothing ends a word.
    private var lastEnd = Int.max

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    private static let question = UInt8(ascii: "?")
    private static let equals = UInt8(ascii: "=")

    /// The word that begins at a position. White space within it is tolerated, because programs write it.
    mutating func word(at start: Int) -> Word? {
        guard start < lastEnd, let head = head(at: start) else { return nil }
        var position = head.payload
        while position + 1 < octets.count {
            if octets[position] == Self.question, octets[position + 1] == Self.equals {
                if !goesOn(behind: position, head) {
                    return Word(label: head.label, isBase64: head.isBase64, payload: head.payload..<position)
                }
            } else if octets[position] == Self.equals, self.head(at: position) != nil {
                // The next word begins: this one has no end.
                return nil
            }
            position += 1
        }
        lastEnd = min(lastEnd, start)
        return nil
    }

    /// Whether the `?=` at a position is a question mark that was not encoded, before an octet that was: `Was?=20Wo?=`.
    private func goesOn(behind position: Int, _ head: Head) -> Bool {
        guard !head.isBase64, position + 3 < octets.count, HexDigit.value(octets[position + 2]) != nil,
            HexDigit.value(octets[position + 3]) != nil
        else { return false }
        var next = position + 4
        // A word has 75 characters; one that is longer than this is not looked at any further.
        let limit = min(octets.count, position + 80)
        while next + 1 < limit, octets[next] > 0x20 {
            if octets[next] == Self.question { return octets[next + 1] == Self.equals }
            if octets[next] == Self.equals, octets[next + 1] == Self.question { return false }
            next += 1
        }
        return false
    }

    private struct Head {
        var label: Range<Int>
        var isBase64: Bool
        var payload: Int
    }

    private func head(at start: Int) -> Head? {
        guard start + 5 < octets.count, octets[start] == Self.equals, octets[start + 1] == Self.question else {
            return nil
        }
        var position = start + 2
        // No character set has a name longer than this, with the language of RFC 2231 section 5.
        let limit = min(octets.count, position + 60)
        while position < limit, octets[position] != Self.question, octets[position] > 0x20 { position += 1 }
        guard position > start + 2, position + 2 < octets.count, octets[position] == Self.question,
            octets[position + 2] == Self.question
        else { return nil }
        let method = octets[position + 1] | 0x20
        guard method == UInt8(ascii: "b") || method == UInt8(ascii: "q") else { return nil }
        return Head(label: (start + 2)..<position, isBase64: method == UInt8(ascii: "b"), payload: position + 3)
    }

    /// The octets that a word stands for, in its character set.
    func content(_ word: Word) -> [UInt8] {
        let payload = octets[word.payload]
        return word.isBase64 ? Base64Decoder.octets(of: payload) : Self.decodeQ(payload)
    }

    func charset(_ word: Word) -> TextCharset {
        TextCharset(label: octets[word.label]) ?? .unknown
    }

    private static func decodeQ(_ payload: ArraySlice<UInt8>) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(payload.count)
        var index = payload.startIndex
        while index < payload.endIndex {
            let octet = payload[index]
            if octet == UInt8(ascii: "_") {
                octets.append(0x20)
            } else if octet == equals, index + 2 < payload.endIndex, let high = HexDigit.value(payload[index + 1]),
                let low = HexDigit.value(payload[index + 2])
            {
                octets.append(high << 4 | low)
                index += 2
            } else {
                octets.append(octet)
            }
            index += 1
        }
        return octets
    }
}
