/// How a display name can be written (RFC 5322 section 3.2.5).
enum Phrase {
    /// Whether the words can stand as they are: atoms, separated by single spaces.
    static func isPlain(_ text: String, utf8: Bool) -> Bool {
        var previous: UInt8 = 0x20
        for octet in text.utf8 {
            if octet == 0x20 {
                if previous == 0x20 { return false }
            } else if !AddressSyntax.isAtomOctet(octet) || (octet >= 0x80 && !utf8) {
                return false
            }
            previous = octet
        }
        return previous != 0x20 && !looksEncoded(text) && hasNoHiddenControls(text)
            && text.utf8.split(separator: 0x20).allSatisfy { $0.count <= 200 }
    }

    /// Whether a quoted string says it: printable, and not so long that the line would have to be folded inside.
    static func isQuotable(_ text: String, utf8: Bool) -> Bool {
        text.utf8.count <= (utf8 ? 200 : 60) && !looksEncoded(text) && hasNoHiddenControls(text)
            && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || (utf8 && $0 >= 0x80) }
            // A space at either end would be trimmed by many readers.
            && text.utf8.first != 0x20 && text.utf8.last != 0x20
    }

    /// Text in which a reader would find an encoded word that the writer did not mean.
    static func looksEncoded(_ text: some StringProtocol) -> Bool {
        var previous: UInt8 = 0
        for octet in text.utf8 {
            if previous == UInt8(ascii: "="), octet == UInt8(ascii: "?") { return true }
            previous = octet
        }
        return false
    }

    /// No C1 controls and no Unicode line breaks, which some readers take for real ones.
    static func hasNoHiddenControls(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { $0 < 0x80 }
            || !text.unicodeScalars.contains {
                (0x80..<0xA0).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029
            }
    }
}
