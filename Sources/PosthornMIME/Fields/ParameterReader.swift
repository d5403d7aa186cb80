/// Cuts a value with parameters into the value and the pieces `name=value`, as they are written.
struct ParameterReader {
    /// One `name=value`.
    struct Piece {
        /// The name in lower case, with the asterisks of RFC 2231.
        var name: [UInt8]
        var value: [UInt8]
        var isQuoted: Bool
    }

    private let line: [UInt8]
    private var position = 0
    private var brackets: FieldBrackets
    private(set) var pieces: [Piece] = []
    private(set) var defects: ReadingDefects = []

    init(_ line: [UInt8]) {
        self.line = line
        brackets = FieldBrackets(line)
    }

    private static let semicolon = UInt8(ascii: ";")
    private static let equals = UInt8(ascii: "=")
    private static let quote = UInt8(ascii: "\"")

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < line.count ? line[position + offset] : nil
    }

    private static func isSpace(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09
    }

    private mutating func skipSpace() {
        while let octet = peek(), Self.isSpace(octet) { position += 1 }
    }

    /// Skips white space and comments.
    private mutating func skipComments() {
        while let octet = peek() {
            if Self.isSpace(octet) {
                position += 1
            } else if octet == UInt8(ascii: "("), let end = brackets.commentEnd(position) {
                position = end
            } else {
                return
            }
        }
    }

    /// Where a parameter's value begins, if a name and an equals sign are at a position.
    private func valueStart(_ start: Int) -> Int? {
        var next = start
        while next < line.count, Self.isNameOctet(line[next]) { next += 1 }
        guard next > start else { return nil }
        // Spaces around the sign are common; a long run of them is no reason to look at it again and again.
        let limit = min(line.count, next + 4)
        while next < limit, Self.isSpace(line[next]) { next += 1 }
        return next < line.count && line[next] == Self.equals ? next + 1 : nil
    }

    /// What can be in a name: everything but what ends one.
    private static func isNameOctet(_ octet: UInt8) -> Bool {
        octet > 0x20 && octet != semicolon && octet != equals && octet != quote && octet != UInt8(ascii: "(")
            && octet != UInt8(ascii: ")") && octet != UInt8(ascii: "<") && octet != UInt8(ascii: ">")
            && octet != UInt8(ascii: "?") && octet != UInt8(ascii: ",") && octet != 0x7F
    }

    // MARK: The value

    mutating func readValue() -> [UInt8] {
        var value: [UInt8] = []
        skipComments()
        while let octet = peek(), octet != Self.semicolon {
            if value.isEmpty, octet == Self.quote, let end = brackets.quoteEnd(position) {
                value = FieldBrackets.inside(line[position..<end])
                defects.insert(.extraText)
                position = end
                skipComments()
                continue
            }
            if valueStart(position) != nil, value.isEmpty || position > 0 && Self.endsValue(line[position - 1]) {
                // `text/plain charset=utf-8`
                defects.insert(.missingSeparator)
                return value
            }
            let start = position
            while let next = peek(), next != Self.semicolon, !Self.endsValue(next) { position += 1 }
            let word = line[start..<position]
            let slash = UInt8(ascii: "/")
            if value.isEmpty || value.last == slash || word.first == slash {
                value.append(contentsOf: word)
            } else if !word.isEmpty {
                defects.insert(.extraText)
            }
            if let next = peek(), next != Self.semicolon, !Self.isSpace(next) {
                if next == UInt8(ascii: "("), let end = brackets.commentEnd(position) {
                    position = end
                } else {
                    defects.insert(.extraText)
                    position += 1
                }
            }
            skipComments()
        }
        return value
    }

    private static func endsValue(_ octet: UInt8) -> Bool {
        isSpace(octet) || octet == UInt8(ascii: "(") || octet == UInt8(ascii: ")") || octet == UInt8(ascii: ",")
    }

    // MARK: Parameters

    mutating func readParameters() {
        while true {
            skipComments()
            guard let octet = peek() else { return }
            if octet == Self.semicolon {
                position += 1
                continue
            }
            let start = position
            while let next = peek(), Self.isNameOctet(next) { position += 1 }
            let end = position
            skipComments()
            guard end > start, peek() == Self.equals else {
                skipJunk(from: start)
                continue
            }
            position += 1
            let name = line[start..<end].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            skipSpace()
            if peek() == Self.quote {
                readQuoted(name)
            } else {
                readUnquoted(name)
            }
        }
    }

    /// Skips what is no parameter, up to the next semicolon or the next word that is followed by an equals sign.
    private mutating func skipJunk(from start: Int) {
        defects.insert(.extraText)
        position = max(position, start + 1)
        while let octet = peek(), octet != Self.semicolon {
            if let before = line[..<position].last, Self.isSpace(before), valueStart(position) != nil { return }
            while let next = peek(), next != Self.semicolon, !Self.isSpace(next) { position += 1 }
            skipSpace()
        }
    }

    private mutating func readQuoted(_ name: [UInt8]) {
        guard let end = brackets.quoteEnd(position) else {
            // Without its end, up to the semicolon.
            defects.insert(.unclosed)
            position += 1
            let start = position
            while let octet = peek(), octet != Self.semicolon { position += 1 }
            pieces.append(Piece(name: name, value: Array(FieldText.trimmed(line[start..<position])), isQuoted: true))
            return
        }
        var value = FieldBrackets.inside(line[position..<end])
        position = end
        // Several strings in a row, as some programs write encoded words; or text glued to the string.
        while let octet = peek(), octet != Self.semicolon {
            if Self.isSpace(octet) || octet == UInt8(ascii: "(") {
                let here = position
                skipComments()
                guard position > here else {
                    position += 1
                    defects.insert(.extraText)
                    continue
                }
                if peek() == nil || peek() == Self.semicolon { break }
                if valueStart(position) != nil {
                    defects.insert(.missingSeparator)
                    break
                }
                if peek() == Self.quote, let end = brackets.quoteEnd(position) {
                    defects.insert(.extraText)
                    value.append(0x20)
                    value.append(contentsOf: FieldBrackets.inside(line[position..<end]))
                    position = end
                    continue
                }
                skipJunk(from: position)
                break
            }
            if octet == UInt8(ascii: ",") {
                defects.insert(.extraText)
                position += 1
                continue
            }
            if valueStart(position) != nil {
                defects.insert(.missingSeparator)
                break
            }
            defects.insert(.extraText)
            // The whole run, so that no octet is looked at as the start of a name again.
            let start = position
            repeat { position += 1 } while peek().map(Self.isNameOctet) == true
            value.append(contentsOf: line[start..<position])
        }
        pieces.append(Piece(name: name, value: value, isQuoted: true))
    }

    private mutating func readUnquoted(_ name: [UInt8]) {
        let start = position
        var end = position
        // Names of files have parentheses more often than comments.
        let mayHaveComments = !name.starts(with: "filename".utf8) && !name.starts(with: "name".utf8)
        while let octet = peek(), octet != Self.semicolon {
            if octet == UInt8(ascii: "("), mayHaveComments, brackets.commentEnd(position) != nil {
                skipComments()
                if peek() == nil || peek() == Self.semicolon { break }
                if valueStart(position) == nil { skipJunk(from: position) }
                break
            }
            if Self.isSpace(octet) {
                skipSpace()
                guard let next = peek(), next != Self.semicolon else { break }
                if valueStart(position) != nil {
                    defects.insert(.missingSeparator)
                    break
                }
                if next != UInt8(ascii: "(") || !mayHaveComments { defects.insert(.unquoted) }
                continue
            }
            if !Self.isNameOctet(octet) || octet == UInt8(ascii: "/") { defects.insert(.unquoted) }
            position += 1
            end = position
        }
        pieces.append(Piece(name: name, value: Array(line[start..<end]), isQuoted: false))
    }
}
