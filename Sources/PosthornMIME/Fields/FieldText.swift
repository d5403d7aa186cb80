/// What the readers of field values have in common.
enum FieldText {
    static func isSpace(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == 0x0D || octet == 0x0A
    }

    /// The value on one line, without white space at both ends. A line end before white space goes (RFC 5322 section
    /// 2.2.3), any other becomes a space.
    static func unfolded(_ octets: some Collection<UInt8>) -> [UInt8] {
        let all = octets.withContiguousStorageIfAvailable { Array($0) } ?? Array(octets)
        var start = 0
        var end = all.count
        while start < end, isSpace(all[start]) { start += 1 }
        while end > start, isSpace(all[end - 1]) { end -= 1 }
        var line: [UInt8] = []
        line.reserveCapacity(end - start)
        var position = start
        while position < end {
            let octet = all[position]
            guard octet == 0x0D || octet == 0x0A else {
                line.append(octet)
                position += 1
                continue
            }
            while position < end, all[position] == 0x0D || all[position] == 0x0A { position += 1 }
            // The tab of a fold stands for a space that was there before: programs fold with either.
            line.append(0x20)
            if position < end, all[position] == 0x20 || all[position] == 0x09 { position += 1 }
        }
        return line
    }

    /// Puts a space for every control character but the tab: C0, DEL, C1 and the line and paragraph separators. The
    /// octets must be UTF-8.
    static func withoutControls(_ text: [UInt8], _ defects: inout ReadingDefects) -> [UInt8] {
        guard let first = text.indices.first(where: { controlLength(text, at: $0) > 0 }) else { return text }
        defects.insert(.controlCharacters)
        var clean = Array(text[..<first])
        clean.reserveCapacity(text.count)
        var position = first
        while position < text.count {
            let length = controlLength(text, at: position)
            clean.append(length > 0 ? 0x20 : text[position])
            position += max(1, length)
        }
        return clean
    }

    @inline(__always)
    private static func controlLength(_ text: [UInt8], at position: Int) -> Int {
        let octet = text[position]
        if octet >= 0x20, octet < 0x7F { return 0 }
        if octet < 0x20 { return octet == 0x09 ? 0 : 1 }
        if octet == 0x7F { return 1 }
        guard octet == 0xC2 || octet == 0xE2, position + 1 < text.count else { return 0 }
        if octet == 0xC2 { return text[position + 1] < 0xA0 ? 2 : 0 }
        guard text[position + 1] == 0x80, position + 2 < text.count else { return 0 }
        return text[position + 2] == 0xA8 || text[position + 2] == 0xA9 ? 3 : 0
    }

    /// Octets that nobody declared, as text on one line: UTF-8 (RFC 6532), what is not that becomes U+FFFD.
    static func plain(_ octets: some Collection<UInt8>, _ defects: inout ReadingDefects) -> String {
        var text = Array(octets)
        if !UTF8Sequences.isValid(text) {
            defects.insert(.undeclaredOctets)
            text = Array(TextCharset.utf8.decode(text).text.utf8)
        }
        return String(decoding: withoutControls(text, &defects), as: UTF8.self)
    }

    /// Octets in a declared character set, as text on one line.
    static func text(_ octets: [UInt8], _ charset: TextCharset?, _ defects: inout ReadingDefects) -> String {
        guard let charset else { return plain(octets, &defects) }
        let text = charset.decode(octets)
        defects.formUnion(text.defects)
        return String(decoding: withoutControls(Array(text.text.utf8), &defects), as: UTF8.self)
    }

    static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = octets
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}

/// Finds where comments and quoted strings end, in time proportional to the value whatever it holds.
struct FieldBrackets {
    private let octets: [UInt8]
    /// How many comments without an end are looked for; behind them a parenthesis is a character like others.
    private var attempts = 8
    private var lastQuoteIsPassed = false

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    /// The position behind the comment that begins at a position; `nil` if it does not end.
    mutating func commentEnd(_ start: Int) -> Int? {
        guard attempts > 0 else { return nil }
        var depth = 0
        var position = start
        while position < octets.count {
            switch octets[position] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return position + 1 }
            case UInt8(ascii: "\\"): position += 1
            default: break
            }
            position += 1
        }
        attempts -= 1
        return nil
    }

    /// The position behind the quoted string that begins at a position; `nil` if it does not end.
    mutating func quoteEnd(_ start: Int) -> Int? {
        guard !lastQuoteIsPassed else { return nil }
        var position = start + 1
        while position < octets.count {
            switch octets[position] {
            case UInt8(ascii: "\""): return position + 1
            case UInt8(ascii: "\\"): position += 1
            default: break
            }
            position += 1
        }
        lastQuoteIsPassed = true
        return nil
    }

    /// The octets between two delimiters, without the backslashes of quoted pairs.
    static func inside(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        let inner = octets.dropFirst().dropLast()
        guard inner.contains(UInt8(ascii: "\\")) else { return Array(inner) }
        var text: [UInt8] = []
        text.reserveCapacity(inner.count)
        var position = inner.startIndex
        while position < inner.endIndex {
            if inner[position] == UInt8(ascii: "\\"), position + 1 < inner.endIndex { position += 1 }
            text.append(inner[position])
            position += 1
        }
        return text
    }
}
