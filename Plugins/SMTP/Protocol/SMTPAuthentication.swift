import Posthorn
import PosthornNet

/// The sign-in of a session (RFC 4954). No I/O: replies in, steps out.
struct SMTPAuthentication {
    /// What is to be done next.
    enum Step {
        /// Send this line, then bring the reply.
        case send(WireText)
        case signedIn
        case failed(MailError)
    }

    /// The longest command line with CRLF (RFC 5321 section 4.5.3.1.4). An initial response that does not fit comes
    /// after the server's empty challenge: servers cut longer lines, long tokens among them.
    static let commandLimit = 512

    private let negotiator: SASLNegotiator
    private let username: String
    /// Hides in error texts what was sent as a secret, should the server repeat it.
    private(set) var mask: SecretMask
    private let server: String
    private var refused: Set<String> = []
    private var exchange: SASLExchange?
    /// Whether the server has taken the mechanism: it has asked something.
    private var isUnderWay = false
    /// The exchange was given up; the server's last word is waited for.
    private var pendingFailure: MailError?

    init(negotiator: SASLNegotiator, credentials: SASLCredentials, server: String) {
        self.negotiator = negotiator
        self.username = credentials.username
        mask = SecretMask(credentials.secrets)
        mask.visible = [Array(credentials.username.utf8)]
        self.server = server
    }

    /// The mechanism in use.
    var mechanism: String { exchange?.name ?? "" }

    /// Begins with the best mechanism.
    mutating func start() -> Step {
        do {
            var exchange = try negotiator.choose(without: refused)
            let command = "AUTH \(exchange.name)"
            var text = WireText(.plain(command))
            let untried = exchange
            isUnderWay = false
            if let initial = try exchange.start() {
                text.append(" ")
                text.append(initial)
            }
            text.appendLineEnd()
            if text.count > Self.commandLimit {
                exchange = untried
                _ = try exchange.start(withInitialResponse: false)
                text = .line(command)
            }
            self.exchange = exchange
            mask.add(text)
            return .send(text)
        } catch {
            return .failed(.onTheWay(error))
        }
    }

    /// Takes the next reply.
    mutating func received(_ reply: SMTPReply) -> Step {
        guard var exchange else {
            return .failed(violation(reply))
        }
        if let pendingFailure { return .failed(pendingFailure) }
        switch reply.code {
        case 334:
            isUnderWay = true
            do {
                let challenge = reply.lines.first ?? []
                var text = WireText(try exchange.answer(to: challenge))
                text.appendLineEnd()
                self.exchange = exchange
                mask.add(text)
                return .send(text)
            } catch {
                // "*" ends the exchange (RFC 4954 section 4); the server answers with a refusal.
                pendingFailure = masked(error)
                return .send(.line("*"))
            }
        case 235:
            do {
                try exchange.finish()
                return .signedIn
            } catch {
                return .failed(masked(error))
            }
        case 504 where !isUnderWay && refused.insert(exchange.name).inserted:
            // The server does not have the mechanism that it offers.
            return start()
        default:
            guard reply.isTransient || reply.isPermanent else { return .failed(violation(reply)) }
            return refuse(reply, exchange)
        }
    }

    /// A mechanism quotes what the server says, and knows nothing of the mask.
    private func masked(_ error: any Error) -> MailError {
        var error = MailError.onTheWay(error)
        error.message = mask.masked(error.message)
        return error
    }

    private func refuse(_ reply: SMTPReply, _ exchange: SASLExchange) -> Step {
        let value = mask.masked(reply).value
        let detail = exchange.failureDetail.map { " (\(mask.masked($0)))" } ?? ""
        let user = username.isEmpty ? "" : " of '\(PeerText.shown(username, limit: 100))'"
        if reply.isTransient {
            return .failed(
                MailError(
                    .unavailable,
                    "\(server) could not check the sign-in\(user) now: \(value)\(detail); try again later",
                    reply: value
                )
            )
        }
        return .failed(
            MailError(
                .authenticationFailed,
                "\(server) refused the sign-in\(user) by \(exchange.name): \(value)\(detail); "
                    + SignInAdvice.advice(for: reply.value, protocol: "SMTP AUTH"),
                reply: value
            )
        )
    }

    private func violation(_ reply: SMTPReply) -> MailError {
        MailError(
            .protocolViolation,
            "\(server) answered '\(mask.masked(reply).value)' during the sign-in, which SMTP does not "
                + "allow there; check host and port"
        )
    }
}
