/// Reads encoded words (RFC 2047) in the text of header fields.
///
/// UTF-8, US-ASCII, ISO 8859-1, ISO 8859-15 and windows-1252 are known; words in other character sets stay as they
/// are. The result never holds a line break or NUL, whatever the words say.
public enum EncodedWordDecoder {
    /// The text with its encoded words decoded.
    public static func decode(_ text: String) -> String {
        decode(Array(text.utf8))
    }

    static func decode(_ octets: [UInt8]) -> String {
        var text = ""
        var plainStart = 0
        var position = 0
        // Octets of neighbouring words in one character set: some programs split a character between two words.
        var pending: (set: CharacterSet, octets: [UInt8])?
        func flush() {
            if let complete = pending { text += complete.set.decode(complete.octets) }
            pending = nil
        }
        while position < octets.count {
            guard octets[position] == UInt8(ascii: "="), let word = Word(octets, at: position) else {
                position += 1
                continue
            }
            let between = octets[plainStart..<position]
            if pending == nil || !between.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                flush()
                text += String(decoding: between, as: UTF8.self)
            }
            if pending?.set == word.set {
                pending?.octets.append(contentsOf: word.octets)
            } else {
                flush()
                pending = (word.set, word.octets)
            }
            position = word.end
            plainStart = position
        }
        flush()
        text += String(decoding: octets[plainStart...], as: UTF8.self)
        guard text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 && $0.value != 0x09 || $0.value == 0x7F ? " " : $0 }
            )
        )
    }

    /// Where the encoded word ends that begins at a position; `nil` if none does.
    static func endOfWord(_ octets: [UInt8], at start: Int) -> Int? {
        guard octets[start] == UInt8(ascii: "=") else { return nil }
        return Place(octets, at: start).map { $0.payload.upperBound + 2 }
    }

    /// Where the pieces of an encoded word are.
    private struct Place {
        var label: Range<Int>
        var isBase64: Bool
        var payload: Range<Int>

        init?(_ octets: [UInt8], at start: Int) {
            let question = UInt8(ascii: "?")
            guard start + 1 < octets.count, octets[start + 1] == question else { return nil }
            var position = start + 2
            // No character set has a name longer than this, with the language of RFC 2231.
            let limit = min(octets.count, position + 60)
            while position < limit, octets[position] != question, octets[position] > 0x20 { position += 1 }
            guard position + 2 < octets.count, octets[position] == question, octets[position + 2] == question else {
                return nil
            }
            label = (start + 2)..<position
            let method = octets[position + 1] | 0x20
            guard method == UInt8(ascii: "b") || method == UInt8(ascii: "q") else { return nil }
            isBase64 = method == UInt8(ascii: "b")
            let payloadStart = position + 3
            position = payloadStart
            while position < octets.count, octets[position] != question, octets[position] > 0x20 { position += 1 }
            guard position + 1 < octets.count, octets[position] == question,
                octets[position + 1] == UInt8(ascii: "=")
            else { return nil }
            payload = payloadStart..<position
        }
    }

    /// One encoded word, found at a position.
    private struct Word {
        var set: CharacterSet
        var octets: [UInt8]
        var end: Int

        init?(_ octets: [UInt8], at start: Int) {
            guard let place = Place(octets, at: start), let set = CharacterSet(label: octets[place.label]) else {
                return nil
            }
            self.set = set
            let payload = octets[place.payload]
            self.octets = place.isBase64 ? Base64Text.decode(payload) : Self.decodeQ(payload)
            end = place.payload.upperBound + 2
        }

        private static func decodeQ(_ payload: ArraySlice<UInt8>) -> [UInt8] {
            var octets: [UInt8] = []
            var index = payload.startIndex
            while index < payload.endIndex {
                let octet = payload[index]
                if octet == UInt8(ascii: "_") {
                    octets.append(0x20)
                } else if octet == UInt8(ascii: "="), index + 2 < payload.endIndex,
                    let high = hexValue(payload[index + 1]), let low = hexValue(payload[index + 2])
                {
                    octets.append(high << 4 | low)
                    index += 2
                } else {
                    octets.append(octet)
                }
                index += 1
            }
            return octets
        }

        private static func hexValue(_ digit: UInt8) -> UInt8? {
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x41...0x46: digit - 0x37
            case 0x61...0x66: digit - 0x57
            default: nil
            }
        }
    }

    /// The character sets that the core knows.
    private enum CharacterSet {
        case utf8, latin1, latin9, windows1252

        /// A label, with the language that RFC 2231 section 5 allows after an asterisk.
        init?(label: ArraySlice<UInt8>) {
            let name = String(decoding: label.prefix { $0 != UInt8(ascii: "*") }, as: UTF8.self).lowercased()
            switch name {
            case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
            case "iso-8859-1", "iso8859-1", "latin1", "iso_8859-1": self = .latin1
            case "iso-8859-15", "iso8859-15", "latin9", "latin-9": self = .latin9
            case "windows-1252", "cp1252", "cp-1252": self = .windows1252
            default: return nil
            }
        }

        func decode(_ octets: [UInt8]) -> String {
            guard self != .utf8 else { return String(decoding: octets, as: UTF8.self) }
            var scalars = String.UnicodeScalarView()
            for octet in octets {
                let value = replacement(octet) ?? UInt32(octet)
                scalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
            }
            return String(scalars)
        }

        private func replacement(_ octet: UInt8) -> UInt32? {
            switch self {
            case .latin9: Self.latin9Table[octet]
            case .windows1252 where (0x80..<0xA0).contains(octet): Self.windows1252Table[Int(octet) - 0x80]
            default: nil
            }
        }

        private static let latin9Table: [UInt8: UInt32] = [
            0xA4: 0x20AC, 0xA6: 0x160, 0xA8: 0x161, 0xB4: 0x17D, 0xB8: 0x17E, 0xBC: 0x152, 0xBD: 0x153, 0xBE: 0x178,
        ]

        /// The octets 0x80 to 0x9F.
        private static let windows1252Table: [UInt32] = [
            0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D,
            0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A,
            0x153, 0x9D, 0x17E, 0x178,
        ]
    }
}
