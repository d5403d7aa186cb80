/// Reads the text of a field: encoded words (RFC 2047) in all character sets, octets that are not ASCII (UTF-8, RFC
/// 6532), folds.
///
/// The text is on one line: every control character but the tab is a space. Time and memory are proportional to the
/// length of the value.
public enum EncodedText {
    /// The text of a field's value or of a phrase in it, without white space at both ends.
    ///
    /// - Parameter octets: the octets as they stand in the header, with folds.
    public static func decode(_ octets: some Collection<UInt8>) -> DecodedText {
        decode(line: FieldText.unfolded(octets))
    }

    /// The text of a value that is on one line already.
    static func decode(line: [UInt8]) -> DecodedText {
        guard line.contains(where: { $0 < 0x20 || $0 > 0x7E || $0 == UInt8(ascii: "=") }) else {
            return DecodedText(String(decoding: line, as: UTF8.self))
        }
        var reader = Reader(line)
        return reader.read()
    }

    private struct Reader {
        private let line: [UInt8]
        private let isUTF8: Bool
        private var words: EncodedWords
        private var output: [UInt8] = []
        private var result = DecodedText()
        /// Octets of neighbouring words in one character set: programs cut characters between two words.
        private var pending: (charset: TextCharset, octets: [UInt8])?

        init(_ line: [UInt8]) {
            self.line = line
            words = EncodedWords(line)
            isUTF8 = UTF8Sequences.isValid(line)
        }

        mutating func read() -> DecodedText {
            var plainStart = 0
            var position = 0
            while position < line.count {
                guard line[position] == UInt8(ascii: "="), position + 1 < line.count,
                    line[position + 1] == UInt8(ascii: "?")
                else {
                    position += 1
                    continue
                }
                guard let word = words.word(at: position) else {
                    result.defects.insert(.brokenEncodedWord)
                    position += 2
                    continue
                }
                let between = line[plainStart..<position]
                // White space between two words is not part of the text (RFC 2047 section 6.2).
                if pending == nil || !between.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                    flush()
                    appendPlain(between)
                }
                let charset = words.charset(word)
                if pending?.charset == charset {
                    pending?.octets.append(contentsOf: words.content(word))
                } else {
                    flush()
                    pending = (charset, words.content(word))
                }
                position = word.end
                plainStart = position
            }
            flush()
            appendPlain(line[plainStart...])
            let clean = FieldText.withoutControls(output, &result.defects)
            result.text = String(decoding: clean, as: UTF8.self)
            return result
        }

        private mutating func flush() {
            guard let complete = pending else { return }
            pending = nil
            let text = complete.charset.decode(complete.octets)
            output.append(contentsOf: text.text.utf8)
            result.replacements += text.replacements
            result.defects.formUnion(text.defects)
        }

        private mutating func appendPlain(_ octets: ArraySlice<UInt8>) {
            guard !isUTF8 else {
                output.append(contentsOf: octets)
                return
            }
            // UTF-8 is what RFC 6532 section 3.2 allows. Nothing says what else it could be, and a guess would look like
            // the truth.
            let text = TextCharset.utf8.decode(octets)
            if text.replacements > 0 { result.defects.insert(.undeclaredOctets) }
            result.replacements += text.replacements
            output.append(contentsOf: text.text.utf8)
        }
    }
}
