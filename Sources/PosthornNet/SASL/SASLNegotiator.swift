import Posthorn

/// Chooses the mechanism of a sign-in: what the server offers, the settings allow, the credentials serve, and is safe.
///
/// The rules:
/// - Strongest first; see ``automaticOrder``. A list in the settings limits and orders the choice.
/// - The password or token itself is never sent without TLS, unless both ends are on this computer and the settings
///   say `security: none`. No setting changes that.
/// - `offered` is what the server said *after* TLS began. What it said before counts for nothing.
/// - A sign-in that failed is not repeated with a weaker mechanism: the password is wrong, or somebody wants to see it.
///   Only when the server says that it does not have the mechanism after all (SMTP 504, say) choose again
///   ``choose(without:)`` that one.
package struct SASLNegotiator: Sendable {
    /// The order without settings, strongest first.
    package static let automaticOrder = [
        "EXTERNAL",
        "SCRAM-SHA-512-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1",
        "OAUTHBEARER", "XOAUTH2",
        "PLAIN", "LOGIN", "CRAM-MD5",
    ]

    /// Every mechanism known, for settings.
    package static let known = automaticOrder + ["ANONYMOUS"]

    private let offered: [String]
    private let allowed: [String]
    private let credentials: SASLCredentials
    private let endpoint: Endpoint
    private let bindings: ChannelBindings?
    private let isEncrypted: Bool
    private let isPlaintextSafe: Bool

    /// - Parameters:
    ///   - offered: The mechanisms that the server offers, as it wrote them.
    ///   - allowed: The settings' list; empty for the automatic choice.
    ///   - credentials: Who signs in.
    ///   - connection: The connection, for TLS, its channel bindings, and the host.
    package init(
        offered: [String],
        allowed: [String],
        credentials: SASLCredentials,
        connection: Connection
    ) {
        // A name may be this computer's today and another's tomorrow, and a proxy is on the way to another.
        let isHere = connection.info.peerAddress.flatMap(IPAddress.init)?.isLoopback == true
        let isDirect = connection.options.proxy == nil
        self.init(
            offered: offered,
            allowed: allowed,
            credentials: credentials,
            endpoint: connection.endpoint,
            isEncrypted: connection.isEncrypted,
            security: isHere && isDirect ? connection.options.security : .startTLS,
            bindings: connection.channelBindings
        )
    }

    /// The same without a connection, for tests and tools.
    package init(
        offered: [String],
        allowed: [String],
        credentials: SASLCredentials,
        endpoint: Endpoint,
        isEncrypted: Bool,
        security: ConnectionSecurity,
        bindings: ChannelBindings?
    ) {
        self.offered = offered.prefix(64).map { $0.uppercased() }
        self.allowed = allowed.map { $0.uppercased() }
        self.credentials = credentials
        self.endpoint = endpoint
        self.bindings = bindings
        self.isEncrypted = isEncrypted
        isPlaintextSafe = isEncrypted || (security == .none && endpoint.isLoopback)
    }

    /// The mechanism to be used.
    ///
    /// - Parameter refused: Mechanisms that the server turned out not to have.
    /// - Throws: ``MailError`` with code `authentication-unavailable`, saying what is offered, what is allowed, and
    ///   why nothing fits.
    package func choose(without refused: Set<String> = []) throws -> SASLExchange {
        for name in candidates where offered.contains(name) && !refused.contains(name) {
            if let mechanism = make(name, refused), isPlaintextSafe || !mechanism.isPlaintext {
                return SASLExchange(mechanism)
            }
        }
        throw nothingFits(refused)
    }

    private var candidates: [String] {
        if !allowed.isEmpty { return allowed }
        // Without TLS a hash of the password is better than the password.
        return isEncrypted
            ? Self.automaticOrder : Self.automaticOrder.filter { $0 != "PLAIN" && $0 != "LOGIN" } + ["PLAIN", "LOGIN"]
    }

    private func make(_ name: String, _ refused: Set<String>) -> (any SASLMechanism)? {
        switch name {
        case "EXTERNAL":
            guard credentials.hasCertificate, isEncrypted else { return nil }
            // A certificate beside a password may be for the TLS gate alone: only a list in the settings chooses it.
            guard !allowed.isEmpty || (credentials.password == nil && credentials.token == nil) else { return nil }
            return ExternalMechanism(authorization: credentials.authorization ?? credentials.username)
        case "OAUTHBEARER", "XOAUTH2":
            guard let token = credentials.token else { return nil }
            return TokenMechanism(
                name == "XOAUTH2" ? .xoauth2 : .bearer,
                username: credentials.username,
                token: token,
                endpoint: endpoint
            )
        case "ANONYMOUS":
            return isAnonymousWanted ? AnonymousMechanism(trace: credentials.username) : nil
        default:
            // A token is meant to be used in place of a password that may be there too.
            guard let password = credentials.password, credentials.token == nil else { return nil }
            return make(name, refused, password: password)
        }
    }

    private var isAnonymousWanted: Bool { allowed.contains("ANONYMOUS") }

    private func make(_ name: String, _ refused: Set<String>, password: Secret) -> (any SASLMechanism)? {
        switch name {
        case "PLAIN": return PlainMechanism(credentials, password: password)
        case "LOGIN": return LoginMechanism(username: credentials.username, password: password)
        case "CRAM-MD5": return CramMD5Mechanism(username: credentials.username, password: password)
        case "SCRAM-SHA-512-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS":
            guard let hash = Self.hash(name), let binding else { return nil }
            return ScramMechanism(hash, credentials, password: password, binding: binding)
        default:
            guard let hash = Self.hash(name) else { return nil }
            // "y" only if no -PLUS was offered at all: otherwise a correct server must take it for an attack.
            let isPlusOffered = offered.contains { $0.hasPrefix("SCRAM-") && $0.hasSuffix("-PLUS") }
            return ScramMechanism(
                hash,
                credentials,
                password: password,
                binding: binding == nil || isPlusOffered ? .unsupported : .notOffered
            )
        }
    }

    private static func hash(_ name: String) -> ScramMechanism.Hash? {
        switch name {
        case "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS": .sha512
        case "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS": .sha256
        case "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS": .sha1
        default: nil
        }
    }

    /// tls-exporter with TLS 1.3 (RFC 9266), tls-server-end-point below.
    private var binding: ScramMechanism.Binding? {
        guard let bindings else { return nil }
        if bindings.prefersExporter, let data = bindings.exporter { return .bound(type: "tls-exporter", data: data) }
        if let data = bindings.serverEndPoint { return .bound(type: "tls-server-end-point", data: data) }
        return nil
    }

    private func nothingFits(_ refused: Set<String>) -> MailError {
        let words = offered.map { PeerText.shown($0, limit: 40) }
        let offer = words.isEmpty ? "no sign-in mechanism" : words.joined(separator: ", ")
        let secret =
            if credentials.token != nil { "an access token" } else if credentials.password != nil {
                "a password"
            } else if credentials.hasCertificate { "a client certificate" } else { "neither password nor token" }
        var reasons = [
            allowed.isEmpty
                ? "the settings give \(secret)"
                : "the settings give \(secret) and allow \(allowed.joined(separator: ", "))"
        ]
        if !isPlaintextSafe { reasons.append("passwords and tokens are not sent without TLS") }
        if !refused.isEmpty {
            reasons.append("the server does not have \(refused.sorted().joined(separator: ", ")) after all")
        }
        return MailError(
            .authenticationUnavailable,
            "no sign-in is possible: the server \(endpoint) offers \(offer), and \(reasons.joined(separator: "; ")); change "
                + "'mechanisms', 'security' or the credentials"
        )
    }
}
