/// Texts of a settings file, made fit for messages and compared.
enum SettingsText {
    /// The text in quotes, escaped and cut.
    static func shown(_ text: String) -> String { "'\(PeerText.shown(text, limit: 60))'" }

    /// A key in quotes, escaped and cut before a ':', a '=' or white space: in `{ password:hunter2 }`, where a space is
    /// missing, what follows is a value, and maybe a secret.
    static func shown(key: String) -> String {
        let start = start(ofKey: key)
        guard start.endIndex < key.endIndex else { return shown(key) }
        return start.isEmpty
            ? "(not shown; it does not begin with a word)"
            : "\(shown(String(start))) (a space must stand after the ':' that ends a key)"
    }

    /// The part of a key that is certainly not its value.
    static func start(ofKey key: String) -> Substring {
        key.prefix { $0 != ":" && $0 != "=" && !$0.isWhitespace }
    }

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
