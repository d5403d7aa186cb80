/// The lines of an mbox that begin a message, `From sender date` (RFC 4155), and those that must not be taken for one.
enum MboxLine {
    static let mark = Array("From ".utf8)

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// The most octets of a line that begins a message.
    static let longest = 1024

    /// Whether a line, with or without its end, begins a message: it holds a time of day, and the name of a month or
    /// a date of digits alone. Programs write the date in many ways, and bodies hold lines like `From here on`.
    static func isSeparator(_ line: UnsafeRawBufferPointer) -> Bool {
        guard line.count <= longest, line.starts(with: mark) else { return false }
        var hasTime = false
        var hasDate = false
        for word in line.dropFirst(mark.count).split(whereSeparator: { $0 <= 0x20 }) {
            if word.count == 3, !hasDate {
                let lower = String(decoding: word, as: UTF8.self).lowercased()
                if months.contains(lower) { hasDate = true }
            }
            let digits = word.map { (0x30...0x39).contains($0) }
            for index in word.indices.dropFirst() where word[index] == UInt8(ascii: ":") {
                let place = index - word.startIndex
                if digits[place - 1], place + 2 < digits.count, digits[place + 1], digits[place + 2] { hasTime = true }
            }
            // 2026-03-02T10:00:00Z
            if digits.count >= 10, digits[..<4].allSatisfy({ $0 }), word[word.startIndex + 4] == UInt8(ascii: "-") {
                hasDate = true
            }
        }
        return hasTime && hasDate
    }

    /// Whether a line of a message must be quoted: it is `From ` with any number of `>` before it.
    static func needsQuote(_ line: some Collection<UInt8>) -> Bool {
        line.drop { $0 == UInt8(ascii: ">") }.starts(with: mark)
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// The line for a message that comes at a time (seconds since 1970), in UTC as RFC 4155 wants it.
    static func separator(at time: Int64) -> [UInt8] {
        let seconds = max(0, time)
        let (day, rest) = (seconds / 86_400, seconds % 86_400)
        let date = civil(day)
        func two(_ number: Int64, _ padding: String = "0") -> String { (number < 10 ? padding : "") + String(number) }
        let month = months[Int(date.month - 1)]
        let text =
            "From MAILER-DAEMON \(days[Int(day % 7)]) \(month.prefix(1).uppercased())\(month.dropFirst()) "
            + "\(two(date.day, " ")) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) \(date.year)\n"
        return Array(text.utf8)
    }

    /// The date of a day counted from 1970-01-01, in the Gregorian calendar.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years that begin in March: the leap day is the last one.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
