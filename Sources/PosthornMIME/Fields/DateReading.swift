/// A date that was read: the value of Date or Resent-Date, or the date of a Received field (RFC 5322 sections 3.3 and
/// 4.3), or another form that programs write, ISO 8601 among them.
public struct DateReading: Hashable, Sendable {
    /// Seconds since 1 January 1970, UTC; negative before.
    public var secondsSinceEpoch: Int64
    /// The offset from UTC that the date is written with, in minutes, less than a day either way.
    public var offsetMinutes: Int
    /// What was wrong with the value.
    public var defects: ReadingDefects

    /// The most octets of a value that are looked at; dates have no more.
    private static let longestValue = 1_000

    /// Reads the value of a field; `nil` if it holds no date.
    ///
    /// - Parameter octets: the value as it stands in the header, with folds.
    public static func read(_ octets: some Collection<UInt8>) -> DateReading? {
        let line = FieldText.unfolded(octets.prefix(longestValue))
        var brackets = FieldBrackets(line)
        var words: [ArraySlice<UInt8>] = []
        var position = 0
        while position < line.count {
            switch line[position] {
            case UInt8(ascii: "("):
                position = brackets.commentEnd(position) ?? line.count
            case 0x20, 0x09, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""):
                position += 1
            default:
                let start = position
                while position < line.count, !endsWord(line[position]) { position += 1 }
                // `09 : 55` and `09(comment):55` are the obsolete form (RFC 5322 section 4.3).
                let colon = UInt8(ascii: ":")
                if let last = words.last, last.last == colon || line[start] == colon {
                    words[words.count - 1] = last + line[start..<position]
                } else {
                    words.append(line[start..<position])
                }
            }
        }
        var fields = DateFields()
        for word in words { fields.take(word) }
        return fields.reading()
    }

    private static func endsWord(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == UInt8(ascii: ",") || octet == UInt8(ascii: ";")
            || octet == UInt8(ascii: "(") || octet == UInt8(ascii: "\"")
    }
}
