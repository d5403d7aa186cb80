public import Posthorn
import PosthornNet
import Synchronization

/// An account at an IMAP server. Each session has a connection of its own; those of sessions that ended well are kept for
/// the next.
public final class IMAPStore: IncomingStore {
    let account: String
    let settings: IMAPSettings
    let dialer: Dialer
    let waiting: Waiting
    private let shelf = Mutex<[(line: IMAPLine, since: ContinuousClock.Instant)]>([])

    /// How sessions wait for messages.
    struct Waiting {
        /// When IDLE is begun anew: a server may end a session that has been idle for 30 minutes (RFC 2177).
        var renewal = Duration.seconds(25 * 60)
        /// How often a server without IDLE is asked.
        var pollInterval = Duration.seconds(30)
        /// How long to wait before IDLE is begun anew if the server has ended it by itself.
        var pause = Duration.seconds(1)
    }

    init(
        settings: IMAPSettings,
        context: PluginContext,
        waiting: Waiting = Waiting(),
        tokens: (@Sendable () async throws -> Secret)? = nil,
        transcript: (@Sendable (String) -> Void)? = nil
    ) throws {
        account = context.account
        self.settings = settings
        self.waiting = waiting
        var listener: (@Sendable (TranscriptEntry) -> Void)?
        if let transcript { listener = { entry in transcript(entry.description) } }
        dialer = try Dialer(settings.net, logger: context.logger, listener: listener, tokenProvider: tokens)
    }

    /// Takes a connection that is there, or connects and signs in.
    ///
    /// - Throws: ``MailError``: `authentication-failed` for wrong credentials, `unavailable` if the server has trouble that
    ///   will pass, and the errors of connecting.
    public func openSession() async throws -> sending IMAPSession {
        do {
            return IMAPSession(line: try await line(), store: self)
        } catch {
            throw named(error)
        }
    }

    /// Says goodbye on the connections that are kept.
    public func close() async {
        let kept = shelf.withLock { shelf in
            defer { shelf = [] }
            return shelf.map(\.line)
        }
        for line in kept { await line.logout() }
    }

    private func line() async throws -> IMAPLine {
        discardExpired()
        while let kept = shelf.withLock({ $0.popLast() }) {
            kept.line.connection.restartTotal()
            if try await isAlive(kept.line) { return kept.line }
            kept.line.connection.abort()
        }
        let line = try await connect()
        do {
            if try await !line.introduce(settings) { _ = try await signIn(line) }
            try await line.enable()
            return line
        } catch {
            line.connection.abort()
            throw error
        }
    }

    /// Closes connections that nobody has wanted for long, or that the server has closed.
    private func discardExpired() {
        let limit = settings.net.timeouts.idle
        let expired = shelf.withLock { shelf in
            let now = ContinuousClock.now
            let isExpired = { (kept: (line: IMAPLine, since: ContinuousClock.Instant)) in
                now - kept.since >= limit || kept.line.connection.isPeerClosed
            }
            defer { shelf.removeAll(where: isExpired) }
            return shelf.filter(isExpired).map(\.line)
        }
        for line in expired { line.connection.abort() }
    }

    func connect(deferringTLS: Bool = false) async throws -> IMAPLine {
        var limits = IMAPLimits()
        limits.inlineSection = 64 << 10
        return IMAPLine(try await dialer.connect(deferringTLS: deferringTLS, replyLimit: 48 << 20), limits: limits)
    }

    /// Signs in.
    ///
    /// - Returns: how: a SASL mechanism, or `LOGIN`.
    func signIn(_ line: IMAPLine) async throws -> String {
        guard let credentials = try await dialer.credentials() else {
            throw MailError(
                .authenticationUnavailable,
                "the settings do not say who signs in at \(line.server); add `username` and `password`"
            )
        }
        return try await line.signIn(credentials, settings)
    }

    /// A connection that was kept may have ended unnoticed.
    private func isAlive(_ line: IMAPLine) async throws -> Bool {
        guard !line.connection.isPeerClosed else { return false }
        do {
            // What the server has said meanwhile is heard here.
            let tag = try await line.send(.noop)
            let limit = min(line.timeouts.reply, Self.aliveLimit)
            let status = try await line.finish(tag, "NOOP", within: limit) { response in
                // Behind a goodbye nothing has to come any more.
                if case .status(let status) = response, status.kind == .bye { throw line.refusal(status, "NOOP") }
            }
            return status.kind == .ok && line.farewell == nil
        } catch let error as MailError where error.code != .cancelled {
            return false
        }
    }

    /// How long a connection that was kept may take to show that it is alive; then another one is made.
    private static let aliveLimit = Duration.seconds(10)

    /// Takes a session's connection back; the line is claimed, and released here. One in the middle of something is closed.
    func give(back line: IMAPLine) async {
        // The next session's folder is not that of contents that somebody still holds.
        line.beginEpoch()
        let isUsable = await settle(line)
        // Before anybody else can take it.
        line.release()
        guard isUsable else { return }
        let isKept = shelf.withLock { shelf in
            guard shelf.count < settings.connections else { return false }
            shelf.append((line, .now))
            return true
        }
        if !isKept { await line.logout() }
    }

    /// Leaves the folder; ends a connection that cannot be used again.
    ///
    /// - Returns: whether it can be kept.
    private func settle(_ line: IMAPLine) async -> Bool {
        guard line.stream == nil, !line.isReadingEach, !line.connection.isPeerClosed, line.farewell == nil,
            !Task.isCancelled
        else {
            line.connection.abort()
            return false
        }
        if line.mailbox != nil {
            // CLOSE would expunge.
            guard line.capabilities.hasUNSELECT else {
                await line.logout()
                return false
            }
            do {
                try await line.run(.unselect)
            } catch {
                line.connection.abort()
                return false
            }
            line.mailbox = nil
        }
        guard line.farewell == nil else {
            line.connection.abort()
            return false
        }
        return true
    }

    /// An error with this account's name.
    func named(_ error: any Error) -> any Error {
        if var error = error as? MailError {
            error.account = error.account ?? account
            return error
        }
        guard error is CancellationError else { return error }
        return MailError(
            .cancelled,
            "the work with \(settings.net.endpoint) was cancelled",
            account: account,
            cause: error
        )
    }
}

extension IMAPStore: FetchConfigured {
    /// `imap:user@host`, with the port unless it is the usual one.
    public var fetchAccount: String {
        let endpoint = settings.net.endpoint
        let port = [143, 993].contains(endpoint.port) ? "" : ":\(endpoint.port)"
        return "imap:\(settings.net.username ?? "")@\(endpoint.host)\(port)"
    }

    /// The policy of the settings.
    public var fetchPolicy: FetchPolicy { settings.fetchPolicy }
}
