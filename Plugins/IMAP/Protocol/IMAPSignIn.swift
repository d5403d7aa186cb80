import Posthorn
import PosthornNet

/// The sign-in of a session: AUTHENTICATE (RFC 9051 section 6.2.2, RFC 4959) or LOGIN. No I/O: what the server says in,
/// steps out.
struct IMAPSignIn {
    /// What is to be done next.
    enum Step {
        /// Send this command, then bring continuations and the tagged answer.
        case command(IMAPCommand)
        /// Send this line, then bring what comes.
        case line(WireText)
        case signedIn
        case failed(MailError)
    }

    /// Servers cut longer lines.
    static let commandLimit = 8_000

    private let negotiator: SASLNegotiator
    private let credentials: SASLCredentials
    private let capabilities: IMAPCapabilities
    private let server: String
    /// Whether LOGIN, the command, stands for the mechanism, which the server does not have.
    private let usesLogin: Bool
    /// Hides in error texts what was sent as a secret, should the server repeat it.
    private(set) var mask: SecretMask
    private var exchange: SASLExchange?
    private var refused: Set<String> = []
    private var isUnderWay = false
    private var pendingFailure: MailError?

    /// - Parameter makeNegotiator: makes a negotiator for the mechanisms that are there.
    init(
        capabilities: IMAPCapabilities,
        credentials: SASLCredentials,
        server: String,
        makeNegotiator: ([String]) -> SASLNegotiator
    ) {
        self.capabilities = capabilities
        self.credentials = credentials
        self.server = server
        let offered = capabilities.mechanisms
        let hasPlaintext = offered.contains("PLAIN") || offered.contains("LOGIN")
        usesLogin = !hasPlaintext && !capabilities.offers("LOGINDISABLED")
        negotiator = makeNegotiator(usesLogin ? offered + ["LOGIN"] : offered)
        mask = SecretMask(credentials.secrets)
        mask.visible = [Array(credentials.username.utf8)]
    }

    /// How the sign-in is done: a mechanism, or `LOGIN`.
    var mechanism: String { exchange?.name ?? "LOGIN" }

    /// Begins.
    mutating func start() -> Step {
        do {
            var next = try negotiator.choose(without: refused)
            if next.name == "LOGIN", usesLogin {
                exchange = nil
                guard let password = credentials.password else {
                    throw MailError(.authenticationUnavailable, "the sign-in at \(server) needs a `password`")
                }
                return .command(.login(user: credentials.username, password: password))
            }
            isUnderWay = false
            let untried = next
            if capabilities.hasSASLIR, let initial = try next.start() {
                let text = WireText(initial)
                if text.count <= Self.commandLimit {
                    exchange = next
                    mask.add(text)
                    return .command(IMAPCommand.authenticate(next.name, encodedInitial: text))
                }
            }
            next = untried
            _ = try next.start(withInitialResponse: false)
            exchange = next
            return .command(.authenticate(next.name))
        } catch {
            return .failed(masked(error))
        }
    }

    /// Takes a continuation.
    mutating func challenged(_ challenge: [UInt8]) -> Step {
        guard var exchange, pendingFailure == nil else {
            return .failed(.imapViolation(server, "a question during the sign-in"))
        }
        isUnderWay = true
        do {
            var text = WireText(try exchange.answer(to: challenge))
            text.appendLineEnd()
            self.exchange = exchange
            mask.add(text)
            return .line(text)
        } catch {
            // "*" ends the exchange (RFC 9051 section 6.2.2); the server answers with BAD.
            pendingFailure = masked(error)
            return .line(IMAPCommand.cancelAuthentication)
        }
    }

    /// Takes the tagged answer.
    mutating func answered(_ status: IMAPStatus) -> Step {
        if let pendingFailure { return .failed(pendingFailure) }
        if status.kind == .ok {
            do {
                try exchange?.finish()
                return .signedIn
            } catch {
                return .failed(masked(error))
            }
        }
        if let exchange, !isUnderWay, status.kind == .bad || isUnknownMechanism(status),
            refused.insert(exchange.name).inserted
        {
            // The server does not have the mechanism that it offers.
            return start()
        }
        return .failed(refused(status))
    }

    /// The error of a sign-in that the server refuses.
    func refused(_ status: IMAPStatus) -> MailError {
        var shown = status
        shown.text = mask.masked(status.text)
        let detail = exchange?.failureDetail.map { " (\(mask.masked($0)))" } ?? ""
        let user = credentials.username.isEmpty ? "" : " of '\(PeerText.shown(credentials.username, limit: 100))'"
        return .imapRefusal(
            shown,
            by: server,
            of: "the sign-in\(user) by \(mechanism)\(detail)",
            fallback: .authenticationFailed,
            advice: SignInAdvice.advice(for: ServerReply(text: shown.text), protocol: "IMAP")
        )
    }

    private func isUnknownMechanism(_ status: IMAPStatus) -> Bool {
        guard status.code == nil else { return false }
        let text = status.text.lowercased()
        return text.contains("mechanism") && (text.contains("unsupported") || text.contains("not support"))
    }

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
}
