import Posthorn

/// The group `proxy`, or its short form `socks5://proxy.example.org:1080`.
struct ProxySettings: PluginSettings {
    enum Kind: String, Sendable, CaseIterable {
        case socks5
        case http

        var usualPort: Int { self == .socks5 ? 1080 : 3128 }
    }

    var kind: Kind
    var host: String
    var port: Int
    var username: String?
    var password: SecretSource?

    static let typeKey = SettingsKey("type", .choice(Kind.allCases), help: "How the proxy is spoken to.")
    static let hostKey = SettingsKey("host", .host, help: "The proxy's name or address.", example: "proxy.example.org")
    static let portKey = SettingsKey(
        optional: "port",
        .integer(1...65_535),
        help: "The proxy's port: 1080 for socks5, 3128 for http if left out.",
        example: "1080"
    )
    static let usernameKey = SettingsKey(
        optional: "username",
        .string,
        help: "Who signs in to the proxy.",
        example: "info"
    )
    static let passwordKey = SettingsKey(optional: "password", .secret, help: "The password for the proxy.")

    static let schema = SettingsSchema(typeKey, hostKey, portKey, usernameKey, passwordKey)

    init(_ values: SettingsValues) throws {
        kind = try values[Self.typeKey]
        host = try values[Self.hostKey]
        port = try values[Self.portKey] ?? kind.usualPort
        username = try values[Self.usernameKey]
        password = try values[Self.passwordKey]
    }

    static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        let (name, password) = (try values[usernameKey], try values[passwordKey])
        if password != nil, name == nil {
            return [values.issue(at: passwordKey, "a password needs a user name; add 'username'")]
        }
        if name != nil, password == nil {
            return [values.issue(at: usernameKey, "a user name needs a password; add 'password'")]
        }
        return []
    }

    private init(kind: Kind, host: String, port: Int) {
        self.kind = kind
        self.host = host
        self.port = port
    }

    var server: ProxyServer {
        ProxyServer(
            kind: kind == .socks5 ? .socks5 : .http,
            endpoint: Endpoint(host: host, port: port),
            username: username,
            password: password
        )
    }

    /// The group, or a URL.
    static let settingsType: SettingsType<ProxySettings> = .either(
        SettingsType(
            name: "proxy such as socks5://proxy.example.org:1080",
            example: "socks5://proxy.example.org:1080",
            describe: { "\($0.kind.rawValue)://\($0.server.endpoint)" },
            parse: parse
        ),
        orGroup: .group(ProxySettings.self)
    )

    private static func parse(_ text: String) throws -> ProxySettings {
        let expected = "write it as socks5://HOST:PORT or http://HOST:PORT"
        // First of all, because a text that may hold a password is never shown, however wrong the rest of it is.
        guard !text.contains("@") else {
            throw SettingsError(
                "user name and password do not belong into the proxy's address; write the proxy as a group: "
                    + "{ type: \(text.hasPrefix("http") ? Kind.http.rawValue : Kind.socks5.rawValue), host: …, "
                    + "username: …, password: { env: … } }"
            )
        }
        guard let mark = text.firstRange(of: "://"), let kind = Kind(rawValue: String(text[..<mark.lowerBound])) else {
            throw SettingsError("'\(PeerText.shown(text, limit: 80))' is not a proxy; \(expected)")
        }
        var rest = text[mark.upperBound...]
        if rest.hasSuffix("/") { rest.removeLast() }
        guard let (host, port) = split(rest, usual: kind.usualPort), !host.isEmpty,
            !host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "/") })
        else { throw SettingsError("'\(PeerText.shown(text, limit: 80))' is not a proxy; \(expected)") }
        return ProxySettings(kind: kind, host: host, port: port)
    }

    /// `host`, `host:port`, `[address]`, `[address]:port`
    private static func split(_ text: Substring, usual: Int) -> (String, Int)? {
        var host = text
        var digits: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
            if !tail.isEmpty { digits = tail.dropFirst() }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            digits = text[text.index(after: colon)...]
            guard !host.contains(":") else { return nil }
        }
        guard let digits else { return (String(host), usual) }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }
}
