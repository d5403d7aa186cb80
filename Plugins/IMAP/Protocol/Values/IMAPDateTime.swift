import Posthorn

/// A date with time and zone, as INTERNALDATE and SAVEDATE have it (RFC 9051, `date-time`).
public struct IMAPDateTime: Hashable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
    public var secondsSince1970: Int64
    /// The zone: minutes east of Greenwich.
    public var offsetMinutes: Int

    /// A point in time, to be written in a zone.
    public init(secondsSince1970: Int64, offsetMinutes: Int = 0) {
        self.secondsSince1970 = secondsSince1970
        self.offsetMinutes = offsetMinutes
    }

    /// As in a command, without the quotes, such as `17-Jul-1996 02:44:25 -0700`.
    public var description: String {
        let offset = max(-5_999, min(offsetMinutes, 5_999))
        // Dates that no calendar on the wire can say (beyond the years 1 to 9999) are cut to the nearest.
        let seconds = max(-62_135_596_800, min(secondsSince1970, 253_402_300_799)) &+ Int64(offset) &* 60
        let day = Int(seconds.quotient(floor: 86_400))
        let time = Int(seconds &- Int64(day) &* 86_400)
        let size = abs(offset)
        return "\(IMAPDate(daysSince1970: day).padded) \(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60)) "
            + "\(offset < 0 ? "-" : "+")\(two(size / 60))\(two(size % 60))"
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A day of the calendar, as search criteria have it (RFC 9051, `date`). A server compares it without regard to zones.
public struct IMAPDate: Hashable, Sendable, CustomStringConvertible {
    /// The year, 1 to 9999.
    public var year: Int
    /// The month, 1 to 12.
    public var month: Int
    /// The day of the month, 1 to 31.
    public var day: Int

    /// A day. Commands refuse what is not in the calendar.
    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970: Int) {
        // Days are counted from the first of March of the year 0, so that leap days come last.
        let days = daysSince1970 &+ 719_468
        let era = Int(Int64(days).quotient(floor: 146_097))
        let ofEra = days &- era &* 146_097
        let yearOfEra = (ofEra &- ofEra / 1_460 &+ ofEra / 36_524 &- ofEra / 146_096) / 365
        let ofYear = ofEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let fromMarch = (5 &* ofYear &+ 2) / 153
        day = ofYear &- (153 &* fromMarch &+ 2) / 5 &+ 1
        month = fromMarch < 10 ? fromMarch &+ 3 : fromMarch &- 9
        year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
    }

    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Whether it is in the calendar.
    var isValid: Bool {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return day <= (month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31)
    }

    /// Days since 1970-01-01; of years from 0 to 9999.
    var daysSince1970: Int {
        let shifted = month <= 2 ? year &- 1 : year
        let era = Int(Int64(shifted).quotient(floor: 400))
        let yearOfEra = shifted &- era &* 400
        let fromMarch = month > 2 ? month &- 3 : month &+ 9
        let ofYear = (153 &* fromMarch &+ 2) / 5 &+ day &- 1
        return era &* 146_097 &+ yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ ofYear &- 719_468
    }

    /// As in a command, such as `1-Feb-1994`.
    public var description: String { "\(day)-\(monthName)-\(yearText)" }

    /// With a space in front of a single digit (RFC 9051, `date-day-fixed`).
    var padded: String { day < 10 ? " \(description)" : description }

    private var monthName: String {
        IMAPDate.months.indices.contains(month &- 1) ? IMAPDate.months[month &- 1] : "Jan"
    }

    private var yearText: String {
        let digits = "\(year)"
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

extension Int64 {
    /// The quotient, rounded down.
    fileprivate func quotient(floor divisor: Int64) -> Int64 {
        self / divisor &- (self % divisor < 0 ? 1 : 0)
    }
}
