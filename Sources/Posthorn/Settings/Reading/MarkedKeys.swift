import Yams

/// Lets the parser read past duplicate keys.
///
/// The parser stops at the first mapping with a key that appears twice, and tells only where the first one stands.
/// To report all duplicates, and every other mistake beside them, the first one is overwritten in the text by a
/// character that no settings file uses, which leaves all places as they are, and the text is read again. The
/// real name is known by the place.
struct MarkedKeys {
    private static let attempts = 24
    private var names: [Place: String] = [:]

    private struct Place: Hashable {
        var line: Int
        var column: Int
    }

    /// The name of the key at a place, if it was overwritten.
    func original(at line: Int, _ column: Int) -> String? {
        names[Place(line: line, column: column)]
    }

    mutating func compose(_ text: String, keeping parser: inout Parser?) throws(YamlError) -> Node? {
        var text = text
        while true {
            do {
                // Without rules nothing is taken for a number or a date, and keys are compared as the texts they are.
                let current = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                parser = current
                return try current.singleRoot()
            } catch let error as YamlError {
                guard case .duplicatedKeysInMapping(let duplicates, let context) = error,
                    names.count < Self.attempts,
                    let name = duplicates.first,
                    let marked = mark(name, at: context.mark, in: text)
                else { throw error }
                text = marked
            } catch {
                throw .representer(problem: "not readable")
            }
        }
    }

    /// The text with the first character of a key overwritten; `nil` if the key is not simply written there.
    private mutating func mark(_ name: String, at mark: Mark, in text: String) -> String? {
        guard !name.isEmpty, let index = Self.index(of: mark, in: text) else { return nil }
        var scalars = String.UnicodeScalarView(text.unicodeScalars)
        var target = index
        if scalars[target] == "\"" || scalars[target] == "'" { target = scalars.index(after: target) }
        guard target < scalars.endIndex, scalars[target] == name.unicodeScalars.first,
            let stand = Unicode.Scalar(0xF_0000 + UInt32(names.count))
        else { return nil }
        scalars.replaceSubrange(target...target, with: [stand])
        names[Place(line: mark.line, column: mark.column)] = name
        return String(scalars)
    }

    private static func index(of mark: Mark, in text: String) -> String.Index? {
        var line = 1
        var column = 1
        let scalars = text.unicodeScalars
        var previous: Unicode.Scalar = " "
        for index in scalars.indices {
            if line == mark.line, column == mark.column { return index }
            let scalar = scalars[index]
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                line += 1
                column = 1
            default: column += 1
            }
            previous = scalar
        }
        return nil
    }
}
