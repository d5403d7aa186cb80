/// The pieces of a date, found in any order.
struct DateFields {
    private var day: Int?
    private var month: Int?
    private var year: Int?
    private var weekday: Int?
    private var seconds: Int?
    /// Minutes east of UTC.
    private var offset: Int?
    private var isAfternoon: Bool?
    /// Whether there is a time that no clock shows.
    private var hasWrongTime = false
    private var defects: ReadingDefects = []

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Minutes east of UTC. Those of RFC 5322 section 4.3 first; all others that are unambiguous and that mail has.
    private static let zones: [String: Int] = [
        "ut": 0, "utc": 0, "gmt": 0, "z": 0, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360,
        "mst": -420, "pdt": -420, "pst": -480, "wet": 0, "west": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120,
        "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "msd": 240, "jst": 540, "kst": 540,
        "hst": -600, "akst": -540, "akdt": -480, "nzst": 720, "nzdt": 780, "aest": 600, "aedt": 660, "sast": 120,
        "hkt": 480, "sgt": 480,
    ]

    /// Takes a word of the value.
    mutating func take(_ word: ArraySlice<UInt8>) {
        guard let first = word.first else { return }
        if word.contains(UInt8(ascii: ":")), Self.isDigit(first) {
            takeTimeOrInstant(word)
        } else if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            takeOffset(word)
        } else if Self.isDigit(first) {
            takeNumber(word)
        } else {
            takeName(word)
        }
    }

    /// What the pieces make; `nil` if there is no day among them, or a time that cannot be.
    func reading() -> DateReading? {
        guard let day, let month, let year, (1...31).contains(day), (1...12).contains(month),
            (0...9_999).contains(year), !hasWrongTime
        else { return nil }
        var found = defects
        let days = Self.days(year: year, month: month, day: day)
        if day > Self.length(month: month, year: year) { found.insert(.wrongDate) }
        if let weekday, weekday != ((days % 7) + 11) % 7 { found.insert(.wrongDate) }
        if seconds == nil || offset == nil { found.insert(.incompleteDate) }
        var time = seconds ?? 0
        if let isAfternoon, time < 13 * 3_600 {
            if isAfternoon, time < 12 * 3_600 { time += 12 * 3_600 }
            if !isAfternoon, time >= 12 * 3_600 { time -= 12 * 3_600 }
        }
        let offset = offset ?? 0
        return DateReading(
            secondsSinceEpoch: Int64(days) * 86_400 + Int64(time) - Int64(offset) * 60,
            offsetMinutes: offset,
            defects: found
        )
    }

    // MARK: Words

    private static func isDigit(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet)
    }

    /// A number of at most nine digits.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...9).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// `12:34:56`, with a fraction, a zone or AM and PM behind it; or with the whole date before it.
    private mutating func takeTimeOrInstant(_ word: ArraySlice<UInt8>) {
        if let middle = word.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "t") }), year == nil,
            word[..<middle].contains(UInt8(ascii: "-"))
        {
            takeNumber(word[..<middle])
            takeTime(word[(middle + 1)...])
        } else {
            takeTime(word)
        }
    }

    private mutating func takeTime(_ word: ArraySlice<UInt8>) {
        let clock = word.prefix { Self.isDigit($0) || $0 == UInt8(ascii: ":") }
        guard seconds == nil else {
            defects.insert(.extraText)
            return
        }
        let parts = clock.split(separator: UInt8(ascii: ":")).map { Self.number($0) ?? -1 }
        guard (2...3).contains(parts.count), (0...24).contains(parts[0]), (0...59).contains(parts[1]) else {
            hasWrongTime = true
            return
        }
        let second = parts.count == 3 ? parts[2] : 0
        // 60 is a leap second.
        guard (0...60).contains(second) else {
            hasWrongTime = true
            return
        }
        seconds = parts[0] * 3_600 + parts[1] * 60 + second
        var rest = word[clock.endIndex...]
        if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop(while: Self.isDigit) }
        if !rest.isEmpty { take(rest) }
    }

    /// `+0200`, `+02:00`, `-5`.
    private mutating func takeOffset(_ word: ArraySlice<UInt8>) {
        let digits = ArraySlice(word.dropFirst().filter { $0 != UInt8(ascii: ":") }.prefix { Self.isDigit($0) })
        guard let number = Self.number(digits), digits.count <= 4 else {
            // `-- ` and the like; a date such as `-12-Feb` does not exist.
            defects.insert(.extraText)
            return
        }
        let minutes = digits.count <= 2 ? number * 60 : number / 100 * 60 + number % 100
        // The first offset counts, except behind a zone's name: `GMT+0200` is what it says.
        guard minutes < 1_440, digits.count <= 2 || number % 100 < 60 else {
            // RFC 5322 section 3.3 has no such zone; the local time is worth more than nothing.
            offset = offset ?? 0
            defects.insert(.wrongDate)
            return
        }
        offset = word.first == UInt8(ascii: "-") ? -minutes : minutes
    }

    private mutating func takeNumber(_ word: ArraySlice<UInt8>) {
        if let value = Self.number(word) {
            takeValue(value, digits: word.count)
            return
        }
        // `12-Nov-2026`, `2026-11-12`, `2026/11/12`, `12.Nov.2026`, `1st`.
        let parts = word.split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
        if parts.count == 3, day == nil, year == nil {
            let numbers = parts.map { Self.number($0) }
            if let first = numbers[0], let second = numbers[1], let third = numbers[2] {
                takeNumericDate(
                    first,
                    second,
                    third,
                    isAmerican: word.contains(UInt8(ascii: "/")),
                    yearDigits: parts[0].count == 4 ? 0 : parts[2].count
                )
            } else {
                for part in parts { take(part) }
            }
            return
        }
        let digits = word.prefix(while: Self.isDigit)
        let suffix = String(decoding: word[digits.endIndex...], as: UTF8.self).lowercased()
        if ["st", "nd", "rd", "th", "."].contains(suffix), let value = Self.number(digits) {
            takeValue(value, digits: digits.count)
        } else if digits.count <= 2, let value = Self.number(digits), Self.months.contains(String(suffix.prefix(3))) {
            takeValue(value, digits: digits.count)
            takeName(word[digits.endIndex...])
        } else if parts.count == 2, day == nil {
            for part in parts { take(part) }
        } else {
            defects.insert(.extraText)
        }
    }

    /// Three numbers: `2026-11-12` (no digits of a year at the end), `12.11.2026`, or with slashes `11/12/2026`, which
    /// has the month first unless that cannot be.
    private mutating func takeNumericDate(_ first: Int, _ second: Int, _ third: Int, isAmerican: Bool, yearDigits: Int)
    {
        if yearDigits == 0 {
            (year, month, day) = (first, second, third)
        } else if first <= 12 && (isAmerican || second > 12) {
            (month, day, year) = (first, second, Self.fullYear(third, digits: yearDigits))
        } else {
            (day, month, year) = (first, second, Self.fullYear(third, digits: yearDigits))
        }
    }

    private mutating func takeValue(_ value: Int, digits: Int) {
        if day == nil, digits <= 2 {
            day = value
        } else if year == nil, digits <= 4 || digits == 5 && value < 10_000 {
            year = Self.fullYear(value, digits: digits)
        } else if seconds != nil, offset == nil, digits == 4 {
            // A zone without its sign.
            defects.insert(.extraText)
            takeOffset([UInt8(ascii: "+")] + word(value))
        } else {
            defects.insert(.extraText)
        }
    }

    private func word(_ value: Int) -> [UInt8] {
        Array(String(value + 10_000).utf8.dropFirst())
    }

    /// RFC 5322 section 4.3: two digits below 50 are of this century, three count from 1900.
    private static func fullYear(_ value: Int, digits: Int) -> Int {
        switch digits {
        case ...2: value < 50 ? 2_000 + value : 1_900 + value
        case 3: 1_900 + value
        default: value
        }
    }

    private mutating func takeName(_ word: ArraySlice<UInt8>) {
        let letters = word.prefix { (0x61...0x7A).contains($0 | 0x20) }
        let name = String(decoding: letters, as: UTF8.self).lowercased()
        let rest = word[letters.endIndex...]
        if month == nil, let index = Self.months.firstIndex(of: String(name.prefix(3))) {
            month = index + 1
            takeRest(rest)
        } else if weekday == nil, seconds == nil, let index = Self.weekdays.firstIndex(of: String(name.prefix(3))) {
            weekday = index
            takeRest(rest)
        } else if let index = Self.weekdays.firstIndex(of: name), weekday == nil {
            weekday = index
        } else if name == "am" || name == "pm", seconds != nil {
            isAfternoon = name == "pm"
        } else if let minutes = Self.zones[name] {
            if offset == nil { offset = minutes }
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { takeOffset(rest) }
        } else if seconds != nil, offset == nil, (1...5).contains(name.utf8.count), rest.isEmpty {
            // Military zones are meant either way, and unknown names are unknown: UTC (RFC 5322 section 4.3).
            offset = 0
            if name.utf8.count > 1 { defects.insert(.incompleteDate) }
        } else {
            defects.insert(.extraText)
        }
    }

    private mutating func takeRest(_ rest: ArraySlice<UInt8>) {
        let word = rest.drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }
        if !word.isEmpty { take(word) }
    }

    // MARK: The calendar

    private static func length(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1 January 1970 in the Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        // Counted from 1 March, so that the leap day is the last of its year; years from -400 on, so that none is less
        // than 0.
        let shifted = year + 400 - (month <= 2 ? 1 : 0)
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return (era - 1) * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
