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

    /// All keys.
    public static let schema = netKeys.schema + SettingsSchema(roleKey, protocolKey, helloNameKey)

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
