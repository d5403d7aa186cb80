/// Puts parameters together from the pieces of RFC 2231: numbered, in any order, in a character set.
struct ParameterJoiner {
    private(set) var defects: ReadingDefects = []

    /// How a name ends.
    private struct Ending {
        var base: ArraySlice<UInt8>
        var number: Int?
        var isEncoded: Bool
    }

    /// All that was written for one name.
    private struct Collected {
        var name: [UInt8]
        var plain: [ParameterReader.Piece] = []
        var numbered: [(number: Int, isEncoded: Bool, value: [UInt8])] = []
        var extended: [[UInt8]] = []
    }

    mutating func join(_ pieces: [ParameterReader.Piece]) -> [ParameterizedValue.Parameter] {
        var collected: [Collected] = []
        var known: [ArraySlice<UInt8>: Int] = [:]
        for piece in pieces {
            let ending = Self.ending(piece.name)
            let index = known[ending.base] ?? collected.count
            if index == collected.count {
                known[ending.base] = index
                collected.append(Collected(name: Array(ending.base)))
            }
            if let number = ending.number {
                collected[index].numbered.append((number, ending.isEncoded, piece.value))
            } else if ending.isEncoded {
                collected[index].extended.append(piece.value)
            } else {
                collected[index].plain.append(piece)
            }
        }
        return collected.flatMap { parameters($0) }
    }

    /// The name's asterisks: `name*`, `name*0`, `name*0*`.
    private static func ending(_ name: [UInt8]) -> Ending {
        let star = UInt8(ascii: "*")
        var rest = name[...]
        let isEncoded = rest.last == star && rest.count > 1
        if isEncoded { rest = rest.dropLast() }
        if let last = rest.lastIndex(of: star), last > rest.startIndex {
            let digits = rest[(last + 1)...]
            if (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) {
                let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
                return Ending(base: rest[..<last], number: number, isEncoded: isEncoded)
            }
        }
        return Ending(base: rest, number: nil, isEncoded: isEncoded)
    }

    private mutating func parameters(_ collected: Collected) -> [ParameterizedValue.Parameter] {
        let name = FieldText.plain(collected.name, &defects)
        var parameters: [ParameterizedValue.Parameter] = []
        if !collected.extended.isEmpty {
            parameters += collected.extended.map { extended(name, [(true, $0)]) }
        } else if !collected.numbered.isEmpty {
            parameters.append(extended(name, ordered(collected.numbered)))
        } else {
            parameters += collected.plain.map { plain(name, $0) }
        }
        if parameters.count > 1 || !collected.extended.isEmpty && !collected.numbered.isEmpty {
            defects.insert(.doubled)
        }
        return parameters
    }

    /// The pieces by their numbers; of two with the same, the first.
    private mutating func ordered(
        _ pieces: [(number: Int, isEncoded: Bool, value: [UInt8])]
    ) -> [(isEncoded: Bool, value: [UInt8])] {
        let sorted = pieces.enumerated().sorted { ($0.element.number, $0.offset) < ($1.element.number, $1.offset) }
        var ordered: [(Bool, [UInt8])] = []
        var last = -1
        for piece in sorted.map(\.element) {
            guard piece.number > last else {
                defects.insert(.doubled)
                continue
            }
            if piece.number > last + 1 { defects.insert(.missingPiece) }
            last = piece.number
            ordered.append((piece.isEncoded, piece.value))
        }
        return ordered
    }

    private mutating func extended(
        _ name: String,
        _ pieces: [(isEncoded: Bool, value: [UInt8])]
    ) -> ParameterizedValue.Parameter {
        var octets: [UInt8] = []
        var charset: String?
        var language: String?
        var isEncoded = false
        for (index, piece) in pieces.enumerated() {
            guard piece.isEncoded else {
                octets.append(contentsOf: piece.value)
                continue
            }
            isEncoded = true
            var value = piece.value[...]
            if index == 0 || charset == nil && language == nil, let (label, tongue, rest) = Self.declaration(value) {
                charset = label.isEmpty ? nil : FieldText.plain(label, &defects)
                language = tongue.isEmpty ? nil : FieldText.plain(tongue, &defects)
                value = rest
            }
            Self.appendDecoded(value, to: &octets)
        }
        let text =
            isEncoded
            ? FieldText.text(octets, charset.map { TextCharset.declared($0) }, &defects) : words(octets)
        return ParameterizedValue.Parameter(
            name: name,
            value: text,
            octets: octets,
            charset: charset,
            language: language
        )
    }

    /// `charset'language'text`
    private static func declaration(
        _ value: ArraySlice<UInt8>
    ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        let mark = UInt8(ascii: "'")
        guard let first = value.firstIndex(of: mark),
            let second = value[(first + 1)...].firstIndex(of: mark)
        else { return nil }
        return (value[..<first], value[(first + 1)..<second], value[(second + 1)...])
    }

    private static func appendDecoded(_ value: ArraySlice<UInt8>, to octets: inout [UInt8]) {
        var index = value.startIndex
        while index < value.endIndex {
            if value[index] == UInt8(ascii: "%"), index + 2 < value.endIndex,
                let high = HexDigit.value(value[index + 1]), let low = HexDigit.value(value[index + 2])
            {
                octets.append(high << 4 | low)
                index += 3
            } else {
                octets.append(value[index])
                index += 1
            }
        }
    }

    private mutating func plain(_ name: String, _ piece: ParameterReader.Piece) -> ParameterizedValue.Parameter {
        ParameterizedValue.Parameter(name: name, value: words(piece.value), octets: piece.value)
    }

    /// Text with encoded words, if it has any.
    private mutating func words(_ octets: [UInt8]) -> String {
        guard octets.firstRange(of: Array("=?".utf8)) != nil else { return FieldText.plain(octets, &defects) }
        let text = EncodedText.decode(line: octets)
        if text.text.utf8.count != octets.count { defects.insert(.misplacedEncodedWord) }
        defects.formUnion(text.defects)
        return text.text
    }
}
