/// Texts of a settings file, made fit for messages and compared.
enum SettingsText {
    /// The text in quotes, escaped and cut.
    static func shown(_ text: String) -> String { "'\(PeerText.shown(text, limit: 60))'" }

    /// Whether the text is a name for accounts and functions: letters, digits, hyphens and underscores.
    static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    private static func isLetterOrDigit(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension String {
    /// Without spaces and tabs around it.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.unicodeScalars.first, first == " " || first == "\t" {
            rest.unicodeScalars.removeFirst()
        }
        while let last = rest.unicodeScalars.last, last == " " || last == "\t" {
            rest.unicodeScalars.removeLast()
        }
        return String(rest)
    }
}
