/// A day, for searches that compare days: year, month and day as one number.
struct IMAPDay: Comparable {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    let number: Int

    /// Of `dd-Mon-yyyy`, or of a date in a header, with a weekday or without; what follows is not looked at.
    init?(_ text: String) {
        let words = text.split { $0 == " " || $0 == "-" || $0 == "," }
        let start = words.first.map { Int($0) == nil } == true ? 1 : 0
        guard words.count >= start + 3, let day = Int(words[start]), let year = Int(words[start + 2]),
            let month = Self.months.firstIndex(of: words[start + 1].lowercased()),
            (1...31).contains(day), (0...9_999).contains(year)
        else { return nil }
        number = year * 10_000 + (month + 1) * 100 + day
    }

    static func < (left: IMAPDay, right: IMAPDay) -> Bool { left.number < right.number }

    /// Whether a text is a date-time (RFC 3501 section 9), as APPEND takes it.
    static func isDateTime(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        let pattern = Array("99-aaa-9999 99:99:99 +9999".utf8)
        guard octets.count == pattern.count, IMAPDay(text.first == " " ? String(text.dropFirst()) : text) != nil
        else { return false }
        return zip(octets, pattern).enumerated().allSatisfy { index, pair in
            switch pair.1 {
            case UInt8(ascii: "9"): (48...57).contains(pair.0) || index == 0 && pair.0 == 32
            case UInt8(ascii: "a"): true
            case UInt8(ascii: "+"): pair.0 == UInt8(ascii: "+") || pair.0 == UInt8(ascii: "-")
            default: pair.0 == pair.1
            }
        }
    }
}
