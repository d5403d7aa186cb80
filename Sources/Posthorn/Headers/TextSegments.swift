/// Cuts text into words that may stand as they are and stretches that must become encoded words.
enum TextSegments {
    struct Segment {
        var text: Substring
        var isEncoded: Bool
        /// The white space before the segment, at which the line may be folded.
        var space: [UInt8]
    }

    private struct Word {
        /// Where the white space before the word begins.
        var start: String.Index
        var textStart: String.Index
        var end: String.Index
        var space: [UInt8]
        var isEncoded: Bool
    }

    /// Longer runs of white space, and longer words, are encoded so that a fold can be made inside.
    private static let longestRun = 8
    private static let longestWord = 900

    /// Neighbouring words that must be encoded become one stretch, with the space between them: white space between
    /// two encoded words does not count (RFC 2047 section 6.2).
    static func split(_ text: String, context: EncodedWordEncoder.Context, utf8: Bool) -> [Segment] {
        var words = words(of: text, context: context, utf8: utf8)
        // White space that cannot be written as one space and a rest inside the encoded word takes the word before along.
        for index in words.indices.dropFirst().reversed() where words[index].isEncoded {
            let isTrailingSpace = words[index].textStart == words[index].end
            if words[index].space.first != 0x20 || isTrailingSpace { words[index - 1].isEncoded = true }
        }
        var segments: [Segment] = []
        var encodedStart: String.Index?
        for (index, word) in words.enumerated() {
            guard word.isEncoded else {
                let space = word.space.isEmpty ? [0x20] : word.space
                segments.append(Segment(text: text[word.textStart..<word.end], isEncoded: false, space: space))
                continue
            }
            // The first octet of the space separates the encoded word from the word before; the rest goes inside.
            let start = encodedStart ?? (index == 0 ? word.start : text.utf8.index(after: word.start))
            if index + 1 < words.count, words[index + 1].isEncoded {
                encodedStart = start
            } else {
                segments.append(Segment(text: text[start..<word.end], isEncoded: true, space: [0x20]))
                encodedStart = nil
            }
        }
        return segments
    }

    private static func words(of text: String, context: EncodedWordEncoder.Context, utf8: Bool) -> [Word] {
        var words: [Word] = []
        let octets = text.utf8
        var index = octets.startIndex
        while index < octets.endIndex {
            let start = index
            while index < octets.endIndex, isSpace(octets[index]) { octets.formIndex(after: &index) }
            let textStart = index
            while index < octets.endIndex, !isSpace(octets[index]) { octets.formIndex(after: &index) }
            let space = Array(octets[start..<textStart])
            let word = text[textStart..<index]
            // Space at the beginning or at the end of a field is lost on the way unless it is encoded.
            let isOddSpace =
                words.isEmpty
                ? !space.isEmpty
                : word.isEmpty || space.count > longestRun || (context == .phrase && space != [0x20])
            words.append(
                Word(
                    start: start,
                    textStart: textStart,
                    end: index,
                    space: space,
                    isEncoded: isOddSpace || mustBeEncoded(word, context: context, utf8: utf8)
                )
            )
        }
        return words
    }

    private static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    private static func mustBeEncoded(
        _ word: Substring,
        context: EncodedWordEncoder.Context,
        utf8: Bool
    ) -> Bool {
        guard word.utf8.count <= (context == .phrase ? 60 : longestWord) else { return true }
        if Phrase.looksEncoded(word) { return true }
        if word.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || ($0 >= 0x80 && !utf8) }) { return true }
        if utf8, !Phrase.hasNoHiddenControls(word) { return true }
        return context == .phrase && !word.utf8.allSatisfy { AddressSyntax.isAtomOctet($0) }
    }
}
