public import Posthorn
import PosthornNet

/// A transport that hands messages to an SMTP or LMTP server, over connections that it keeps.
public struct SMTPTransport: OutgoingTransport {
    let account: String
    let settings: SMTPSettings
    private let helloName: String?
    let dialer: Dialer
    private let pool: SMTPPool

    init(
        settings: SMTPSettings,
        context: PluginContext,
        tokens: (@Sendable () async throws -> Secret)? = nil,
        transcript: (@Sendable (String) -> Void)? = nil
    ) throws {
        account = context.account
        self.settings = settings
        let helloName = try settings.wireHelloName()
        self.helloName = helloName
        var listener: (@Sendable (TranscriptEntry) -> Void)?
        if let transcript { listener = { entry in transcript(entry.description) } }
        let dialer = try Dialer(settings.net, logger: context.logger, listener: listener, tokenProvider: tokens)
        self.dialer = dialer
        pool = SMTPPool(settings.poolLimits) {
            try await SMTPSession.open(dialer, settings, helloName: helloName)
        }
    }

    /// Sends one message.
    ///
    /// It goes over a connection that is there, or a new one; connections stay open for the next message as the settings
    /// allow (`connections`, `messages-per-connection`, `messages-per-minute`, `timeouts.idle`). When many tasks send at
    /// once, their messages wait in one line and share connections, several under way at a time where the server takes
    /// that (PIPELINING, CHUNKING).
    ///
    /// The envelope's domains travel as A-labels. Addresses with characters beyond ASCII before the `@` need a server with
    /// SMTPUTF8 and are refused, by name, where there is none.
    ///
    /// A cancelled task gets its error at once, in every phase, and other messages are not touched by it.
    ///
    /// - Throws: ``MailError``. It is `outcome-unknown` only if the connection broke after the end of the message was sent
    ///   and before the server's answer was complete.
    public func send(_ request: SendRequest) async throws -> SendReceipt {
        do {
            // An attachment that cannot be read is told before anybody is contacted.
            _ = try await request.content.facts(for: .sevenBit)
        } catch {
            throw named(error)
        }
        let outcomes = await send([request], observer: nil, total: settings.net.timeouts.total)
        guard let outcome = outcomes.first else { throw named(MailError(.misuse, "the message has no outcome")) }
        return try outcome.get()
    }

    /// Sends several messages, each with an outcome of its own; see ``send(_:)-(SendRequest)``.
    ///
    /// `timeouts.total` holds for each message from when it is begun.
    public func send(_ batch: SendBatch) async -> [SendOutcome] {
        await send(batch.requests, observer: batch.observer, total: nil)
    }

    private func send(_ requests: [SendRequest], observer: BatchObserver?, total: Duration?) async -> [SendOutcome] {
        guard !requests.isEmpty else { return [] }
        let submission = SMTPSubmission(count: requests.count, account: account, observer: observer)
        let deliveries = requests.enumerated().map { SMTPDelivery($1, $0, of: submission) }
        let pool = pool
        @Sendable func desert(_ error: MailError) {
            for delivery in deliveries { delivery.desert(error) }
            pool.callersHaveGone()
        }
        return await withTaskCancellationHandler {
            pool.submit(deliveries)
            // The task may have been cancelled before the messages were in the line.
            if Task.isCancelled { desert(cancelled()) }
            guard let total else { return await submission.outcomes() }
            let limit = Task.detached {
                try await Task.sleep(for: total)
                desert(timedOut(total))
            }
            defer { limit.cancel() }
            return await submission.outcomes()
        } onCancel: {
            desert(cancelled())
        }
    }

    private func cancelled() -> MailError {
        MailError(
            .cancelled,
            "the work with the SMTP server \(settings.net.endpoint) was cancelled",
            cause: CancellationError()
        )
    }

    private func timedOut(_ total: Duration) -> MailError {
        Deadline(after: total, for: "the whole request", key: "timeouts.total")
            .error("SMTP", settings.net.endpoint)
    }

    /// Says goodbye on the connections that are kept.
    public func close() async {
        await pool.close()
    }

    /// A session for a diagnosis, apart from the pool.
    func makeSession(_ connection: Connection) -> SMTPSession {
        SMTPSession(connection: connection, settings: settings, helloName: helloName)
    }

    /// An error with this transport's name.
    func named(_ error: any Error) -> MailError {
        var error = MailError.onTheWay(error)
        error.account = error.account ?? account
        return error
    }
}
