package import Posthorn

/// The group `proxy`.
package struct ProxySettings: PluginSettings {
    /// How the proxy is spoken to.
    struct Kind: RawRepresentable, Hashable, Sendable, CaseIterable {
        let rawValue: String
        static let allCases = [Kind(rawValue: "socks5"), Kind(rawValue: "http")]
    }

    package var server: ProxyServer

    static let type = SettingsKey(
        "type",
        .choice,
        default: Kind(rawValue: "socks5"),
        help: "How the proxy is spoken to: SOCKS 5, or HTTP's CONNECT."
    )
    static let host = SettingsKey("host", .host, help: "The proxy.", example: "proxy.kuechen-muster.example")
    static let port = SettingsKey(
        "port",
        .integer(1...65_535),
        help: "The proxy's port.",
        example: "1080"
    )
    static let username = SettingsKey<String?>(
        optional: "username",
        .string,
        help: "Who signs in to the proxy.",
        example: "planung-3"
    )
    static let password = SettingsKey<SecretSource?>(
        optional: "password",
        .secret,
        help: "The password for the proxy.",
        example: "{ env: POSTHORN_PROXY_PASSWORD }"
    )

    /// All keys.
    package static let schema = SettingsSchema(type, host, port, username, password)

    /// Takes the values.
    package init(_ values: SettingsValues) throws {
        server = ProxyServer(
            kind: try values[Self.type].rawValue == "http" ? .http : .socks5,
            endpoint: Endpoint(host: try values[Self.host], port: try values[Self.port]),
            username: try values[Self.username],
            password: try values[Self.password]
        )
    }
}
