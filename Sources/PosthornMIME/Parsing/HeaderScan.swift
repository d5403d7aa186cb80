import Posthorn

/// Finds the fields of one header in octets that come piece by piece. Each octet is looked at once; all positions count
/// from the header's beginning.
struct HeaderScan {
    private(set) var fields: [PartHeader.Place] = []
    /// What was noticed, with its position.
    private(set) var defects: [(kind: MessageDefect.Kind, position: Int)] = []
    /// How the lines end: CRLF, LF or CR.
    private(set) var lineEnds: LineEnds = []

    struct LineEnds: OptionSet {
        var rawValue: UInt8
        static let crlf = LineEnds(rawValue: 1)
        static let lf = LineEnds(rawValue: 2)
        static let cr = LineEnds(rawValue: 4)
    }

    /// Where the header ends.
    struct End {
        /// Its size, the empty line included.
        var size: Int
        /// Whether the limits ended it, so that the rest of its lines must be passed over.
        var isCut = false
        /// Whether a boundary ended it.
        var isBoundary = false
    }

    private var position = 0
    private var lineStart = 0
    /// The field whose end has not been seen.
    private var open: PartHeader.Place?
    private var isFirstLine = true

    /// Looks at what is new in `octets`, which holds everything from the header's first octet on.
    ///
    /// - Parameter isBoundary: tells whether a line, which begins with `--`, is the boundary of a multipart around it.
    /// - Returns: the end of the header; `nil` if more octets are needed.
    mutating func scan(
        _ octets: UnsafeRawBufferPointer,
        isComplete: Bool,
        limits: ParsingLimits,
        isBoundary: (UnsafeRawBufferPointer) -> Bool
    ) -> End? {
        while position < octets.count {
            position = LineEndSearch.next(in: octets, from: position)
            guard position < octets.count else { break }
            var next = position + 1
            if octets[position] == 0x0D {
                // Whether a line feed follows must be known.
                guard next < octets.count || isComplete else { break }
                if next < octets.count, octets[next] == 0x0A {
                    next += 1
                    lineEnds.insert(.crlf)
                } else {
                    lineEnds.insert(.cr)
                }
            } else {
                lineEnds.insert(.lf)
            }
            if let end = endLine(octets, contentEnd: position, lineEnd: next, limits, isBoundary) { return end }
            lineStart = next
            position = next
        }
        if !isComplete, octets.count > limits.headerSize {
            // A line that goes on: of the header, or the text of a message that has none.
            let line = UnsafeRawBufferPointer(rebasing: octets[lineStart...])
            if open == nil || (line.first != 0x20 && line.first != 0x09), HeaderFieldStart.find(in: line) == nil {
                return endWithoutSeparator()
            }
            return cut()
        }
        guard isComplete else { return nil }
        if lineStart < octets.count,
            let end = endLine(octets, contentEnd: octets.count, lineEnd: octets.count, limits, isBoundary)
        {
            return end
        }
        endField(at: octets.count)
        return End(size: octets.count)
    }

    private mutating func endLine(
        _ octets: UnsafeRawBufferPointer,
        contentEnd: Int,
        lineEnd: Int,
        _ limits: ParsingLimits,
        _ isBoundary: (UnsafeRawBufferPointer) -> Bool
    ) -> End? {
        defer { isFirstLine = false }
        if contentEnd == lineStart {
            endField(at: lineStart)
            return End(size: lineEnd)
        }
        let first = octets[lineStart]
        if first == 0x20 || first == 0x09 {
            if lineEnd > limits.headerSize { return cut() }
            if open == nil { notice(.strayContinuation) }
            return nil
        }
        let line = UnsafeRawBufferPointer(rebasing: octets[lineStart..<contentEnd])
        if first == UInt8(ascii: "-"), line.count > 2, line[1] == first, isBoundary(line) {
            endField(at: lineStart)
            return End(size: lineStart, isBoundary: true)
        }
        if isFirstLine, line.starts(with: "From ".utf8) || line.starts(with: ">From ".utf8) {
            notice(.mboxSeparator)
            return nil
        }
        guard let name = HeaderFieldStart.find(in: line) else { return endWithoutSeparator() }
        endField(at: lineStart)
        guard fields.count < limits.headerFields, lineEnd <= limits.headerSize else { return cut() }
        if fields.isEmpty { fields.reserveCapacity(16) }
        open = PartHeader.Place(
            start: lineStart,
            nameEnd: lineStart + name.count,
            valueStart: lineStart + name.colon + 1,
            end: lineEnd
        )
        return nil
    }

    private mutating func notice(_ kind: MessageDefect.Kind) {
        guard defects.count < 100 else { return }
        defects.append((kind, lineStart))
    }

    private mutating func endField(at end: Int) {
        guard var place = open else { return }
        open = nil
        place.end = end
        fields.append(place)
    }

    private mutating func endWithoutSeparator() -> End {
        endField(at: lineStart)
        notice(.missingSeparator)
        return End(size: lineStart)
    }

    private mutating func cut() -> End {
        endField(at: lineStart)
        notice(.headerTooLarge)
        return End(size: lineStart, isCut: true)
    }
}
