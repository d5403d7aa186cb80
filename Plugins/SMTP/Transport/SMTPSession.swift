import Posthorn
import PosthornNet

/// One connection to a server, signed in: executes what the engines of `Protocol/` ask for.
///
/// Used by one task at a time. After a failure it is thrown away.
final class SMTPSession {
    let connection: Connection
    let settings: SMTPSettings
    private let helloName: String
    /// What the server announced last; never from before TLS.
    private(set) var capabilities = SMTPCapabilities()
    private var parser = SMTPReplyParser()
    /// Keeps what was sent as a secret out of every reply that comes later.
    var mask = SecretMask() {
        didSet { parser.mask = mask }
    }
    /// Challenges go to the mechanism as they are.
    var isSigningIn = false
    /// The connection was given up: nothing more is said on it.
    private var isOver = false

    /// - Parameter helloName: this client's name; its address if `nil`.
    init(connection: Connection, settings: SMTPSettings, helloName: String?) {
        self.connection = connection
        self.settings = settings
        self.helloName = helloName ?? connection.helloName
    }

    private var timeouts: Timeouts { connection.options.timeouts }

    // MARK: The beginning

    /// Greeting, EHLO, STARTTLS as the settings say.
    ///
    /// - Parameter onGreeting: hears the greeting, for diagnosis.
    func introduce(onGreeting: ((SMTPReply) -> Void)? = nil) async throws {
        var introduction = SMTPIntroduction(
            helloName: helloName,
            isLMTP: settings.isLMTP,
            usesSTARTTLS: settings.net.security == .startTLS,
            server: connection.endpoint.description
        )
        let greeting = try await greeting()
        onGreeting?(greeting)
        var step = introduction.received(greeting)
        while true {
            switch step {
            case .send(let command):
                let word = command.prefix { $0 != " " }
                step = introduction.received(try await ask(.line(command), about: String(word)))
            case .startTLS:
                parser = SMTPReplyParser()
                try await connection.startTLS()
                step = introduction.encrypted()
            case .established(let capabilities):
                self.capabilities = capabilities
                return
            case .failed(let error):
                throw error
            }
        }
    }

    private func greeting() async throws -> SMTPReply {
        let deadline = Deadline(after: timeouts.greeting, for: "the server's greeting", key: "timeouts.reply")
        do {
            return try await reply(within: deadline)
        } catch var error as MailError where error.code == .timedOut && settings.net.security != .tls {
            // Each side waits for the other's first word: the commonest mistake in settings there is.
            error.message += "; a server that says nothing may expect TLS from the start: then use `security: tls`"
            throw error
        }
    }

    /// Sends a command that is not pipelined and brings its reply.
    func ask(_ command: WireText, about subject: String) async throws -> SMTPReply {
        try refuseSurplus(before: subject)
        connection.write(command)
        return try await reply(within: timeouts.reply(to: subject))
    }

    /// The next reply.
    func reply(within deadline: Deadline) async throws -> SMTPReply {
        shown(try await connection.next(&parser, deadline: deadline))
    }

    /// The next reply, if it has come already.
    private func replyIfReady() throws -> SMTPReply? {
        try connection.nextIfReady(&parser).map(shown)
    }

    private func shown(_ reply: SMTPReply) -> SMTPReply {
        isSigningIn && reply.code == 334 ? reply : mask.masked(reply)
    }

    private func giveUp() {
        isOver = true
        connection.abort()
    }

    /// A server that talks before it is asked has lost count, or somebody talks in its place: its replies would be
    /// taken for answers to commands that they do not belong to.
    func refuseSurplus(before subject: String) throws {
        guard connection.hasUnreadInput else { return }
        defer { giveUp() }
        if let early = try replyIfReady(), early.code == 421 {
            throw MailError(
                .unavailable,
                "the server ended the session: \(early.value); try again later",
                reply: early.value
            )
        }
        throw MailError(
            .protocolViolation,
            "the server sent a reply before \(subject), without having been asked; the connection was closed"
        )
    }

    // MARK: A message

    /// Sends one message.
    func send(_ request: SendRequest) async throws -> SendReceipt {
        let commands = SMTPCommands(
            capabilities: capabilities,
            isLMTP: settings.isLMTP,
            isEncrypted: connection.isEncrypted
        )
        let ignored = try request.options.ignored(
            fulfilled: commands.fulfilled(of: request.options),
            by: "the server \(connection.endpoint)"
        )
        let form = commands.form(for: request.envelope)
        let facts = try await request.content.facts(for: form)
        // Opened before MAIL: whatever cannot be read is told before the server has heard of the message.
        let reader = try await request.content.makeReader(for: form)
        try refuseSurplus(before: "MAIL FROM")

        let outcome = try await run(
            SMTPTransaction(try commands.request(for: request, facts: facts)),
            reader,
            facts,
            request.progress
        )
        if outcome.connection == .unusable { giveUp() }
        return try receipt(outcome, request, ignored)
    }

    /// Runs a transaction to its outcome. Whatever breaks on the way breaks the connection too.
    private func run(
        _ transaction: consuming SMTPTransaction,
        _ reader: consuming any ContentReader,
        _ facts: ContentFacts,
        _ progress: TransferProgress?
    ) async throws -> SMTPTransaction.Outcome {
        var transaction = transaction
        var reader = reader
        do {
            var step = transaction.start()
            while true {
                switch step {
                case .send(let octets):
                    try refuseSurplus(before: "the message's envelope")
                    connection.write(WireText(.plain(octets)))
                    step = transaction.received(try await reply(within: timeouts.reply(to: "the message's envelope")))
                case .wait:
                    let deadline = transaction.mayHaveBeenTaken ? finalDeadline : timeouts.reply(to: "RCPT TO")
                    step = transaction.received(try await reply(within: deadline))
                case .sendContent:
                    step = try await sendContent(&reader, facts, progress, &transaction)
                case .finished(let outcome):
                    return outcome
                }
            }
        } catch {
            giveUp()
            let outcome = transaction.connectionFailed(.onTheWay(error))
            if case .failed(let failure) = outcome.result { throw failure.error(cause: error) }
            return outcome
        }
    }

    /// Streams the message and brings the reply that follows: the final one, or an early refusal.
    private func sendContent(
        _ reader: inout any ContentReader,
        _ facts: ContentFacts,
        _ progress: TransferProgress?,
        _ transaction: inout SMTPTransaction
    ) async throws -> SMTPTransaction.Step {
        var encoder = SMTPDataEncoder()
        var piece: [UInt8] = []
        var encoded: [UInt8] = []
        var completed: UInt64 = 0
        var isComplete = false
        repeat {
            // A peer that takes everything at once never makes this task wait, where a cancellation would show.
            try Task.checkCancellation()
            piece.removeAll(keepingCapacity: true)
            isComplete = try await !reader.read(into: &piece)
            completed += UInt64(piece.count)
            piece.withUnsafeBytes { encoder.encode($0, into: &encoded) }
            if isComplete { encoder.finish(into: &encoded) }
            guard isComplete || encoded.count >= ContentChunk.preferredSize / 2 else { continue }
            if let early = try await earlyReply(waiting: isComplete) { return transaction.received(early) }
            if isComplete { transaction.contentHandedOver() }
            do {
                try await connection.writeBody(encoded)
            } catch let error as MailError where [.connectionLost, .timedOut].contains(error.code) {
                // A server that refuses in the middle of a message, and closes or stops reading, has told its reason
                // first.
                return try await lastWord(after: error, &transaction)
            }
            encoded.removeAll(keepingCapacity: true)
            progress?.report(completed: completed, total: facts.size)
        } while !isComplete
        return transaction.received(try await reply(within: finalDeadline))
    }

    /// A reply that came before the message was complete.
    ///
    /// - Parameter waiting: whether a reply of which a part has come is waited for: before the final dot, so that the
    ///   reply to the message is one that began after it.
    private func earlyReply(waiting: Bool) async throws -> SMTPReply? {
        guard connection.hasUnreadInput || parser.isInsideReply else { return nil }
        if let early = try replyIfReady() { return early }
        return waiting ? try await reply(within: timeouts.reply(to: "a part of the message")) : nil
    }

    private func lastWord(
        after error: MailError,
        _ transaction: inout SMTPTransaction
    ) async throws -> SMTPTransaction.Step {
        let deadline = Deadline(after: .seconds(2), for: "the server's last reply", key: "timeouts.reply")
        guard let reply = try? await reply(within: deadline) else { throw error }
        return transaction.received(reply)
    }

    /// Ten minutes for the reply to the final dot (RFC 5321 section 4.5.3.2.6): a server that files a large message needs
    /// them, and giving up early makes duplicates. Whoever sets another limit than the default gets exactly that.
    private var finalDeadline: Deadline {
        let limit: Duration = timeouts.reply == Timeouts().reply ? .seconds(600) : timeouts.reply
        return Deadline(after: limit, for: "the server's reply to the whole message", key: "timeouts.reply")
    }

    private func receipt(
        _ outcome: SMTPTransaction.Outcome,
        _ request: SendRequest,
        _ ignored: [String]
    ) throws -> SendReceipt {
        switch outcome.result {
        case .accepted(let reply, let recipients):
            return SendReceipt(
                kind: .acceptedByServer,
                messageID: request.messageID,
                recipients: recipients,
                reply: reply.value,
                remoteQueueID: SMTPQueueID.find(in: reply),
                ignoredOptions: ignored
            )
        case .failed(let failure):
            throw failure.error(cause: nil)
        }
    }

    // MARK: The end

    /// Says goodbye and closes. What the server answers, or does not, changes nothing: accepted is accepted.
    func quit() async {
        let limit = min(timeouts.reply, timeouts.close)
        if !isOver, !connection.isPeerClosed {
            connection.write(.line("QUIT"))
            _ = try? await reply(
                within: Deadline(after: limit, for: "the server's reply to QUIT", key: "timeouts.reply")
            )
        }
        await connection.closeGracefully()
    }
}

extension Connection {
    /// The name of this computer in EHLO: its address as a literal (RFC 5321 section 4.1.3), which is true behind every
    /// router and tells nothing about the network but that.
    var helloName: String {
        guard let address = info.localAddress else { return "[127.0.0.1]" }
        let plain = address.prefix { $0 != "%" }
        return plain.contains(":") ? "[IPv6:\(plain)]" : "[\(plain)]"
    }
}

extension MailError {
    /// Whatever broke a transaction, as a `MailError`: a source of content may throw errors of its own.
    static func onTheWay(_ error: any Error) -> MailError {
        if let error = error as? MailError { return error }
        if error is CancellationError { return MailError(.cancelled, "sending was cancelled", cause: error) }
        return MailError(
            .contentUnavailable,
            "the message cannot be read: \(PeerText.shown(String(describing: error)))",
            cause: error
        )
    }
}

extension SMTPTransaction.Failure {
    /// The failure as the error that hosts get.
    func error(cause: (any Error)?) -> MailError {
        MailError(code, message, certainty: certainty, reply: reply, recipients: recipients, cause: cause)
    }
}
