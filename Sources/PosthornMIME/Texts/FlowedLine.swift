/// A line of flowed or plain text: its quotes, and what follows them.
struct FlowedLine {
    var quoteDepth = 0
    /// The text, without quotes and space stuffing.
    var content: Substring.UTF8View

    /// A line of flowed text (RFC 3676 section 4): `>>` without spaces between, and one stuffed space.
    init(flowed line: Substring.UTF8View) {
        content = line
        while quoteDepth < FlowedText.deepestQuote, content.first == UInt8(ascii: ">") { takeQuote() }
        takeSpace()
    }

    /// A line of plain text, where `> > ` is usual too. Its beginning belongs to the text if it is not quoted.
    init(plain line: Substring.UTF8View) {
        content = line
        while quoteDepth < FlowedText.deepestQuote {
            if content.first == UInt8(ascii: ">") {
                takeQuote()
            } else if quoteDepth > 0, content.first == 0x20, content.dropFirst().first == UInt8(ascii: ">") {
                takeSpace()
            } else {
                break
            }
        }
        if quoteDepth > 0 { takeSpace() }
    }

    private mutating func takeQuote() {
        content = content.dropFirst()
        quoteDepth += 1
    }

    private mutating func takeSpace() {
        if content.first == 0x20 { content = content.dropFirst() }
    }

    /// The lines of a text, without their ends: CRLF, LF or CR. No line is after the last end.
    static func lines(of text: String) -> [Substring.UTF8View] {
        var lines: [Substring.UTF8View] = []
        let octets = text[...].utf8
        var start = octets.startIndex
        var position = start
        while position < octets.endIndex {
            let octet = octets[position]
            let next = octets.index(after: position)
            guard octet == 0x0A || octet == 0x0D else {
                position = next
                continue
            }
            lines.append(octets[start..<position])
            let isPair = octet == 0x0D && next < octets.endIndex && octets[next] == 0x0A
            start = isPair ? octets.index(after: next) : next
            position = start
        }
        if start < octets.endIndex { lines.append(octets[start...]) }
        return lines
    }
}
