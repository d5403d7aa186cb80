import Posthorn
import PosthornNet

/// The sign-in of a session: SASL (RFC 5034), USER and PASS, or APOP (RFC 1939). No I/O: replies in, steps out.
struct POP3SignIn {
    /// What is to be done next.
    enum Step {
        /// Send this line, then bring the reply.
        case send(WireText)
        case signedIn
        case failed(MailError)
    }

    /// The longest AUTH command with CRLF (RFC 5034 section 4, RFC 2449 section 4). An initial response that does not fit
    /// comes after the server's empty challenge.
    static let commandLimit = 255

    private enum Way {
        case sasl(SASLExchange)
        case user
        case pass
        case apop
    }

    private let negotiator: SASLNegotiator
    private let credentials: SASLCredentials
    private let capabilities: POP3Capabilities
    private let server: String
    /// Whether USER and PASS stand for LOGIN, which the server does not have.
    private let usesUser: Bool
    private let apop: APOP?
    /// Hides in error texts what was sent as a secret, should the server repeat it.
    private(set) var mask: SecretMask
    private var way: Way?
    private var refused: Set<String> = []
    /// The exchange was given up; the server's last word is waited for.
    private var pendingFailure: MailError?
    /// Whether the server has taken the mechanism: it has asked something.
    private var isUnderWay = false

    /// APOP is wanted, and what the greeting gave for it.
    struct APOP {
        /// The timestamp of the greeting.
        var timestamp: [UInt8]?
    }

    /// - Parameters:
    ///   - apop: given if the settings ask for APOP and nothing else.
    ///   - makeNegotiator: makes a negotiator for the mechanisms that are there.
    init(
        capabilities: POP3Capabilities,
        credentials: SASLCredentials,
        apop: APOP?,
        server: String,
        makeNegotiator: ([String]) -> SASLNegotiator
    ) {
        self.capabilities = capabilities
        self.credentials = credentials
        self.server = server
        self.apop = apop
        let offered = capabilities.mechanisms
        let hasPlaintext = offered.contains("PLAIN") || offered.contains("LOGIN")
        let hasUser = capabilities.offers("USER") || !capabilities.isKnown || offered.isEmpty
        usesUser = !hasPlaintext && hasUser
        negotiator = makeNegotiator(usesUser ? offered + ["LOGIN"] : offered)
        mask = SecretMask(credentials.secrets)
        mask.visible = [Array(credentials.username.utf8)]
    }

    /// How the sign-in is done: a mechanism, `USER`, or `APOP`.
    var mechanism: String {
        switch way {
        case .sasl(let exchange): exchange.name
        case .user, .pass: "USER"
        case .apop: "APOP"
        case nil: ""
        }
    }

    /// Begins.
    mutating func start() -> Step {
        do {
            if let apop { return try startAPOP(apop) }
            var exchange = try negotiator.choose(without: refused)
            if exchange.name == "LOGIN", usesUser { return try startUser() }
            isUnderWay = false
            let command = "AUTH \(exchange.name)"
            var text = WireText(.plain(command))
            let untried = exchange
            if let initial = try exchange.start() {
                text.append(" ")
                text.append(initial)
            }
            text.appendLineEnd()
            // Microsoft's servers take XOAUTH2 in two lines only.
            if text.count > Self.commandLimit || exchange.name == "XOAUTH2" {
                exchange = untried
                _ = try exchange.start(withInitialResponse: false)
                text = .line(command)
            }
            way = .sasl(exchange)
            mask.add(text)
            return .send(text)
        } catch {
            return .failed(masked(error))
        }
    }

    /// Takes the next reply.
    mutating func received(_ reply: POP3Reply) -> Step {
        if let pendingFailure { return .failed(pendingFailure) }
        switch way {
        case nil: return .failed(violation(reply))
        case .sasl(let exchange): return received(reply, exchange)
        case .user:
            guard reply.status != .challenge else { return .failed(violation(reply)) }
            guard reply.isPositive, let password = credentials.password else { return refuse(reply) }
            way = .pass
            let text = WireText.line(.plain("PASS "), .secret(password))
            mask.add(text)
            return .send(text)
        case .pass, .apop:
            guard reply.status != .challenge else { return .failed(violation(reply)) }
            return reply.isPositive ? .signedIn : refuse(reply)
        }
    }

    // MARK: SASL

    private mutating func received(_ reply: POP3Reply, _ current: SASLExchange) -> Step {
        var exchange = current
        switch reply.status {
        case .challenge:
            isUnderWay = true
            do {
                var text = WireText(try exchange.answer(to: reply.text))
                text.appendLineEnd()
                way = .sasl(exchange)
                mask.add(text)
                return .send(text)
            } catch {
                // "*" ends the exchange (RFC 5034 section 4); the server answers with a refusal.
                pendingFailure = masked(error)
                return .send(.line("*"))
            }
        case .ok:
            do {
                try exchange.finish()
                return .signedIn
            } catch {
                return .failed(masked(error))
            }
        case .error:
            return refuse(reply)
        }
    }

    // MARK: USER and APOP

    private mutating func startUser() throws -> Step {
        guard let password = credentials.password else { throw unsendable("there is no `password`") }
        try checkArguments(password)
        if !credentials.username.utf8.allSatisfy({ $0 < 0x80 }),
            !capabilities.arguments(of: "UTF8").contains(where: { $0.uppercased() == "USER" })
        {
            throw unsendable("the server takes no user name with characters beyond ASCII (RFC 6856)")
        }
        way = .user
        return .send(.line("USER \(credentials.username)"))
    }

    private mutating func startAPOP(_ apop: APOP) throws -> Step {
        guard let password = credentials.password else {
            throw unsendable("APOP needs a `password`")
        }
        guard let timestamp = apop.timestamp else {
            throw MailError(
                .authenticationUnavailable,
                "\(server) does not offer APOP: there is no timestamp in its greeting; take `apop` out of the settings"
            )
        }
        try checkArguments(password)
        guard !credentials.username.contains(" ") else { throw unsendable("APOP takes no user name with a space") }
        let hex = try APOPDigest.hex(timestamp: timestamp, password: password)
        way = .apop
        let text = WireText.line(.plain("APOP \(credentials.username) "), .secret(hex))
        mask.add(text)
        return .send(text)
    }

    private func checkArguments(_ password: Secret) throws {
        let isClean =
            credentials.username.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && password.withBytes { $0.allSatisfy { $0 != 0x0D && $0 != 0x0A && $0 != 0 } }
        guard isClean, !credentials.username.isEmpty else {
            throw unsendable("the user name is empty, or it or the password holds a line break or a control character")
        }
    }

    private func unsendable(_ why: String) -> MailError {
        MailError(
            .authenticationUnavailable,
            "no sign-in at \(server) is possible: \(why); correct `username`, `password` or `mechanisms`"
        )
    }

    // MARK: Refusals

    /// A mechanism quotes what the server says, and knows nothing of the mask.
    private func masked(_ error: any Error) -> MailError {
        guard var error = error as? MailError else {
            return MailError(
                .authenticationUnavailable,
                "the sign-in at \(server) failed on this computer",
                cause: error
            )
        }
        error.message = mask.masked(error.message)
        return error
    }

    private mutating func refuse(_ reply: POP3Reply) -> Step {
        if case .sasl(let exchange) = way, !isUnderWay, isUnknownMechanism(reply),
            refused.insert(exchange.name).inserted
        {
            // The server does not have the mechanism that it offers.
            return start()
        }
        let shown = mask.masked(reply)
        var detail = ""
        if case .sasl(let exchange) = way, let text = exchange.failureDetail { detail = " (\(mask.masked(text)))" }
        let user =
            credentials.username.isEmpty ? "" : " of '\(PeerText.shown(credentials.username, limit: 100))'"
        // A server with AUTH-RESP-CODE says so when the credentials are wrong: without the code it is something else.
        let fallback: MailError.Code =
            capabilities.offers("AUTH-RESP-CODE") && shown.responseCode != .authentication
            ? .refused : .authenticationFailed
        return .failed(
            .refusal(
                shown,
                by: server,
                of: "the sign-in\(user) by \(mechanism)\(detail)",
                fallback: fallback,
                advice: SignInAdvice.advice(for: shown.value, protocol: "POP3")
            )
        )
    }

    /// RFC 5034 has no code for it; these are the words that servers use.
    private func isUnknownMechanism(_ reply: POP3Reply) -> Bool {
        guard reply.responseCode == nil else { return false }
        let text = String(decoding: reply.text.prefix(200), as: UTF8.self).lowercased()
        return text.contains("mechanism") && (text.contains("unsupported") || text.contains("not support"))
            || text.contains("unrecognized authentication type")
    }

    private func violation(_ reply: POP3Reply) -> MailError {
        MailError(
            .protocolViolation,
            "\(server) answered '\(mask.masked(reply).value)' during the sign-in, which POP3 does not allow there; check "
                + "host and port"
        )
    }
}
