/// Writes paragraphs as lines of flowed text (RFC 3676 section 4.2).
struct FlowedWriter {
    /// The longest line in columns.
    let width: Int
    /// Whether the space before a soft line break is added, to be removed by the reader.
    let delSp: Bool

    /// Writes one paragraph, without the spaces at its end, in as many lines as it needs.
    func write(_ paragraph: Substring, depth: Int, to output: inout String) {
        // By scalars, since a space can be a part of a grapheme, and readers see octets.
        var text = paragraph
        while text.unicodeScalars.last == " " { text.unicodeScalars.removeLast() }
        var room = self.room(text, depth)
        // No character has more columns than octets.
        if text.utf8.count <= room { return append(text, depth, isSoft: false, to: &output) }
        var start = text.startIndex
        // The last place for a line break, and the columns of the line until there.
        var lastBreak: (index: Substring.Index, columns: Int)?
        var columns = 0
        var position = start
        while position < text.endIndex {
            let character = text[position]
            let next = text.index(after: position)
            columns += FlowedWriter.columns(character)
            position = next
            let isEnd = next == text.endIndex
            guard isEnd || canBreak(after: character, before: text[next]) else { continue }
            // The last line has no space for the reader to remove.
            let added = isEnd || !delSp ? 0 : 1
            if columns + added > room, let place = lastBreak {
                append(text[start..<place.index], depth, isSoft: true, to: &output)
                start = place.index
                columns -= place.columns
                room = self.room(text[start...], depth)
                lastBreak = nil
            }
            guard !isEnd, !isSeparator(text[start..<next]) else { continue }
            lastBreak = (next, columns)
            // A word too long for any line, or the end of what has room.
            if columns + added > room {
                append(text[start..<next], depth, isSoft: true, to: &output)
                start = next
                columns = 0
                room = self.room(text[start...], depth)
                lastBreak = nil
            }
        }
        append(text[start...], depth, isSoft: false, to: &output)
    }

    /// A line that is not flowed.
    func line(_ text: Substring, depth: Int) -> String {
        var line = ""
        append(text, depth, isSoft: false, to: &line)
        return line
    }

    private func append(_ line: Substring, _ depth: Int, isSoft: Bool, to output: inout String) {
        if depth > 0 { output.append(String(repeating: ">", count: depth)) }
        if depth > 0 ? !line.isEmpty : Self.needsStuffing(line) { output.append(" ") }
        output.append(contentsOf: line)
        if isSoft, delSp { output.append(" ") }
        output.append("\n")
    }

    /// The columns for text that begins here. Quotes that are deep leave some all the same.
    private func room(_ text: Substring, _ depth: Int) -> Int {
        max(20, width - (depth > 0 ? depth + 1 : Self.needsStuffing(text) ? 1 : 0))
    }

    /// Space stuffing (RFC 3676 section 4.4): what would be read as a quote or as stuffing, and what mailboxes in the
    /// mbox format change.
    private static func needsStuffing(_ line: Substring) -> Bool {
        switch line.utf8.first {
        case 0x20, UInt8(ascii: ">"): true
        case UInt8(ascii: "F"): line.utf8.starts(with: "From ".utf8)
        default: false
        }
    }

    /// Whether a line that ends here would be taken for the line before a signature.
    private func isSeparator(_ line: Substring) -> Bool {
        !delSp && line.utf8.elementsEqual(FlowedText.signatureSeparator.utf8)
    }

    private func canBreak(after character: Character, before next: Character) -> Bool {
        if character == " " { return next != " " }
        guard delSp else { return false }
        // Where the reader knows nothing of flowed text, at least no line begins with a full stop.
        return Self.isWide(character) && next != " " && !Self.closing.contains(next)
    }

    private static let closing: Set<Character> = [
        "、", "。", "，", "．", "」", "』", "）", "】", "》", "〉", "！", "？", "：", "；", "ー", "々", ")", ".", ",",
    ]

    private static func columns(_ character: Character) -> Int { isWide(character) ? 2 : 1 }

    /// East Asian scripts without spaces between words, and what has their width.
    private static func isWide(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first, scalar.value >= 0x1100 else { return false }
        return switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
