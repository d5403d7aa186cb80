package import Posthorn

extension NetSettings {
    /// The keys, with the ports of one protocol.
    package struct Keys: Sendable {
        let service: String
        private let tlsPort: Int
        private let startTLSPort: Int

        let host: SettingsKey<String>
        let port: SettingsKey<Int?>
        let security: SettingsKey<ConnectionSecurity>
        let username: SettingsKey<String?>
        let password: SettingsKey<SecretSource?>
        let token: SettingsKey<SecretSource?>
        let mechanisms: SettingsKey<[String]>
        let tls: SettingsKey<TLSSettings>
        let timeouts: SettingsKey<TimeoutSettings>
        let proxy: SettingsKey<ProxySettings?>

        /// The keys of a protocol.
        ///
        /// - Parameters:
        ///   - service: The protocol as errors name it.
        ///   - tlsPort: The port for TLS from the first octet.
        ///   - startTLSPort: The port for STARTTLS and for plain text.
        package init(service: String, tlsPort: Int, startTLSPort: Int) {
            self.service = service
            self.tlsPort = tlsPort
            self.startTLSPort = startTLSPort
            host = SettingsKey("host", .host, help: "The \(service) server's name or address.")
            port = SettingsKey(
                optional: "port",
                .integer(1...65_535),
                help: "The server's port: \(tlsPort) for tls, \(startTLSPort) for starttls if left out.",
                example: String(tlsPort)
            )
            security = SettingsKey(
                "security",
                .choice(ConnectionSecurity.all),
                default: .tls,
                help: "tls (from the first octet), starttls, or none (for servers on this computer alone)."
            )
            username = SettingsKey(optional: "username", .string, help: "Who signs in.", example: "info")
            password = SettingsKey(optional: "password", .secret, help: "The password.")
            token = SettingsKey(
                optional: "token",
                .secret,
                help: "An OAuth 2 access token, in place of the password.",
                example: "{ command: [oauth-token, info@example.org] }"
            )
            mechanisms = SettingsKey(
                "mechanisms",
                .list(of: .mechanism),
                default: [],
                help:
                    "The sign-in mechanisms that may be used, in this order. Left out, the strongest that fits is taken."
            )
            tls = SettingsKey("tls", group: TLSSettings.self, help: "Whom the client trusts, and who it is itself.")
            timeouts = SettingsKey("timeouts", group: TimeoutSettings.self, help: "The limits of time.")
            proxy = SettingsKey(
                optional: "proxy",
                ProxySettings.settingsType,
                help: "A proxy between this computer and the server."
            )
        }

        /// The keys in the order in which a written file lists them.
        package var schema: SettingsSchema {
            SettingsSchema(host, port, security, username, password, token)
                + SettingsSchema(mechanisms, tls, timeouts, proxy)
        }

        /// The key for the host, for checks of a plugin's own.
        package var hostKey: SettingsKey<String> { host }
        /// The key for the port, for checks of a plugin's own.
        package var portKey: SettingsKey<Int?> { port }
        /// The key for the security, for checks of a plugin's own.
        package var securityKey: SettingsKey<ConnectionSecurity> { security }

        /// The key for the password, for checks of a plugin's own.
        package var passwordKey: SettingsKey<SecretSource?> { password }

        /// The port for a kind of security.
        package func usualPort(_ security: ConnectionSecurity) -> Int { security == .tls ? tlsPort : startTLSPort }
    }
}

extension SettingsType where Value == String {
    /// The name of a sign-in mechanism.
    static var mechanism: Self {
        SettingsType(name: "sign-in mechanism", example: "SCRAM-SHA-256", describe: { $0 }) { text in
            let name = text.uppercased()
            guard SASLNegotiator.known.contains(name) else {
                throw SettingsError(
                    "'\(PeerText.shown(text, limit: 80))' is not one of \(SASLNegotiator.known.joined(separator: ", "))"
                )
            }
            return name
        }
    }
}
