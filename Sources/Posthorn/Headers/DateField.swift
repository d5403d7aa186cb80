#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Dates as header fields write them (RFC 5322 section 3.3): always English, whatever the machine speaks.
public enum DateField {
    /// `Mon, 23 Nov 2026 19:24:43 +0000`
    ///
    /// - Parameters:
    ///   - secondsSinceEpoch: seconds since 1 January 1970, UTC. Years before 1900 and after 9999, which the standard
    ///     does not have, are brought to the nearest day that it has.
    ///   - offsetMinutes: the offset from UTC that the date is shown with, at most a day.
    public static func format(secondsSinceEpoch: Int64, offsetMinutes: Int = 0) -> String {
        let offset = max(-1_439, min(1_439, offsetMinutes))
        // 1 January 1900 and 31 December 9999.
        let seconds = max(-2_208_988_800, min(253_402_300_799, secondsSinceEpoch)) + Int64(offset) * 60
        let (day, time) = split(seconds)
        let date = civil(day)
        let weekday = days[((day % 7) + 11) % 7]
        let zone = (offset < 0 ? "-" : "+") + twoDigits(abs(offset) / 60) + twoDigits(abs(offset) % 60)
        return "\(weekday), \(twoDigits(date.day)) \(months[date.month - 1]) \(date.year) \(time) \(zone)"
    }

    /// `2026-11-23T19:24:43Z`, the form of other protocols (RFC 3339); `nil` for years that it does not have.
    package static func internetDateTime(secondsSinceEpoch: Int64) -> String? {
        guard (-62_167_219_200...253_402_300_799).contains(secondsSinceEpoch) else { return nil }
        let (day, time) = split(secondsSinceEpoch)
        let date = civil(day)
        let year = String(String(date.year + 10_000).dropFirst())
        return "\(year)-\(twoDigits(date.month))-\(twoDigits(date.day))T\(time)Z"
    }

    /// The present time, in seconds since 1970.
    public static func now() -> Int64 {
        Int64(time(nil))
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The day since 1970, and the time as text.
    private static func split(_ seconds: Int64) -> (day: Int, time: String) {
        let day = Int(seconds.floorDivided(by: 86_400))
        let second = Int(seconds - Int64(day) * 86_400)
        return (day, [second / 3_600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":"))
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    /// Day, month and year of a number of days since 1970, in the Gregorian calendar.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        // Counted from 1 March of the year 0, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let isNewYear = month >= 10
        return (yearOfEra + era * 400 + (isNewYear ? 1 : 0), isNewYear ? month - 9 : month + 3, day)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
