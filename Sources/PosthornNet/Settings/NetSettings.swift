package import Posthorn

/// The settings that SMTP, POP3 and IMAP have in common. Their names are a contract.
///
/// ```swift
/// struct Settings: PluginSettings {
///     static let net = NetSettings.Keys(service: "SMTP", tlsPort: 465, startTLSPort: 587)
///     static let schema = net.schema + SettingsSchema(roleKey)
///
///     init(_ values: SettingsValues) throws { net = try NetSettings(values, Self.net) }
///     static func check(_ values: SettingsValues) throws -> [SettingsIssue] { try NetSettings.check(values, net) }
/// }
/// ```
package struct NetSettings: Sendable {
    /// What the settings are for: `SMTP`.
    package let service: String
    /// The server.
    package var endpoint: Endpoint
    /// How connections are protected.
    package var security: ConnectionSecurity
    /// Who signs in; `nil` for nobody.
    package var username: String?
    /// The password.
    package var password: SecretSource?
    /// An OAuth 2 access token, in place of the password.
    package var token: SecretSource?
    /// The sign-in mechanisms that may be used, in this order; empty for the automatic choice.
    package var mechanisms: [String]
    /// The limits of time.
    package var timeouts: Timeouts
    let tls: TLSSettings
    let proxy: ProxySettings?

    /// Takes the values of keys that ``check(_:_:)`` has passed.
    package init(_ values: SettingsValues, _ keys: Keys) throws {
        service = keys.service
        security = try values[keys.security]
        endpoint = Endpoint(
            host: try Self.asciiHost(values[keys.host]),
            port: try values[keys.port] ?? keys.usualPort(security)
        )
        username = try values[keys.username]
        password = try values[keys.password]
        token = try values[keys.token]
        mechanisms = try values[keys.mechanisms]
        timeouts = try values[keys.timeouts].timeouts
        tls = try values[keys.tls]
        proxy = try values[keys.proxy]
    }

    /// The A-labels of an international host name: certificates and resolvers know no others.
    private static func asciiHost(_ host: String) throws -> String {
        guard !host.utf8.allSatisfy({ $0 < 0x80 }) else { return host }
        do {
            return try EmailAddress(localPart: "host", domain: host).withASCIIDomain().domain
        } catch {
            throw SettingsError("'\(PeerText.shown(host, limit: 80))' is not a valid host name")
        }
    }

    /// Whether the settings name somebody who signs in.
    package var signsIn: Bool {
        password != nil || token != nil
            || (tls.certificate != nil && (username != nil || mechanisms.contains("EXTERNAL")))
            || mechanisms == ["ANONYMOUS"]
    }

    /// Mistakes that concern several of the keys.
    package static func check(_ values: SettingsValues, _ keys: Keys) throws -> [SettingsIssue] {
        var issues: [SettingsIssue] = []
        let security = try values[keys.security]
        let host = try values[keys.host]
        let proxy = try values[keys.proxy]
        if security == .none, !Endpoint(host: host, port: 1).isLoopback || proxy != nil {
            issues.append(
                values.issue(
                    at: keys.security,
                    "'none' is for servers on this computer alone (localhost, 127.0.0.0/8, ::1): on the way to "
                        + "\(proxy == nil ? host : "a proxy") anybody could read the password and the mail; use 'tls' or "
                        + "'starttls'"
                )
            )
        }
        let hasPassword = try values[keys.password] != nil
        let hasToken = try values[keys.token] != nil
        if hasPassword, hasToken {
            issues.append(values.issue(at: keys.token, "there is a password too; give one of 'password' and 'token'"))
        }
        if hasPassword || hasToken, try values[keys.username] == nil {
            let key = hasPassword ? keys.password : keys.token
            issues.append(values.issue(at: key, "it needs to be known whose it is; add 'username'"))
        }
        let hasCertificate = try values[keys.tls].certificate != nil
        let mechanisms = try values[keys.mechanisms]
        let tokenMechanisms = ["OAUTHBEARER", "XOAUTH2"]
        if hasPassword, !mechanisms.isEmpty, mechanisms.allSatisfy({ tokenMechanisms.contains($0) }) {
            issues.append(values.issue(at: keys.mechanisms, "these need a 'token', and the settings give a 'password'"))
        }
        if hasToken, !mechanisms.isEmpty, !mechanisms.contains(where: { tokenMechanisms.contains($0) }) {
            issues.append(
                values.issue(at: keys.mechanisms, "none of these takes a 'token'; add OAUTHBEARER or XOAUTH2")
            )
        }
        if mechanisms.contains("EXTERNAL"), mechanisms.count == 1, !hasCertificate {
            issues.append(
                values.issue(at: keys.mechanisms, "EXTERNAL needs a client certificate; add 'tls.certificate'")
            )
        }
        return issues
    }
}
