/// Finds the fields of a header in octets that come piece by piece. Each octet is looked at once.
struct HeaderBlockScanner {
    /// The header, once its end has been seen.
    private(set) var block: HeaderBlock?

    private var position = 0
    private var lineStart = 0
    private var fieldStart: Int?
    private var isFirstLine = true
    private var fields: [(start: Int, nameEnd: Int, valueStart: Int, end: Int)] = []

    /// Looks at what is new in `octets`, which holds everything from the message's first octet on.
    mutating func scan(_ octets: [UInt8], isComplete: Bool) throws {
        while block == nil, position < octets.count {
            let octet = octets[position]
            guard octet == 0x0A || octet == 0x0D else {
                position += 1
                continue
            }
            var next = position + 1
            if octet == 0x0D {
                // Whether a line feed follows must be known.
                guard next < octets.count || isComplete else { break }
                if next < octets.count, octets[next] == 0x0A { next += 1 }
            }
            try endLine(octets, contentEnd: position, lineEnd: next)
            lineStart = next
            position = next
        }
        if block == nil, isComplete {
            if lineStart < octets.count { try endLine(octets, contentEnd: octets.count, lineEnd: octets.count) }
            if block == nil {
                try finish(octets, headerEnd: octets.count, bodyOffset: octets.count, hasSeparator: false)
            }
        }
        guard block != nil || octets.count <= HeaderBlock.largestSize else { throw tooLarge() }
    }

    private mutating func endLine(_ octets: [UInt8], contentEnd: Int, lineEnd: Int) throws {
        defer { isFirstLine = false }
        if contentEnd == lineStart {
            return try finish(octets, headerEnd: lineStart, bodyOffset: lineEnd, hasSeparator: true)
        }
        let first = octets[lineStart]
        if first == 0x20 || first == 0x09, fieldStart != nil { return }
        if isFirstLine, octets[lineStart..<contentEnd].starts(with: "From ".utf8) { return }
        guard Self.isFieldStart(octets[lineStart..<contentEnd]) else {
            return try finish(octets, headerEnd: lineStart, bodyOffset: lineStart, hasSeparator: false)
        }
        try endField(octets, at: lineStart)
        fieldStart = lineStart
    }

    /// Whether a line begins with a name and a colon. White space before the colon is an obsolete form.
    static func isFieldStart(_ line: ArraySlice<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return false }
        let name = withoutTrailingSpace(line[..<colon])
        return !name.isEmpty && name.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func withoutTrailingSpace(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = octets
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return rest
    }

    private mutating func endField(_ octets: [UInt8], at end: Int) throws {
        guard let start = fieldStart else { return }
        fieldStart = nil
        guard fields.count < HeaderBlock.mostFields else {
            throw MailError(
                .invalidMessage,
                "the message's header has more than \(HeaderBlock.mostFields) fields; check that it is a mail message"
            )
        }
        guard let colon = octets[start..<end].firstIndex(of: UInt8(ascii: ":")) else { return }
        let nameEnd = Self.withoutTrailingSpace(octets[start..<colon]).endIndex
        fields.append((start, nameEnd, colon + 1, end))
    }

    private mutating func finish(_ octets: [UInt8], headerEnd: Int, bodyOffset: Int, hasSeparator: Bool) throws {
        guard headerEnd <= HeaderBlock.largestSize else { throw tooLarge() }
        try endField(octets, at: headerEnd)
        let whole = fields.map { field in
            HeaderBlock.Field(
                octets: octets[field.start..<field.end],
                nameCount: field.nameEnd - field.start,
                valueOffset: field.valueStart - field.start
            )
        }
        block = HeaderBlock(fields: whole, bodyOffset: bodyOffset, hasSeparator: hasSeparator)
    }

    private func tooLarge() -> MailError {
        MailError(
            .invalidMessage,
            "the message's header is larger than \(HeaderBlock.largestSize) octets; check that it is a mail message"
        )
    }
}
