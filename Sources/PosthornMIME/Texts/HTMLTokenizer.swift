/// A tag of HTML.
struct HTMLTag {
    /// The name in lower case; empty if it is longer than any that is known.
    var name: String
    /// Whether it is `</…>`.
    var isEnd: Bool
    /// Where the attributes are.
    var attributes: Range<Int>
}

/// Cuts HTML into texts and tags, whatever it looks like, in linear time. Comments and declarations are left out.
///
/// It goes by section 13.2.5 of the HTML standard, but where that would lose the rest of a text because a quotation
/// mark, a comment or an element never ends, it goes on after the next `>` or `<`.
struct HTMLTokenizer {
    enum Token {
        /// Text with character references.
        case text(Range<Int>)
        /// The content of an element in which nothing is a tag.
        case raw(Range<Int>, of: String)
        case tag(HTMLTag)
    }

    /// Elements whose content has no tags. That of `title` and `textarea` has character references.
    private static let rawElements: Set<String> = [
        "script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea", "plaintext",
    ]
    /// The longest name that is told.
    private static let longestName = 32

    private let octets: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// The element whose content comes next.
    private var rawElement: String?
    /// What was looked for in vain, and is not looked for again: so each octet is seen a few times at most.
    private var hasNoCommentEnd = false
    private var hasNoTagEnd = false
    private var ignoresQuotes = false
    private var unclosed: Set<String> = []

    init(_ octets: UnsafeBufferPointer<UInt8>) {
        self.octets = octets
    }

    /// The next token, `nil` at the end.
    mutating func next() -> Token? {
        if let name = rawElement {
            rawElement = nil
            if let content = rawContent(name), !content.isEmpty { return .raw(content, of: name) }
        }
        while position < octets.count {
            guard octets[position] == UInt8(ascii: "<"), !hasNoTagEnd else { return text() }
            let first = position + 1 < octets.count ? octets[position + 1] : 0
            switch first {
            case UInt8(ascii: "/"):
                let second = position + 2 < octets.count ? octets[position + 2] : 0
                if Self.isLetter(second) {
                    if let tag = tag(nameStart: position + 2, isEnd: true) { return .tag(tag) }
                    return text()
                }
                guard second != 0, skipDeclaration() else { return text() }
            case UInt8(ascii: "!"):
                if !skipComment(), !skipDeclaration() { return text() }
            case UInt8(ascii: "?"):
                if !skipDeclaration() { return text() }
            case _ where Self.isLetter(first):
                if let tag = tag(nameStart: position + 1, isEnd: false) { return .tag(tag) }
                return text()
            default: return text()
            }
        }
        return nil
    }

    /// Text until the next `<`; one at the beginning is text.
    private mutating func text() -> Token {
        let start = position
        position = hasNoTagEnd ? octets.count : end(of: UInt8(ascii: "<"), from: position + 1)
        return .text(start..<position)
    }

    private func end(of octet: UInt8, from start: Int) -> Int {
        var index = start
        while index < octets.count, octets[index] != octet { index &+= 1 }
        return min(index, octets.count)
    }

    /// `<!DOCTYPE …>`, `<?xml …>`, `</ …>`. Whether there is an end.
    private mutating func skipDeclaration() -> Bool {
        let end = end(of: UInt8(ascii: ">"), from: position + 1)
        guard end < octets.count else {
            hasNoTagEnd = true
            return false
        }
        position = end + 1
        return true
    }

    /// `<!-- … -->`. Whether it is one with an end.
    private mutating func skipComment() -> Bool {
        let dash = UInt8(ascii: "-")
        guard position + 3 < octets.count, octets[position + 2] == dash, octets[position + 3] == dash,
            !hasNoCommentEnd
        else { return false }
        // `<!-->` and `<!--->` are comments too.
        var index = position + 2
        while let found = nextPair(dash, from: index) {
            var end = found + 2
            if end < octets.count, octets[end] == UInt8(ascii: "!"), found > position + 3 { end &+= 1 }
            if end < octets.count, octets[end] == UInt8(ascii: ">") {
                position = end + 1
                return true
            }
            index = found + 1
        }
        hasNoCommentEnd = true
        return false
    }

    /// Where two of an octet follow each other.
    private func nextPair(_ octet: UInt8, from start: Int) -> Int? {
        var index = start
        while index + 1 < octets.count {
            if octets[index] == octet, octets[index + 1] == octet { return index }
            index &+= 1
        }
        return nil
    }

    private mutating func tag(nameStart: Int, isEnd: Bool) -> HTMLTag? {
        var nameEnd = nameStart
        while nameEnd < octets.count, !Self.endsName(octets[nameEnd]) { nameEnd &+= 1 }
        var end = ignoresQuotes ? nil : tagEnd(from: nameEnd)
        if end == nil {
            ignoresQuotes = true
            let first = self.end(of: UInt8(ascii: ">"), from: nameEnd)
            end = first < octets.count ? first : nil
        }
        guard let end else {
            hasNoTagEnd = true
            return nil
        }
        position = end + 1
        let length = nameEnd - nameStart
        var name = ""
        if length <= Self.longestName {
            // Known names fit into a string without memory of its own.
            name = String(unsafeUninitializedCapacity: length) { buffer in
                for index in 0..<length { buffer[index] = ASCIIText.lowered(octets[nameStart + index]) }
                return length
            }
        }
        if !isEnd, Self.rawElements.contains(name) { rawElement = name }
        return HTMLTag(name: name, isEnd: isEnd, attributes: nameEnd..<end)
    }

    /// The `>` that ends a tag: not one within the quotation marks of a value.
    private func tagEnd(from start: Int) -> Int? {
        var index = start
        var followsEquals = false
        while index < octets.count {
            switch octets[index] {
            case UInt8(ascii: ">"): return index
            case UInt8(ascii: "="): followsEquals = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if followsEquals {
                    index = end(of: octets[index], from: index + 1)
                    followsEquals = false
                }
            case let octet: if !HTMLText.isSpace(octet) { followsEquals = false }
            }
            index &+= 1
        }
        return nil
    }

    /// The content of an element without tags, until its end tag.
    private mutating func rawContent(_ name: String) -> Range<Int>? {
        let start = position
        if name == "plaintext" {
            position = octets.count
            return start..<position
        }
        if !unclosed.contains(name) {
            let nameOctets = Array(name.utf8)
            var index = end(of: UInt8(ascii: "<"), from: start)
            while index < octets.count {
                if isEndTag(nameOctets, at: index) {
                    position = index
                    return start..<index
                }
                index = end(of: UInt8(ascii: "<"), from: index + 1)
            }
            unclosed.insert(name)
        }
        // Without an end tag, a program or a style sheet is what comes before the next tag.
        position = end(of: UInt8(ascii: "<"), from: start)
        return start..<position
    }

    private func isEndTag(_ name: [UInt8], at start: Int) -> Bool {
        let nameEnd = start + 2 + name.count
        guard nameEnd < octets.count, octets[start + 1] == UInt8(ascii: "/"), Self.endsName(octets[nameEnd]) else {
            return false
        }
        for index in 0..<name.count where ASCIIText.lowered(octets[start + 2 + index]) != name[index] { return false }
        return true
    }

    private static func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }

    private static func endsName(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: ">") || octet == UInt8(ascii: "/") || HTMLText.isSpace(octet)
    }
}
