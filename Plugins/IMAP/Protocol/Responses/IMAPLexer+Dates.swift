/// `date-time` (RFC 9051 section 9).
extension IMAPLexer {
    /// Takes a date with time in quotes; `nil` for NIL.
    mutating func dateTime() throws(IMAPSyntaxProblem) -> IMAPDateTime? {
        let start = position
        guard let string = try nstring() else { return nil }
        var lexer = IMAPLexer(string.octets, limits: limits)
        guard let date = lexer.plainDateTime() else {
            move(to: start)
            throw problem("a date that is none")
        }
        return date
    }

    /// ` 1-Feb-1994 02:44:25 -0700`. Tolerated: a day without its space, `01`, no zone (Courier of old: UTC).
    private mutating func plainDateTime() -> IMAPDateTime? {
        spaces()
        guard let day = digits(1...2), take(UInt8(ascii: "-")), let month = monthName(), take(UInt8(ascii: "-")),
            let year = digits(4...4), case let date = IMAPDate(year: year, month: month, day: day), date.isValid
        else { return nil }
        spaces()
        guard let hour = digits(1...2), take(UInt8(ascii: ":")), let minute = digits(2...2), take(UInt8(ascii: ":")),
            let second = digits(2...2), hour < 24, minute < 60, second <= 60
        else { return nil }
        spaces()
        var offset = 0
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
            let isWest = next == UInt8(ascii: "-")
            move(to: position &+ 1)
            guard let hours = digits(2...2), let minutes = digits(2...2), minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
        let seconds = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        return IMAPDateTime(secondsSince1970: seconds - Int64(offset) * 60, offsetMinutes: offset)
    }

    private mutating func digits(_ count: ClosedRange<Int>) -> Int? {
        var value = 0
        var taken = 0
        while taken < count.upperBound, IMAPOctet.isDigit(next) {
            value = value * 10 + Int(next &- IMAPOctet.zero)
            taken += 1
            move(to: position &+ 1)
        }
        return taken < count.lowerBound ? nil : value
    }

    private mutating func monthName() -> Int? {
        let names: StaticString = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
        let letters = (IMAPOctet.upper(peek(0)), IMAPOctet.upper(peek(1)), IMAPOctet.upper(peek(2)))
        for month in 0..<12 {
            let name = names.utf8Start + month * 3
            if name[0] == letters.0, name[1] == letters.1, name[2] == letters.2 {
                move(to: position &+ 3)
                return month + 1
            }
        }
        return nil
    }
}
