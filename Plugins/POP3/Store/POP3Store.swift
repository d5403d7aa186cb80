public import Posthorn
import PosthornNet

/// A maildrop at a POP3 server. Each session is a connection of its own; a server allows one at a time.
public struct POP3Store: IncomingStore {
    let account: String
    let settings: POP3Settings
    let dialer: Dialer

    init(
        settings: POP3Settings,
        context: PluginContext,
        tokens: (@Sendable () async throws -> Secret)? = nil,
        transcript: (@Sendable (String) -> Void)? = nil
    ) throws {
        account = context.account
        self.settings = settings
        var listener: (@Sendable (TranscriptEntry) -> Void)?
        if let transcript { listener = { entry in transcript(entry.description) } }
        dialer = try Dialer(settings.net, logger: context.logger, listener: listener, tokenProvider: tokens)
    }

    /// Connects and signs in.
    ///
    /// - Throws: ``MailError``: `authentication-failed` for wrong credentials; `unavailable` if another session has the
    ///   maildrop, the server wants more time between sign-ins, or has trouble that will pass; and the errors of connecting.
    public func openSession() async throws -> sending POP3Session {
        do {
            let line = POP3Line(try await dialer.connect())
            let timestamp = try await line.introduce(settings)
            _ = try await signIn(line, timestamp: timestamp)
            return POP3Session(line: line, settings: settings, account: account)
        } catch {
            throw named(error)
        }
    }

    /// Signs in, and asks again for what the server had not announced before.
    ///
    /// - Returns: how: a SASL mechanism, `USER` or `APOP`.
    func signIn(_ line: POP3Line, timestamp: [UInt8]?) async throws -> String {
        guard let credentials = try await dialer.credentials() else {
            throw MailError(
                .authenticationUnavailable,
                "the settings do not say who signs in at \(line.server); add `username` and `password`"
            )
        }
        let way = try await line.signIn(credentials, settings, timestamp: timestamp)
        if line.capabilities.isKnown, !line.capabilities.offers("UIDL") || !line.capabilities.offers("TOP") {
            try await line.askCapabilitiesAgain(settings)
        }
        return way
    }

    /// An error with this account's name.
    func named(_ error: any Error) -> MailError {
        var named =
            error as? MailError
            ?? (error is CancellationError
                ? MailError(.cancelled, "the work with \(settings.net.endpoint) was cancelled", cause: error)
                : MailError(
                    .connectionFailed,
                    "the work with \(settings.net.endpoint) failed on this computer (\(MailError.typeName(of: error)))",
                    cause: error
                ))
        named.account = named.account ?? account
        return named
    }
}

extension POP3Store: FetchConfigured {
    /// `pop3:user@host`, with the port unless it is the usual one.
    public var fetchAccount: String {
        let endpoint = settings.net.endpoint
        let port = [110, 995].contains(endpoint.port) ? "" : ":\(endpoint.port)"
        return "pop3:\(settings.net.username ?? "")@\(endpoint.host)\(port)"
    }

    /// The policy of the settings.
    public var fetchPolicy: FetchPolicy { settings.fetchPolicy }
}

extension POP3Line {
    /// Capabilities may be others once the server knows who is there (RFC 2449 section 5).
    func askCapabilitiesAgain(_ settings: POP3Settings) async throws {
        let reply = try await ask(.line("CAPA"), about: "CAPA")
        guard reply.isPositive else { return }
        var announced = POP3Capabilities(lines: try await words(of: "CAPA"))
        announced.ignore(settings.ignoredCapabilities)
        capabilities = announced
    }
}
