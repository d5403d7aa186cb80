public import Posthorn
package import PosthornNet

/// The settings of an IMAP account.
///
/// ## Configuration keys
/// Those of every network plugin (`host`, `port`, `security`, `username`, `password`, `token`, `mechanisms`, `tls`,
/// `timeouts`, `proxy`), those of fetching (`keep-on-server`, `maximum-message-size`, `messages-per-round`,
/// `octets-per-round`), and:
/// - `connections` (1 to 20, default 3): how many unused connections are kept for the next session.
/// - `ignored-capabilities` (list, default none): capabilities to be passed over.
public struct IMAPSettings: PluginSettings {
    package var net: NetSettings
    /// What becomes of fetched messages, and how much is fetched at a time.
    public var fetchPolicy: FetchPolicy
    /// How many unused connections are kept for the next session.
    public var connections: Int
    /// Capabilities that are passed over, in upper case, as if the server had not announced them.
    public var ignoredCapabilities: [String]

    static let connectionsKey = SettingsKey(
        "connections",
        .integer(1...20),
        default: 3,
        help: "How many unused connections are kept for the next session. Many providers allow an account ten or fewer."
    )
    static let ignoredKey = SettingsKey(
        "ignored-capabilities",
        .list(of: .capabilityWord),
        default: [],
        help: "Capabilities of the server that are passed over, for servers that announce what they cannot do.",
        example: "[IDLE]"
    )

    /// All keys.
    public static let schema =
        netKeys.schema + FetchSettings.schema + SettingsSchema(connectionsKey, ignoredKey)

    static let netKeys = NetSettings.Keys(service: "IMAP", tlsPort: 993, startTLSPort: 143)

    /// Takes the values.
    public init(_ values: SettingsValues) throws {
        net = try NetSettings(values, Self.netKeys)
        fetchPolicy = try FetchSettings.policy(values)
        connections = try values[Self.connectionsKey]
        ignoredCapabilities = try values[Self.ignoredKey]
    }

    /// Mistakes that concern several keys at once.
    public static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        try NetSettings.check(values, netKeys)
    }
}

extension SettingsType where Value == String {
    /// A capability (RFC 9051 section 7.2.2), in upper case.
    static var capabilityWord: Self {
        SettingsType(name: "capability", example: "IDLE", describe: { $0 }) { text in
            let word = text.uppercased()
            let isWord = !word.isEmpty && word.utf8.count <= 64 && word.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
            // Without them, passwords would travel in the clear, or nobody could sign in.
            let isNeeded = ["STARTTLS", "LOGINDISABLED", "IMAP4REV1"].contains(word) || word.hasPrefix("AUTH=")
            guard isWord, !isNeeded else {
                throw SettingsError(
                    "'\(PeerText.shown(text, limit: 60))' is not a capability that can be passed over; give words such as IDLE "
                        + "or MOVE"
                )
            }
            return word
        }
    }
}
