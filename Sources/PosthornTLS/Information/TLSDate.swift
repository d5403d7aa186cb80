import COpenSSL

/// A date of a certificate, in UTC.
package struct TLSDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let year: Int
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Day, month and year as people write them: `3 May 2026`.
    package var description: String {
        guard Self.months.indices.contains(month - 1) else { return "an unreadable date" }
        return "\(day) \(Self.months[month - 1]) \(year)"
    }

    /// Seconds since the beginning of 1970 in UTC, leap seconds not counted.
    package var secondsSince1970: Int64 {
        // The days of the civil calendar, with years that begin in March so that the leap day comes last.
        let y = Int64(month <= 2 ? year - 1 : year)
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    package static func < (left: TLSDate, right: TLSDate) -> Bool {
        (left.year, left.month, left.day, left.hour, left.minute, left.second)
            < (right.year, right.month, right.day, right.hour, right.minute, right.second)
    }

    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        var parts: (Int32, Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0, 0)
        let isRead = withUnsafeMutableBytes(of: &parts) { buffer in
            ph_ASN1_TIME_parts(time, buffer.assumingMemoryBound(to: Int32.self).baseAddress) == 1
        }
        guard isRead, (1...12).contains(parts.1), (1...31).contains(parts.2) else { return nil }
        year = Int(parts.0)
        month = Int(parts.1)
        day = Int(parts.2)
        hour = Int(parts.3)
        minute = Int(parts.4)
        second = Int(parts.5)
    }
}
