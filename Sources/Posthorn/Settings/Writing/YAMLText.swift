/// Writes single values as YAML.
enum YAMLText {
    /// A text so that every YAML reader takes it for this very text.
    ///
    /// - Parameter isPlain: whether the value is a number or a truth value, which needs no quotes.
    static func scalar(_ text: String, isPlain: Bool = false, isQuoted: Bool = false) -> String {
        if !isQuoted, isPlain ? isNumberOrTruth(text) : isSafe(text) { return text }
        return quoted(text)
    }

    /// A value in one line.
    static func flow(_ tree: SettingsTree, isPlain: Bool = false) -> String {
        switch tree {
        case .scalar(let text, let isQuoted): return scalar(text, isPlain: isPlain, isQuoted: isQuoted)
        case .list(let items): return "[" + items.map { flow($0, isPlain: isPlain) }.joined(separator: ", ") + "]"
        case .group(let pairs):
            guard !pairs.isEmpty else { return "{}" }
            return "{ " + pairs.map { "\(scalar($0.key)): \(flow($0.value))" }.joined(separator: ", ") + " }"
        case .empty: return "~"
        }
    }

    private static func isNumberOrTruth(_ text: String) -> Bool {
        if text == "true" || text == "false" || text == "0" { return true }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        return !digits.isEmpty && digits.first != "0" && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Whether a text may stand without quotes, in a line of its own as well as between brackets.
    private static func isSafe(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        guard isLetter(first) || first == "/" || first == "_" || isDigit(first), last != " ", last != ":" else {
            return false
        }
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ": if previous == ":" { return false }
            case "#": if previous == " " { return false }
            case "-", "_", ".", "/", "@", "<", ">", "(", ")", "+", "=", ";", "~", "$", "%", "&", "*", "!", ":": break
            case _ where isLetter(scalar) || isDigit(scalar): break
            default: return false
            }
            previous = scalar
        }
        return !isMisread(text)
    }

    /// Whether some YAML reader takes the text for something else: a truth value, nothing, a number, a date.
    private static func isMisread(_ text: String) -> Bool {
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        if words.contains(text.lowercased()) { return true }
        // Numbers in all their forms (0123, 1.2, 1e3, 0x1F, 1_000, 12:30:45) and dates begin with a digit and hold
        // nothing but these.
        guard let first = text.unicodeScalars.first, isDigit(first) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "0"..."9", "a"..."f", "A"..."F", "x", "o", "_", ".", "+", "-", ":", "T", "Z": true
            default: false
            }
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z": true
        default: scalar.value > 0xA0 && scalar.properties.isAlphabetic
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result += isPrintable(scalar) ? String(Character(scalar)) : escape(scalar)
            }
        }
        return result + "\""
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20..<0x7F: true
        // Line ends of other alphabets, marks of direction and the byte order mark would vanish or be folded.
        case 0...0xA0, 0x200B...0x200F, 0x2028...0x202F, 0x2066...0x206F, 0xFEFF, 0xFFFE...0xFFFF: false
        default: true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        func padded(_ count: Int) -> String { String(repeating: "0", count: max(0, count - digits.count)) + digits }
        return scalar.value < 0x100
            ? "\\x\(padded(2))" : scalar.value < 0x1_0000 ? "\\u\(padded(4))" : "\\U\(padded(8))"
    }
}
