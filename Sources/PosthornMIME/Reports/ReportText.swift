import Posthorn

/// Pieces that the values of several reports have.
enum ReportText {
    /// `type; text` in two pieces: the type in lower case, empty if there is none.
    static func typed(_ value: String) -> (type: String, text: String) {
        guard let semicolon = value.utf8.firstIndex(of: UInt8(ascii: ";")) else {
            return ("", ASCIIText.trimmed(value[...]))
        }
        let type = ASCIIText.trimmed(value[..<semicolon])
        return (type.lowercased(), ASCIIText.trimmed(value[value.utf8.index(after: semicolon)...]))
    }

    /// The first word in lower case: what is before white space, a comment or a semicolon.
    static func keyword(_ value: String) -> String {
        let word = value.utf8.prefix { !ASCIIText.isSpace($0) && $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: ";") }
        return String(Substring(word)).lowercased()
    }

    /// Without the angle brackets around it.
    static func withoutBrackets(_ text: String) -> String {
        guard text.utf8.count >= 2, text.utf8.first == UInt8(ascii: "<"), text.utf8.last == UInt8(ascii: ">") else {
            return text
        }
        return String(Substring(text.utf8.dropFirst().dropLast()))
    }

    /// The enhanced status code at the beginning of a text (RFC 3463 section 2) and what follows it.
    static func status(_ text: Substring.UTF8View) -> (status: EnhancedStatus, rest: Substring.UTF8View)? {
        var rest = text
        var numbers: [Int] = []
        while numbers.count < 3 {
            if !numbers.isEmpty {
                guard rest.first == UInt8(ascii: ".") else { return nil }
                rest.removeFirst()
            }
            let digits = rest.prefix { ASCIIText.isDigit($0) }
            guard (1...3).contains(digits.count) else { return nil }
            numbers.append(digits.reduce(0) { $0 * 10 + Int($1 & 15) })
            rest = rest[digits.endIndex...]
        }
        guard [2, 4, 5].contains(numbers[0]) else { return nil }
        // `5.1.1.1` is none.
        if let next = rest.first, next == UInt8(ascii: ".") && rest.dropFirst().first.map(ASCIIText.isDigit) == true {
            return nil
        }
        return (EnhancedStatus(numbers[0], numbers[1], numbers[2]), rest)
    }
}
