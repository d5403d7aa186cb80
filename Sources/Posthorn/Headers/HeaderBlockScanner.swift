/// Finds the fields of a header in octets that come piece by piece. Each octet is looked at once.
struct HeaderBlockScanner {
    /// The header, once its end has been seen.
    private(set) var block: HeaderBlock?

    private var position = 0
    private var lineStart = 0
    /// The field whose end has not been seen.
    private var open: HeaderBlock.Place?
    private var isFirstLine = true
    private var places: [HeaderBlock.Place] = []

    /// Looks at what is new in `octets`, which holds everything from the message's first octet on.
    mutating func scan(_ octets: [UInt8], isComplete: Bool) throws {
        let end = try octets.withUnsafeBufferPointer { try scan($0, isComplete) }
        if let end {
            block = HeaderBlock(
                octets: octets,
                places: places,
                bodyOffset: end.bodyOffset,
                hasSeparator: end.hasSeparator
            )
        }
        guard block != nil || octets.count <= HeaderBlock.largestSize else { throw Self.tooLarge() }
    }

    /// Where a header ends.
    private struct End {
        var bodyOffset: Int
        var hasSeparator: Bool
    }

    private mutating func scan(_ octets: UnsafeBufferPointer<UInt8>, _ isComplete: Bool) throws -> End? {
        guard block == nil else { return nil }
        while position < octets.count {
            position = LineEndSearch.next(in: octets, from: position)
            guard position < octets.count else { break }
            var next = position + 1
            if octets[position] == 0x0D {
                // Whether a line feed follows must be known.
                guard next < octets.count || isComplete else { break }
                if next < octets.count, octets[next] == 0x0A { next += 1 }
            }
            if let end = try endLine(octets, contentEnd: position, lineEnd: next) { return end }
            lineStart = next
            position = next
            guard lineStart <= HeaderBlock.largestSize else { throw Self.tooLarge() }
        }
        guard isComplete else { return nil }
        if lineStart < octets.count, let end = try endLine(octets, contentEnd: octets.count, lineEnd: octets.count) {
            return end
        }
        return try finish(headerEnd: octets.count, bodyOffset: octets.count, hasSeparator: false)
    }

    private mutating func endLine(
        _ octets: UnsafeBufferPointer<UInt8>,
        contentEnd: Int,
        lineEnd: Int
    ) throws -> End? {
        defer { isFirstLine = false }
        if contentEnd == lineStart {
            return try finish(headerEnd: lineStart, bodyOffset: lineEnd, hasSeparator: true)
        }
        let first = octets[lineStart]
        if first == 0x20 || first == 0x09, open != nil { return nil }
        let line = UnsafeBufferPointer(rebasing: octets[lineStart..<contentEnd])
        if isFirstLine, line.starts(with: "From ".utf8) { return nil }
        guard let name = HeaderFieldStart.find(in: UnsafeRawBufferPointer(line)) else {
            return try finish(headerEnd: lineStart, bodyOffset: lineStart, hasSeparator: false)
        }
        try endField(at: lineStart)
        open = HeaderBlock.Place(
            start: lineStart,
            nameEnd: lineStart + name.count,
            valueStart: lineStart + name.colon + 1,
            end: lineEnd
        )
        return nil
    }

    /// Whether a line begins with a name and a colon. White space before the colon is an obsolete form.
    static func isFieldStart(_ line: ArraySlice<UInt8>) -> Bool {
        line.withUnsafeBytes { HeaderFieldStart.find(in: $0) != nil }
    }

    private mutating func endField(at end: Int) throws {
        guard var place = open else { return }
        open = nil
        guard places.count < HeaderBlock.mostFields else {
            throw MailError(
                .invalidMessage,
                "the message's header has more than \(HeaderBlock.mostFields) fields; check that it is a mail message"
            )
        }
        place.end = end
        if places.isEmpty { places.reserveCapacity(16) }
        places.append(place)
    }

    private mutating func finish(headerEnd: Int, bodyOffset: Int, hasSeparator: Bool) throws -> End {
        guard headerEnd <= HeaderBlock.largestSize else { throw Self.tooLarge() }
        try endField(at: headerEnd)
        return End(bodyOffset: bodyOffset, hasSeparator: hasSeparator)
    }

    private static func tooLarge() -> MailError {
        MailError(
            .invalidMessage,
            "the message's header is larger than \(HeaderBlock.largestSize) octets; check that it is a mail message"
        )
    }
}
