extension SettingsType where Value == Duration {
    /// A length of time with its unit: `500 ms`, `30 s`, `5 min`, `2 h`, `14 days`, `2 weeks`.
    public static var duration: Self { duration(.zero ... .seconds(86_400 * 36_600)) }

    /// A length of time with its unit, within limits.
    public static func duration(_ range: ClosedRange<Duration>) -> Self {
        SettingsType(
            scalar: "duration",
            example: "30 s",
            describe: { DurationText.shown($0) },
            parse: { text, _, _ in
                let duration = try DurationText.parse(text)
                guard range.contains(duration) else {
                    throw SettingsError(
                        "\(SettingsText.shown(text)) is out of range; expected a duration from "
                            + "\(DurationText.shown(range.lowerBound)) to \(DurationText.shown(range.upperBound))"
                    )
                }
                return duration
            }
        )
    }
}

extension SettingsType where Value == UInt64 {
    /// A number of bytes with its unit: `512 bytes`, `10 MB` (10,000,000), `512 KiB` (524,288).
    public static var byteCount: Self {
        SettingsType(
            scalar: "size",
            example: "10 MB",
            describe: { ByteCountText.shown($0) },
            parse: { text, _, _ in try ByteCountText.parse(text) }
        )
    }
}

/// A number and the unit behind it.
private struct Quantity {
    let number: UInt64
    let unit: String

    /// `nil` if the text is not a whole number followed by letters.
    init?(_ text: String) {
        let trimmed = text.trimmed
        let digits = trimmed.utf8.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty, digits.count <= 18, let number = UInt64(String(decoding: digits, as: UTF8.self)) else {
            return nil
        }
        let unit = String(decoding: trimmed.utf8.dropFirst(digits.count), as: UTF8.self).trimmed
        guard unit.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else { return nil }
        self.number = number
        self.unit = unit
    }
}

enum DurationText {
    private static let units: [(names: [String], milliseconds: UInt64)] = [
        (["week", "weeks"], 604_800_000),
        (["day", "days", "d"], 86_400_000),
        (["h", "hour", "hours"], 3_600_000),
        (["min", "minute", "minutes"], 60_000),
        (["s", "sec", "second", "seconds"], 1_000),
        (["ms", "millisecond", "milliseconds"], 1),
    ]

    static func parse(_ text: String) throws -> Duration {
        guard let quantity = Quantity(text) else {
            throw SettingsError("\(SettingsText.shown(text)) is not a duration such as 30 s, 5 min, 2 h or 14 days")
        }
        guard !quantity.unit.isEmpty else {
            throw SettingsError(
                "\(SettingsText.shown(text)) has no unit; add one, such as '\(quantity.number) s' or "
                    + "'\(quantity.number) min'"
            )
        }
        guard let unit = units.first(where: { $0.names.contains(quantity.unit) }) else {
            throw SettingsError(
                "\(SettingsText.shown(text)) has an unknown unit; expected ms, s, min, h, days or weeks"
                    + Suggestion.hint(for: quantity.unit, among: units.flatMap(\.names))
            )
        }
        let (product, overflow) = quantity.number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, product <= 86_400_000 * 36_600 else {
            throw SettingsError("\(SettingsText.shown(text)) is too long; expected at most 36600 days")
        }
        return .milliseconds(Int64(clamping: product))
    }

    /// The duration in the largest unit that divides it: `14 days`, `5 min`, `1500 ms`.
    static func shown(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0 else {
            return "\(seconds &* 1_000 &+ attoseconds / 1_000_000_000_000_000) ms"
        }
        switch seconds {
        case 0: return "0 s"
        case _ where seconds % 86_400 == 0: return seconds == 86_400 ? "1 day" : "\(seconds / 86_400) days"
        case _ where seconds % 3_600 == 0: return "\(seconds / 3_600) h"
        case _ where seconds % 60 == 0: return "\(seconds / 60) min"
        default: return "\(seconds) s"
        }
    }
}

enum ByteCountText {
    private static let units: [(name: String, bytes: UInt64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000),
        ("bytes", 1), ("byte", 1), ("B", 1),
    ]

    static func parse(_ text: String) throws -> UInt64 {
        guard let quantity = Quantity(text) else {
            throw SettingsError("\(SettingsText.shown(text)) is not a size such as 512 KiB or 10 MB")
        }
        guard !quantity.unit.isEmpty else {
            throw SettingsError(
                "\(SettingsText.shown(text)) has no unit; add one, such as '\(quantity.number) MB' or "
                    + "'\(quantity.number) bytes'"
            )
        }
        guard let unit = units.first(where: { $0.name.lowercased() == quantity.unit.lowercased() }) else {
            throw SettingsError(
                "\(SettingsText.shown(text)) has an unknown unit; expected bytes, kB, MB, GB, TB, KiB, MiB, GiB or TiB"
            )
        }
        let (product, overflow) = quantity.number.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow, product <= UInt64(Int64.max) else {
            throw SettingsError("\(SettingsText.shown(text)) is larger than any file can be")
        }
        return product
    }

    /// The size in the largest unit that divides it: `10 MB`, `512 KiB`, `123 bytes`.
    static func shown(_ count: UInt64) -> String {
        guard count > 0, let unit = units.first(where: { count % $0.bytes == 0 }), unit.bytes > 1 else {
            return count == 1 ? "1 byte" : "\(count) bytes"
        }
        // The unit that needs fewer digits: 1024000 is 1000 KiB, and 1024 kB too.
        let best = units.filter { count % $0.bytes == 0 }.min { count / $0.bytes < count / $1.bytes } ?? unit
        return "\(count / best.bytes) \(best.name)"
    }
}
