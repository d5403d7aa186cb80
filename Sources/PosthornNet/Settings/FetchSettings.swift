package import Posthorn

/// The keys of what becomes of fetched messages, which POP3 and IMAP have in common. Their names are a contract.
package enum FetchSettings {
    static let keepKey = SettingsKey(
        "keep-on-server",
        .keeping,
        default: .yes,
        help:
            "How long fetched messages stay on the server: 'no' (they are deleted as soon as they are safely stored), 'yes', "
            + "or a number of days after they were fetched.",
        example: "14 days"
    )
    static let sizeKey = SettingsKey<UInt64?>(
        optional: "maximum-message-size",
        .byteCount,
        help: "Larger messages stay on the server and are not fetched; left out, there is no limit.",
        example: "50 MB"
    )
    static let messagesKey = SettingsKey<Int?>(
        optional: "messages-per-round",
        .integer(1...1_000_000),
        help: "How many messages are fetched at most in one go; the next round goes on. Left out, there is no limit.",
        example: "1000"
    )
    static let octetsKey = SettingsKey<UInt64?>(
        optional: "octets-per-round",
        .byteCount,
        help:
            "How much is fetched at most in one go, but at least one message; the next round goes on. Left out, there is no "
            + "limit.",
        example: "1 GB"
    )

    /// The keys in the order in which a written file lists them.
    package static let schema = SettingsSchema(keepKey, sizeKey, messagesKey, octetsKey)

    /// The policy that the values make.
    package static func policy(_ values: SettingsValues) throws -> FetchPolicy {
        FetchPolicy(
            keepOnServer: try values[keepKey],
            maximumMessageSize: try values[sizeKey],
            maximumMessages: try values[messagesKey],
            maximumOctets: try values[octetsKey]
        )
    }
}

extension SettingsType where Value == FetchPolicy.Keeping {
    /// `no`, `yes`, or a number of days.
    static var keeping: Self {
        SettingsType(name: "'no', 'yes' or a number of days", example: "14 days", describe: { $0.description }) {
            text in
            let words = text.lowercased().split(separator: " ")
            switch words.first {
            case "no"?, "false"?, "off"?: if words.count == 1 { return .no }
            case "yes"?, "true"?, "on"?: if words.count == 1 { return .yes }
            case let number?:
                if let days = UInt16(number), days <= 36_600, words.count == 2,
                    ["day", "days"].contains(words[1])
                {
                    return .days(days)
                }
            case nil: break
            }
            throw SettingsError(
                "'\(PeerText.shown(text, limit: 60))' is not 'no', 'yes' or a number of days such as '14 days'"
            )
        }
    }
}
