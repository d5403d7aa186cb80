package import Posthorn

/// The settings that every plugin with a network connection shares: where the server is, how the connection is
/// protected, and who signs in. A plugin adds its own keys to ``schema(adding:)``.
package struct NetSettings: Sendable {
    /// The server; the port is the plugin's default if the file gives none.
    package var endpoint: Endpoint
    /// How the connection is protected.
    package var security: ConnectionSecurity
    /// Who signs in; `nil` for nobody.
    package var username: String?
    /// The password.
    package var password: SecretSource?
    /// An OAuth 2 access token, used in place of the password.
    package var token: SecretSource?
    /// The mechanisms to choose from, in this order; empty for the automatic choice.
    package var mechanisms: [String]
    package var tls: TLSSettings
    package var timeouts: TimeoutSettings
    package var proxy: ProxySettings?

    package static let host = SettingsKey(
        "host",
        .host,
        help: "The server's name, as its certificate has it.",
        example: "mail.kuechen-muster.example"
    )
    package static let port = SettingsKey<Int?>(
        optional: "port",
        .integer(1...65_535),
        help: "The server's port; without it, the usual one for the protocol and `security`.",
        example: "465"
    )
    package static let security = SettingsKey(
        "security",
        .choice,
        default: ConnectionSecurity.tls,
        help: "How the connection is protected: 'tls' from the first octet (best), 'starttls' begun by a command, "
            + "'none' only for servers on this computer."
    )
    package static let username = SettingsKey<String?>(
        optional: "username",
        .string,
        help: "Who signs in.",
        example: "info"
    )
    package static let password = SettingsKey<SecretSource?>(
        optional: "password",
        .secret,
        help: "The password.",
        example: "{ env: POSTHORN_PASSWORD }"
    )
    package static let token = SettingsKey<SecretSource?>(
        optional: "token",
        .secret,
        help: "An OAuth 2 access token, used in place of the password.",
        example: "{ command: [oauth-helper, info@kuechen-muster.example] }"
    )
    package static let mechanisms = SettingsKey<[String]>(
        "mechanisms",
        .list(of: SettingsType(name: "SASL mechanism", example: "SCRAM-SHA-256", parse: NetSettings.mechanism)),
        default: [],
        help: "The sign-in mechanisms to choose from, in this order. Without it the strongest one that the server "
            + "offers is taken."
    )
    package static let tls = SettingsKey(
        "tls",
        group: TLSSettings.self,
        help: "Which certificates are trusted, and how this client identifies itself."
    )
    package static let timeouts = SettingsKey(
        "timeouts",
        group: TimeoutSettings.self,
        help: "How long to wait for what."
    )
    package static let proxy = SettingsKey<ProxySettings?>(
        optional: "proxy",
        .group(ProxySettings.self),
        help: "A proxy between this computer and the server.",
        example: "{ type: socks5, host: proxy.kuechen-muster.example, port: 1080 }"
    )

    /// The shared keys, with a plugin's own ones behind `security`.
    package static func schema(adding own: SettingsSchema) -> SettingsSchema {
        SettingsSchema(host, port, security) + own
            + SettingsSchema(username, password, token, mechanisms, tls, timeouts, proxy)
    }

    /// Takes the values.
    package init(_ values: SettingsValues, defaultPort: (ConnectionSecurity) -> Int) throws {
        security = try values[Self.security]
        endpoint = Endpoint(
            host: try Self.asciiHost(values[Self.host]),
            port: try values[Self.port] ?? defaultPort(security)
        )
        username = try values[Self.username]
        password = try values[Self.password]
        token = try values[Self.token]
        mechanisms = try values[Self.mechanisms]
        tls = try values[Self.tls]
        timeouts = try values[Self.timeouts]
        proxy = try values[Self.proxy]
    }

    /// Mistakes that concern several of the shared keys at once.
    package static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        var issues: [SettingsIssue] = []
        let host = try values[Self.host]
        if try values[Self.security] == .none, !Endpoint(host: host, port: 1).isLoopback {
            issues.append(
                values.issue(
                    at: Self.security,
                    "'none' is only for servers on this computer (localhost), because password and mail would cross the "
                        + "network in the clear; use tls (usually port 465) or starttls (usually port 587)"
                )
            )
        }
        let hasUser = try values[Self.username] != nil
        if try !hasUser && (values[Self.password] != nil || values[Self.token] != nil) {
            issues.append(
                values.issue("there is a password or token, but no `username`; add it, or take the secret out")
            )
        }
        do {
            _ = try asciiHost(host)
        } catch {
            issues.append(values.issue(at: Self.host, "'\(PeerText.shown(host))' is not a valid host name"))
        }
        return issues
    }

    /// The A-labels of an international host name: certificates and resolvers know only those.
    private static func asciiHost(_ host: String) throws -> String {
        guard !host.utf8.allSatisfy({ $0 < 0x80 }) else { return host }
        return try EmailAddress(localPart: "host", domain: host).withASCIIDomain().domain
    }

    private static func mechanism(_ text: String) throws -> String {
        let word = text.uppercased()
        guard SASLNegotiator.known.contains(word) else {
            throw SettingsError(
                "'\(PeerText.shown(text, limit: 40))' is not one of \(SASLNegotiator.known.joined(separator: ", "))"
            )
        }
        return word
    }
}
