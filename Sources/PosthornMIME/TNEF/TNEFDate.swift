/// A point in time as TNEF and MAPI have it.
public struct TNEFDate: Sendable, Hashable {
    /// Seconds since 1 January 1970.
    public let secondsSinceEpoch: Int64
    /// The rest, 0 to 999,999,999.
    public let nanoseconds: Int32
    /// Whether it is UTC. Dates of attributes are local times of a sender whose zone nobody knows ([MS-OXTNEF]
    /// section 2.1.3.2); those of properties are UTC.
    public let isUTC: Bool

    /// A point in time.
    public init(secondsSinceEpoch: Int64, nanoseconds: Int32 = 0, isUTC: Bool = true) {
        self.secondsSinceEpoch = secondsSinceEpoch
        self.nanoseconds = nanoseconds
        self.isUTC = isUTC
    }

    /// A FILETIME: steps of 100 nanoseconds since 1 January 1601 ([MS-OXCDATA] section 2.11.1, PtypTime).
    ///
    /// `nil` for what is after the year 30827, which the format does not have.
    init?(fileTime: UInt64) {
        guard fileTime <= UInt64(Int64.max) else { return nil }
        self.init(
            secondsSinceEpoch: Int64(fileTime / 10_000_000) - 11_644_473_600,
            nanoseconds: Int32(fileTime % 10_000_000) * 100
        )
    }

    /// Days since 30 December 1899 (PtypFloatingTime); `nil` outside the years 100 to 9999.
    init?(applicationTime days: Double) {
        guard days > -657_435, days < 2_958_466 else { return nil }
        // Before that day, the time of the day still counts forward.
        let whole = days.rounded(.towardZero)
        let seconds = ((days - whole).magnitude * 86_400).rounded()
        self.init(secondsSinceEpoch: (Int64(whole) - 25_569) * 86_400 + Int64(seconds), isUTC: false)
    }

    /// Year, month, day, hour, minute, second and day of the week, each of 16 bits ([MS-OXTNEF] section 2.1.3.2).
    init?(attribute octets: ArraySlice<UInt8>) {
        var cursor = TNEFCursor(octets)
        guard let year = cursor.uint16(), let month = cursor.uint16(), let day = cursor.uint16(),
            let hour = cursor.uint16(), let minute = cursor.uint16(), let second = cursor.uint16(),
            (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second < 61
        else { return nil }
        let days = Self.days(Int(year), Int(month), Int(day))
        let next = month == 12 ? Self.days(Int(year) + 1, 1, 1) : Self.days(Int(year), Int(month) + 1, 1)
        guard days < next else { return nil }
        let time = Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
        self.init(secondsSinceEpoch: Int64(days) * 86_400 + time, isUTC: false)
    }

    /// Days from 1 January 1970 in the Gregorian calendar; years begin in March, so that the leap day is the last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let ofEra = year % 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}
