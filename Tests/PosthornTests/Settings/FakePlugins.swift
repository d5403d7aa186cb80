import Posthorn

/// Plugins that take settings like real ones and do nothing with them.
struct FakeSMTP: OutgoingPlugin {
    let identifier = "smtp"
    let summary = "Sends through a submission server."

    struct Security: RawRepresentable, Sendable, Hashable {
        var rawValue: String
        static let tls = Security(rawValue: "tls")
        static let starttls = Security(rawValue: "starttls")
    }

    struct TLS: PluginSettings {
        var minimum: String
        var pins: [String]

        static let minimumKey = SettingsKey("minimum", .string, default: "1.2", help: "The lowest TLS version.")
        static let pinsKey = SettingsKey("pins", .list(of: .string), default: [], help: "Pins.")
        static let schema = SettingsSchema(minimumKey, pinsKey)

        init(pins: [String]) {
            minimum = "1.2"
            self.pins = pins
        }

        init(_ values: SettingsValues) throws {
            minimum = try values[Self.minimumKey]
            pins = try values[Self.pinsKey]
        }
    }

    struct Settings: PluginSettings {
        var host: String
        var port: Int?
        var security: Security
        var username: String?
        var password: SecretSource?
        var tls: TLS
        var timeout: Duration
        var limit: UInt64
        var certificate: String?

        static let hostKey = SettingsKey("host", .host, help: "The server.")
        static let portKey = SettingsKey(optional: "port", .integer(1...65_535), help: "The port.", example: "465")
        static let securityKey = SettingsKey(
            "security",
            .choice([Security.tls, .starttls]),
            default: .tls,
            help: "How the connection is encrypted."
        )
        static let usernameKey = SettingsKey(optional: "username", .string, help: "The user.", example: "info")
        static let passwordKey = SettingsKey(optional: "password", .secret, help: "The password.")
        static let tlsKey = SettingsKey("tls", group: TLS.self, help: "What TLS demands.")
        static let timeoutKey = SettingsKey("timeout", .duration, default: .seconds(300), help: "How long to wait.")
        static let limitKey = SettingsKey("limit", .byteCount, default: 10_000_000, help: "The largest message.")
        static let certificateKey = SettingsKey(optional: "certificate", .path, help: "The client certificate.")
        static let schema = SettingsSchema(
            hostKey,
            portKey,
            securityKey,
            usernameKey,
            passwordKey,
            tlsKey,
            timeoutKey,
            limitKey,
            certificateKey
        )

        init(_ values: SettingsValues) throws {
            host = try values[Self.hostKey]
            port = try values[Self.portKey]
            security = try values[Self.securityKey]
            username = try values[Self.usernameKey]
            password = try values[Self.passwordKey]
            tls = try values[Self.tlsKey]
            timeout = try values[Self.timeoutKey]
            limit = try values[Self.limitKey]
            certificate = try values[Self.certificateKey]
        }

        static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
            guard try values[portKey] == 25 else { return [] }
            return [values.issue(at: portKey, "port 25 is for servers; use 465 or 587")]
        }
    }

    func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
        guard settings.host != "refused.example" else { throw SettingsError("the host is refused") }
        return FakeTransport(account: context.account)
    }
}

struct FakeTransport: OutgoingTransport {
    var account: String

    func send(_ request: SendRequest) async throws -> SendReceipt {
        throw MailError(.unavailable, "nothing is sent here")
    }
}

/// A plugin without any settings.
struct FakeOutlook: OutgoingPlugin {
    let identifier = "outlook"
    let summary = "Writes files."

    struct Settings: PluginSettings {
        var folder: String
        static let folderKey = SettingsKey("folder", .path, default: "outbox", help: "Where files go.")
        static let schema = SettingsSchema(folderKey)
        init(_ values: SettingsValues) throws { folder = try values[Self.folderKey] }
    }

    func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
        throw MailError(.unsupported, "there is no Outlook here")
    }
}

struct FakePOP3: IncomingPlugin {
    let identifier = "pop3"
    let summary = "Fetches from a POP3 server."

    struct StoreSettings: PluginSettings {
        var host: String
        var password: SecretSource
        var keep: Duration?

        static let hostKey = SettingsKey("host", .host, help: "The server.")
        static let passwordKey = SettingsKey("password", .secret, help: "The password.")
        static let keepKey = SettingsKey(
            optional: "keep-on-server",
            .duration,
            help: "How long messages stay.",
            example: "14 days"
        )
        static let schema = SettingsSchema(hostKey, passwordKey, keepKey)

        init(_ values: SettingsValues) throws {
            host = try values[Self.hostKey]
            password = try values[Self.passwordKey]
            keep = try values[Self.keepKey]
        }
    }

    func makeStore(_ settings: StoreSettings, context: PluginContext) throws -> any IncomingStore {
        throw MailError(.unsupported, "nothing is fetched here")
    }
}
