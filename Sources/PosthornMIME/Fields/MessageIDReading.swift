/// Message identifiers that were read: the value of Message-ID, In-Reply-To or References (RFC 5322 sections 3.6.4
/// and 4.5.4, and what programs write instead).
public struct MessageIDReading: Hashable, Sendable {
    /// The identifiers in their order, each with angle brackets, whether it had them or not.
    public internal(set) var ids: [String] = []
    /// What was wrong with the value.
    public internal(set) var defects: ReadingDefects = []

    /// Reads the value of a field. Never fails; takes time and memory in proportion to the value.
    ///
    /// - Parameter octets: the value as it stands in the header, with folds.
    public static func read(_ octets: some Collection<UInt8>) -> MessageIDReading {
        let line = FieldText.unfolded(octets)
        var reading = MessageIDReading()
        var brackets = FieldBrackets(line)
        /// Words without brackets: the phrases of the obsolete form, or identifiers of careless programs.
        var bare: [Range<Int>] = []
        var position = 0
        while position < line.count {
            switch line[position] {
            case 0x20, 0x09, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ">"):
                position += 1
            case UInt8(ascii: "("):
                position = brackets.commentEnd(position) ?? position + 1
            case UInt8(ascii: "\""):
                position = brackets.quoteEnd(position) ?? position + 1
            case UInt8(ascii: "<"):
                position = reading.readBracketed(line, position, &brackets)
            default:
                let start = position
                while position < line.count, !Self.endsWord(line[position]) { position += 1 }
                if line[start..<position].contains(UInt8(ascii: "@")) {
                    reading.defects.insert(.malformedIdentifier)
                    reading.append(line[start..<position])
                } else {
                    bare.append(start..<position)
                }
            }
        }
        if reading.ids.isEmpty, bare.count == 1, let only = bare.first {
            reading.defects.insert(.malformedIdentifier)
            reading.append(line[only])
        }
        return reading
    }

    private static func endsWord(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == UInt8(ascii: ",") || octet == UInt8(ascii: ";")
            || octet == UInt8(ascii: "<") || octet == UInt8(ascii: ">") || octet == UInt8(ascii: "(")
    }

    /// Reads an identifier from its bracket on, and returns the position behind it.
    private mutating func readBracketed(_ line: [UInt8], _ start: Int, _ brackets: inout FieldBrackets) -> Int {
        var id: [UInt8] = []
        var position = start + 1
        while position < line.count {
            let octet = line[position]
            if octet == UInt8(ascii: ">") {
                append(id[...])
                return position + 1
            }
            if octet == UInt8(ascii: "<") {
                // Two brackets in a row are one; elsewhere the end of the first identifier is missing.
                if id.isEmpty {
                    position += 1
                    continue
                }
                break
            }
            if octet == UInt8(ascii: "\""), let end = brackets.quoteEnd(position) {
                id.append(contentsOf: line[position..<end])
                position = end
                continue
            }
            // Long identifiers were folded by programs that did not know better.
            if octet == 0x20 || octet == 0x09 {
                defects.insert(.malformedIdentifier)
            } else {
                id.append(octet)
            }
            position += 1
        }
        defects.insert(.unclosed)
        append(id[...])
        return position
    }

    private mutating func append(_ id: ArraySlice<UInt8>) {
        guard !id.isEmpty else {
            defects.insert(.malformedIdentifier)
            return
        }
        ids.append("<\(FieldText.plain(id, &defects))>")
    }
}
