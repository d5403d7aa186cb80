/// What octets and texts of ASCII need again and again.
enum ASCIIText {
    /// An ASCII letter in lower case, other octets as they are.
    static func lowered(_ octet: UInt8) -> UInt8 {
        (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
    }

    /// Space and tab.
    static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    /// Without spaces and tabs at both ends.
    static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    /// Without spaces and tabs at both ends.
    static func trimmed(_ text: Substring) -> String {
        String(Substring(trimmed(text.utf8)))
    }
}
