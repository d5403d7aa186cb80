public import Posthorn
package import PosthornNet

/// The settings of an SMTP or LMTP transport.
///
/// ## Configuration keys
/// Those of every network plugin (`host`, `port`, `security`, `username`, `password`, `token`, `mechanisms`, `tls`,
/// `timeouts`, `proxy`), and:
/// - `role` (`submission` or `relay`, default `submission`): what the server is to this workstation.
/// - `protocol` (`smtp` or `lmtp`, default `smtp`).
/// - `hello-name` (host name, default the address of this computer): the name given in EHLO.
/// - `connections` (1 to 100, default 3): how many connections may be open at a time.
/// - `messages-per-connection` (1 to 1,000,000, default any number): after how many messages a connection is replaced.
/// - `messages-per-minute` (1 to 100,000, default any number): how many messages may be begun in any 60 seconds.
/// - `messages-in-flight` (1 to 100, default 32, and 1 for servers that are known not to bear more): how many messages may
///   be under way on one connection.
/// - `ignored-extensions` (list, default none): EHLO keywords to be passed over.
public struct SMTPSettings: PluginSettings {
    /// What the server is to this workstation.
    public struct Role: RawRepresentable, Hashable, Sendable, CaseIterable {
        /// The word in the settings file.
        public let rawValue: String
        /// A role by its word; words that are not listed in ``allCases`` are refused in settings files.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// A submission server for one's own users (RFC 6409): ports 465 and 587.
        public static let submission = Role(rawValue: "submission")
        /// A relay that takes mail by address of the client: port 25.
        public static let relay = Role(rawValue: "relay")
        /// All roles.
        public static let allCases = [submission, relay]
    }

    /// Which protocol the server speaks.
    public struct WireProtocol: RawRepresentable, Hashable, Sendable, CaseIterable {
        /// The word in the settings file.
        public let rawValue: String
        /// A protocol by its word; words that are not listed in ``allCases`` are refused in settings files.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// SMTP (RFC 5321).
        public static let smtp = WireProtocol(rawValue: "smtp")
        /// LMTP (RFC 2033): a reply of its own for each recipient.
        public static let lmtp = WireProtocol(rawValue: "lmtp")
        /// All protocols.
        public static let allCases = [smtp, lmtp]
    }

    package var net: NetSettings
    /// What the server is to this workstation.
    public var role: Role
    /// Whether the server speaks LMTP.
    public var isLMTP: Bool
    /// The name given in EHLO; `nil` for the address of this computer.
    public var helloName: String?

    /// How many connections may be open at a time.
    public var connections: Int
    /// After how many messages a connection is replaced; `nil` for never.
    public var messagesPerConnection: Int?
    /// How many messages may be begun in any 60 seconds, over all connections; `nil` for any number.
    public var messagesPerMinute: Int?
    /// How many messages may be under way on one connection; `nil` for as many as the server is known to bear.
    public var messagesInFlight: Int?
    /// EHLO keywords that are passed over, in upper case, as if the server had not announced them.
    public var ignoredExtensions: [String]

    static let roleKey = SettingsKey(
        "role",
        .choice,
        default: Role.submission,
        help:
            "What the server is to this workstation: 'submission' (ports 465 and 587), or 'relay' (port 25), a server "
            + "that takes mail because of where it comes from."
    )
    static let protocolKey = SettingsKey(
        "protocol",
        .choice,
        default: WireProtocol.smtp,
        help: "The protocol: 'smtp', or 'lmtp' for delivery straight into a mail store."
    )
    static let helloNameKey = SettingsKey<String?>(
        optional: "hello-name",
        .host,
        help: "The name that this computer gives itself in EHLO; without it, its address is given.",
        example: "planung-3.kuechen-muster.example"
    )

    static let connectionsKey = SettingsKey(
        "connections",
        .integer(1...100),
        default: 3,
        help: "How many connections to the server may be open at a time. Many providers allow three."
    )
    static let perConnectionKey = SettingsKey<Int?>(
        optional: "messages-per-connection",
        .integer(1...1_000_000),
        help:
            "After how many messages a connection is replaced; left out, never. A limit that the server announces counts too.",
        example: "100"
    )
    static let perMinuteKey = SettingsKey<Int?>(
        optional: "messages-per-minute",
        .integer(1...100_000),
        help: "How many messages may be begun in any 60 seconds; left out, any number.",
        example: "30"
    )
    static let inFlightKey = SettingsKey<Int?>(
        optional: "messages-in-flight",
        .integer(1...100),
        help:
            "How many messages may be under way on one connection before the replies have come, where the server takes it; "
            + "left out, 32, and 1 for servers that are known not to bear it. With 1, a connection that breaks leaves at most "
            + "one message in doubt.",
        example: "1"
    )
    static let ignoredKey = SettingsKey(
        "ignored-extensions",
        .list(of: .extensionKeyword),
        default: [],
        help: "Extensions of the server that are passed over, for servers that announce what they cannot do.",
        example: "[CHUNKING]"
    )

    /// All keys.
    public static let schema =
        netKeys.schema + SettingsSchema(roleKey, protocolKey, helloNameKey)
        + SettingsSchema(connectionsKey, perConnectionKey, perMinuteKey, inFlightKey, ignoredKey)

    static let netKeys = NetSettings.Keys(service: "SMTP", tlsPort: 465, startTLSPort: 587)

    /// Takes the values.
    public init(_ values: SettingsValues) throws {
        let isLMTP = try values[Self.protocolKey] == .lmtp
        let role = try values[Self.roleKey]
        net = try NetSettings(values, Self.netKeys)
        if try values[Self.netKeys.portKey] == nil, let port = Self.usualPort(role, isLMTP: isLMTP) {
            net.endpoint.port = port
        }
        self.role = role
        self.isLMTP = isLMTP
        helloName = try values[Self.helloNameKey]
        connections = try values[Self.connectionsKey]
        messagesPerConnection = try values[Self.perConnectionKey]
        messagesPerMinute = try values[Self.perMinuteKey]
        messagesInFlight = try values[Self.inFlightKey]
        ignoredExtensions = try values[Self.ignoredKey]
    }

    /// What the pool of connections may do.
    var poolLimits: SMTPPool.Limits {
        SMTPPool.Limits(
            connections: connections,
            messagesPerMinute: messagesPerMinute,
            idle: net.timeouts.idle
        )
    }

    /// The name as it travels in EHLO: a domain of A-labels, or an address literal.
    ///
    /// - Throws: ``SettingsError`` if the name is neither; hosts may have set it to anything.
    func wireHelloName() throws -> String? {
        guard let helloName else { return nil }
        let literal =
            if helloName.hasPrefix("[") { helloName } else if helloName.contains(":") {
                "[IPv6:\(helloName)]"
            } else if helloName.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) {
                "[\(helloName)]"
            } else { helloName.hasSuffix(".") ? String(helloName.dropLast()) : helloName }
        do {
            return try EmailAddress(localPart: "hello", domain: literal).withASCIIDomain().domain
        } catch {
            throw SettingsError(
                "hello-name: '\(PeerText.shown(helloName, limit: 255))' is neither a host name nor an IP address"
            )
        }
    }

    /// Mistakes that concern several keys at once.
    public static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        var issues = try NetSettings.check(values, netKeys)
        let isSubmission = try values[roleKey] == .submission && values[protocolKey] == .smtp
        if try isSubmission && values[netKeys.portKey] == 25 {
            issues.append(
                values.issue(
                    at: netKeys.portKey,
                    "port 25 is for mail between servers; submission uses 465 (`security: tls`) or 587 (`security: "
                        + "starttls`), which keep one's own users apart from foreign servers and let a firewall close 25. "
                        + "If the server really takes this workstation's mail on port 25, set `role: relay`"
                )
            )
        }
        return issues
    }

    /// 25 for relays, 24 for LMTP; submission has the ports of RFC 8314 and RFC 6409.
    static func usualPort(_ role: Role, isLMTP: Bool) -> Int? {
        isLMTP ? 24 : role == .relay ? 25 : nil
    }
}

extension SettingsType where Value == String {
    /// An EHLO keyword (RFC 5321 section 4.1.1.1), in upper case.
    static var extensionKeyword: Self {
        SettingsType(name: "extension keyword", example: "CHUNKING", describe: { $0 }) { text in
            let word = text.uppercased()
            let isGood =
                !word.isEmpty && word.utf8.count <= 64
                && word.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            // Without it, mail would travel in the clear, or nobody could sign in.
            guard isGood, !["STARTTLS", "AUTH"].contains(word) else {
                throw SettingsError(
                    "'\(PeerText.shown(text, limit: 80))' is not an extension that can be passed over; give EHLO keywords such as "
                        + "CHUNKING or PIPELINING"
                )
            }
            return word
        }
    }
}
