public import Posthorn
package import PosthornNet

/// The settings of a POP3 account.
///
/// ## Configuration keys
/// Those of every network plugin (`host`, `port`, `security`, `username`, `password`, `token`, `mechanisms`, `tls`,
/// `timeouts`, `proxy`), and:
/// - `keep-on-server` (`no`, `yes` or a number of days, default `yes`): what becomes of fetched messages.
/// - `maximum-message-size` (default no limit): larger messages stay on the server and are not fetched.
/// - `messages-per-round` (1 to 1,000,000, default no limit), `octets-per-round` (default no limit).
/// - `messages-in-flight` (1 to 1,000, default 128): how many messages may be asked for before the first has come.
/// - `apop` (default `no`): sign in by APOP and nothing else.
/// - `language` (default the server's): the language of the server's texts (RFC 6856).
/// - `ignored-capabilities` (list, default none): capabilities to be passed over.
public struct POP3Settings: PluginSettings {
    package var net: NetSettings
    /// What becomes of fetched messages, and how much is fetched at a time.
    public var fetchPolicy: FetchPolicy
    /// How many messages may be asked for before the first has come.
    public var messagesInFlight: Int
    /// Whether to sign in by APOP and nothing else.
    public var usesAPOP: Bool
    /// The language of the server's texts (RFC 6856, RFC 5646), `nil` for the server's own.
    public var language: String?
    /// Capabilities that are passed over, in upper case, as if the server had not announced them.
    public var ignoredCapabilities: [String]

    static let inFlightKey = SettingsKey(
        "messages-in-flight",
        .integer(1...1_000),
        default: 128,
        help:
            "How many messages may be asked for before the first has come, where the server offers PIPELINING; 1 for servers "
            + "that offer it and do not bear it."
    )
    static let apopKey = SettingsKey(
        "apop",
        .boolean,
        default: false,
        help:
            "Sign in by APOP and nothing else: for old servers without any other sign-in that does not send the password."
    )
    static let languageKey = SettingsKey<String?>(
        optional: "language",
        .languageTag,
        help: "The language of the server's texts, where it has several; left out, the server's own.",
        example: "de"
    )
    static let ignoredKey = SettingsKey(
        "ignored-capabilities",
        .list(of: .capabilityKeyword),
        default: [],
        help: "Capabilities of the server that are passed over, for servers that announce what they cannot do.",
        example: "[PIPELINING]"
    )

    /// All keys.
    public static let schema =
        netKeys.schema + FetchSettings.schema
        + SettingsSchema(inFlightKey, apopKey, languageKey, ignoredKey)

    static let netKeys = NetSettings.Keys(service: "POP3", tlsPort: 995, startTLSPort: 110)

    /// Takes the values.
    public init(_ values: SettingsValues) throws {
        net = try NetSettings(values, Self.netKeys)
        fetchPolicy = try FetchSettings.policy(values)
        messagesInFlight = try values[Self.inFlightKey]
        usesAPOP = try values[Self.apopKey]
        language = try values[Self.languageKey]
        ignoredCapabilities = try values[Self.ignoredKey]
    }

    /// Mistakes that concern several keys at once.
    public static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        var issues = try NetSettings.check(values, netKeys)
        if try values[apopKey], try values[netKeys.passwordKey] == nil {
            issues.append(values.issue(at: apopKey, "APOP needs a 'password'"))
        }
        return issues
    }
}

extension SettingsType where Value == String {
    /// A language tag (RFC 5646) or `*`.
    static var languageTag: Self {
        SettingsType(name: "language", example: "de", describe: { $0 }) { text in
            let isGood =
                !text.isEmpty && text.utf8.count <= 64
                && text.utf8.allSatisfy { octet in
                    (0x61...0x7A).contains(octet | 0x20) || (0x30...0x39).contains(octet) || octet == 0x2D
                }
            guard isGood else {
                throw SettingsError("'\(PeerText.shown(text, limit: 60))' is not a language such as 'de' or 'en-GB'")
            }
            return text
        }
    }

    /// A capability (RFC 2449 section 3), in upper case.
    static var capabilityKeyword: Self {
        SettingsType(name: "capability", example: "PIPELINING", describe: { $0 }) { text in
            let word = text.uppercased()
            // Without it, passwords would travel in the clear, or nobody could sign in.
            guard !word.isEmpty, word.utf8.count <= 64, word.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
                !["STLS", "SASL"].contains(word)
            else {
                throw SettingsError(
                    "'\(PeerText.shown(text, limit: 60))' is not a capability that can be passed over; give words such as "
                        + "PIPELINING or UIDL"
                )
            }
            return word
        }
    }
}
