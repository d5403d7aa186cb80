import Posthorn
import PosthornNet

extension SMTPSession {
    /// Up to this size a message travels behind its envelope without waiting for the replies to it, where the server takes
    /// that.
    static let inlineLimit = 64 * 1024

    /// A connection over which nothing was heard for longer may have died silently: a message is not sent in the same
    /// flight as its envelope then, because its outcome would not be known.
    static let freshness = Duration.seconds(5)

    /// After this silence the server is asked whether it is still there, before a message is begun.
    static let probedSilence = Duration.seconds(30)

    /// Whether nothing can be sent any more.
    var isDead: Bool { isOver || connection.isPeerClosed || hasUnreadInput }

    /// Whether another message may be sent later.
    var isReusable: Bool { pipeline.isEmpty && hasRoom && !isDead }

    /// Whether it was just made: what goes wrong with it then is told, and not tried again.
    private var isUntouched: Bool { transactions == 0 && !wasParked }

    private var isFresh: Bool { lastHeard.duration(to: .now) < Self.freshness }

    private var hasRoom: Bool {
        guard !isClosedToOtherDomains else { return false }
        let most = [settings.messagesPerConnection, serverLimits.transactions].compactMap { $0 }.min()
        return most.map { transactions < $0 } ?? true
    }

    /// Sends the messages of the pool's line until it is empty, or the connection is of no more use.
    ///
    /// When it returns, no message is under way.
    func serve(_ pool: SMTPPool, worker: Int) async {
        while !isOver {
            do {
                // Refilled when half of it is done: many messages then share one write.
                if pipeline.isEmpty || (pipeline.canBegin && pipeline.count <= pipeline.window / 2) {
                    try await beginMore(pool, worker)
                    if pipeline.isEmpty { return }
                }
                guard let reply = try await nextReply() else { continue }
                switch pipeline.received(reply) {
                case .wait: break
                case .finished(let outcome) where outcome.connection != .unusable: finished(outcome, pool)
                case .sendContent: try await sendContent(pool)
                case let step: try await take(step, pool)
                }
            } catch {
                broke(.onTheWay(error), pool)
            }
        }
    }

    /// Begins as many messages as may be under way.
    private func beginMore(_ pool: SMTPPool, _ worker: Int) async throws {
        while !isOver, pipeline.canBegin, hasRoom {
            switch pool.nextTurn(of: worker) {
            case .nothing: return
            case .wait(let instant):
                // Replies that are due are taken meanwhile.
                guard pipeline.isEmpty else { return }
                try? await Task.sleep(until: instant, clock: .continuous)
            case .send(let delivery):
                if pipeline.isEmpty, !isUntouched, await !isAlive() {
                    giveUp()
                    return pool.putBack([delivery])
                }
                if !domains.isEmpty, envelope(of: delivery).recipients.isEmpty {
                    isClosedToOtherDomains = true
                    return pool.putBack([delivery])
                }
                try await begin(delivery)
            }
        }
    }

    /// Whether the server is still there, as far as can be known without sending a message.
    private func isAlive() async -> Bool {
        guard !isDead else { return false }
        guard lastHeard.duration(to: .now) > Self.probedSilence else { return true }
        connection.write(.line("RSET"))
        let limit = min(timeouts.reply, .seconds(10))
        let deadline = Deadline(after: limit, for: "a sign of life", key: "timeouts.reply")
        return (try? await reply(within: deadline))?.code == 250
    }

    // MARK: The beginning of a message

    private func begin(_ delivery: SMTPDelivery) async throws {
        guard delivery.begin(on: line) else { return }
        if pipeline.isEmpty { connection.restartTotal() }
        let message: (underWay: SMTPUnderWay, request: SMTPTransaction.Request)
        do {
            if let ready = try delivery.request.content.readyOctets(), ready.count <= Self.inlineLimit {
                message = try prepare(delivery, ready)
            } else {
                message = try await elsewhere(delivery) { try await prepare(delivery) }
            }
            if pipeline.isEmpty { try refuseSurplus(before: "MAIL FROM") }
        } catch {
            // The server has not heard of this message.
            return delivery.settle(.failure(.onTheWay(error)))
        }
        var underWay = message.underWay
        guard case .inline = message.request.carriage, let body = underWay.body else {
            transactions += 1
            note(underWay.recipients)
            self.underWay.append(underWay)
            return connection.write(pipeline.begin(message.request))
        }
        guard delivery.commit() else { return }
        transactions += 1
        note(underWay.recipients)
        underWay.body = nil
        self.underWay.append(underWay)
        connection.write(pipeline.begin(message.request))
        pipeline.contentHandedOver()
        try await connection.writeBody(body.encoded)
        delivery.request.progress?.report(completed: body.completed, total: underWay.size)
    }

    /// Reads what must be known of a message, and its beginning, and writes its commands.
    private func prepare(_ delivery: SMTPDelivery) async throws -> (SMTPUnderWay, SMTPTransaction.Request) {
        // First what needs no reading.
        let ignored = try ignoredOptions(of: delivery.request)
        let envelope = envelope(of: delivery)
        let form = commands.form(for: envelope, delivery.request.options)
        let facts = try await delivery.request.content.facts(for: form)
        // Opened before MAIL: whatever cannot be read is told before the server has heard of the message.
        let reader = try await delivery.request.content.makeReader(for: form)
        var body = SMTPBody(reader, isBinary: facts.transfer == .binary, stuffsDots: !capabilities.hasChunking)
        try await body.fill(Self.inlineLimit + 1, for: delivery)
        return try prepare(delivery, envelope, facts, body, ignored)
    }

    /// Likewise, for a small message in memory.
    private func prepare(
        _ delivery: SMTPDelivery,
        _ ready: ReadyOctets
    ) throws -> (SMTPUnderWay, SMTPTransaction.Request) {
        let ignored = try ignoredOptions(of: delivery.request)
        let isBinary = ready.facts.transfer == .binary
        let body = try SMTPBody(ready, isBinary: isBinary, stuffsDots: !capabilities.hasChunking)
        return try prepare(delivery, envelope(of: delivery), ready.facts, body, ignored)
    }

    private func prepare(
        _ delivery: SMTPDelivery,
        _ envelope: Envelope,
        _ facts: ContentFacts,
        _ body: SMTPBody,
        _ ignored: [String]
    ) throws -> (SMTPUnderWay, SMTPTransaction.Request) {
        var transaction = try commands.request(for: envelope, delivery.request.options, facts)
        if capabilities.hasChunking { transaction.carriage = carriage(of: body, transaction) }
        let underWay = SMTPUnderWay(
            delivery: delivery,
            body: body,
            ignored: ignored,
            size: facts.size,
            recipients: envelope.recipients,
            isFirst: isUntouched
        )
        return (underWay, transaction)
    }

    /// The wishes that this server does not fulfil; a requirement that it does not is an error.
    private func ignoredOptions(of request: SendRequest) throws -> [String] {
        guard !request.options.isEmpty else { return [] }
        return try request.options.ignored(
            fulfilled: commands.fulfilled(of: request.options),
            by: "the server \(connection.endpoint)"
        )
    }

    private var commands: SMTPCommands {
        SMTPCommands(capabilities: capabilities, isLMTP: settings.isLMTP, isEncrypted: connection.isEncrypted)
    }

    /// Remembers the domains that count for RCPTDOMAINMAX, which is one of the whole session (RFC 9422 section 4.3).
    private func note(_ recipients: [EmailAddress]) {
        guard serverLimits.domains != nil else { return }
        for recipient in recipients { domains.insert(recipient.domain.lowercased()) }
    }

    /// The recipients of the next transaction: as many as the server takes at a time (RFC 9422). None, if all of them are
    /// of domains that it does not take in this session any more.
    private func envelope(of delivery: SMTPDelivery) -> Envelope {
        let open = delivery.openRecipients
        guard serverLimits.recipients != nil || serverLimits.domains != nil else {
            return open.count == delivery.request.envelope.recipients.count
                ? delivery.request.envelope : Envelope(sender: delivery.request.envelope.sender, recipients: open)
        }
        var domains = domains
        var taken: [EmailAddress] = []
        for address in open {
            guard taken.count < serverLimits.recipients ?? .max else { break }
            let domain = address.domain.lowercased()
            guard domains.contains(domain) || domains.count < serverLimits.domains ?? .max else { continue }
            domains.insert(domain)
            taken.append(address)
        }
        return Envelope(sender: delivery.request.envelope.sender, recipients: taken)
    }

    private func carriage(of body: SMTPBody, _ request: SMTPTransaction.Request) -> SMTPTransaction.Carriage {
        let isSmall =
            body.isComplete && body.encoded.count <= Self.inlineLimit
            && request.commands.count < SMTPTransaction.flightLimit / 2
        // LMTP: how many replies follow is known only when the envelope is answered.
        guard isSmall, request.isPipelined, !request.isLMTP, isFresh else {
            return .chunks
        }
        return .inline(octets: body.encoded.count)
    }

    /// Reads files and the like on another thread: this one moves the octets of other connections, too.
    func elsewhere<Result>(_ delivery: SMTPDelivery, _ body: () async throws -> Result) async throws -> Result {
        if delivery.request.content.isInMemory { return try await body() }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await body() }
    }

    // MARK: Replies

    /// The next reply; `nil` if something has come and none is complete.
    private func nextReply() async throws -> SMTPReply? {
        if let reply = try parseNext() {
            waitLimit = nil
            return reply
        }
        // For the whole reply, however many pieces it comes in.
        let limit = waitLimit ?? replyDeadline
        waitLimit = limit
        try await receiveMore(limit)
        return nil
    }

    private var replyDeadline: Deadline {
        if pipeline.hasLastWord {
            let limit = min(timeouts.reply, .seconds(30))
            return Deadline(after: limit, for: "the end of the connection after 421", key: "timeouts.reply")
        }
        return pipeline.awaitsFinalReply ? finalDeadline : timeouts.reply(to: "the message's envelope")
    }

    /// Ten minutes for the reply to the end of the message (RFC 5321 section 4.5.3.2.6): a server that files a large
    /// message needs them, and giving up early makes duplicates. Whoever sets another limit than the default gets exactly
    /// that.
    private var finalDeadline: Deadline {
        let limit: Duration = timeouts.reply == Timeouts().reply ? .seconds(600) : timeouts.reply
        return Deadline(after: limit, for: "the server's reply to the whole message", key: "timeouts.reply")
    }

    /// Does what the engine wants.
    func take(_ step: SMTPPipeline.Step, _ pool: SMTPPool) async throws {
        switch step {
        case .send(let octets):
            // A step is sent when all replies to the one before have come.
            try refuseSurplus(before: "the message's envelope")
            connection.write(octets)
        case .sendContent: try await sendContent(pool)
        case .wait: break
        case .finished(let outcome):
            if pipeline.hasLastWord, pipeline.count > 0, await !hangsUp() { pipeline.doubtLastWord() }
            finished(outcome, pool)
        case .surplus(let reply): throw surplus(reply, before: "the next message")
        }
    }

    /// Whether the server ends the connection after 421, as RFC 5321 section 3.8 says, and carries out nothing of what it
    /// has got. Some say 421 to every command until the client goes.
    private func hangsUp() async -> Bool {
        let limit = min(timeouts.reply, .seconds(2))
        let deadline = Deadline(after: limit, for: "the end of the connection", key: "timeouts.reply")
        do {
            while try await reply(within: deadline).code == 421 {}
            return false
        } catch {
            return MailError.onTheWay(error).code == .connectionLost
        }
    }

    // MARK: Outcomes

    /// The message in front has its outcome.
    func finished(_ outcome: SMTPTransaction.Outcome, _ pool: SMTPPool) {
        guard !underWay.isEmpty else { return }
        connection.restartTotal()
        let message = underWay.removeFirst()
        let isEnding = outcome.connection == .unusable
        // Whatever ends the session is the fault of nobody but the one in front.
        var again = resolve(message, outcome, isBlameless: false) ? [message.delivery] : []
        if isEnding {
            giveUp()
            let error = MailError(
                .connectionLost,
                "the connection to the SMTP server \(connection.endpoint) ended because of the message before; try again later"
            )
            again += endOthers(error)
        }
        pool.putBack(again)
    }

    /// The connection broke, or is of no more use.
    func broke(_ error: MailError, _ pool: SMTPPool) {
        giveUp()
        var again: [SMTPDelivery] = []
        for (place, outcome) in pipeline.connectionFailed(error).enumerated() where !underWay.isEmpty {
            let message = underWay.removeFirst()
            if resolve(message, outcome, isBlameless: place > 0, cause: error) { again.append(message.delivery) }
        }
        pool.putBack(again)
    }

    private func endOthers(_ error: MailError) -> [SMTPDelivery] {
        pipeline.connectionFailed(error).compactMap { outcome in
            guard !underWay.isEmpty else { return nil }
            let message = underWay.removeFirst()
            return resolve(message, outcome, isBlameless: true) ? message.delivery : nil
        }
    }

    /// Tells the outcome, or makes the message wait again.
    ///
    /// - Parameter isBlameless: whether the connection ended because of another message.
    /// - Returns: whether the message waits again.
    private func resolve(
        _ message: SMTPUnderWay,
        _ outcome: SMTPTransaction.Outcome,
        isBlameless: Bool,
        cause: MailError? = nil
    ) -> Bool {
        let delivery = message.delivery
        switch outcome.result {
        case .accepted(let reply, let recipients):
            let receipt = SendReceipt(
                kind: .acceptedByServer,
                messageID: delivery.request.messageID,
                recipients: recipients,
                reply: recipients.first { $0.status == .accepted }?.reply ?? reply.value,
                remoteQueueID: SMTPQueueID.find(in: reply),
                ignoredOptions: message.ignored
            )
            let others = recipients.count > 1 ? Self.tooMany(recipients) : []
            let isAll = others.isEmpty && recipients.count == delivery.request.envelope.recipients.count
            if !isAll, goesOn(delivery, recipients, receipt, leaving: others) { return true }
            delivery.settle(.success(receipt))
        case .failed(let failure):
            let isRefusedByAll = failure.reply != nil && failure.recipients.count == message.recipients.count
            if isRefusedByAll, failure.recipients.allSatisfy({ $0.reply != nil }),
                goesOn(delivery, failure.recipients, nil, leaving: [])
            {
                return true
            }
            if mayTryAgain(message, failure, isBlameless: isBlameless), delivery.waitAgain() { return true }
            delivery.settle(.failure(failure.error(cause: cause)))
        }
        return false
    }

    /// Whether another transaction follows for recipients that are left.
    private func goesOn(
        _ delivery: SMTPDelivery,
        _ outcomes: [RecipientResult],
        _ receipt: SendReceipt?,
        leaving others: Set<EmailAddress>
    ) -> Bool {
        guard delivery.request.content.isReplayable else { return false }
        return delivery.keep(outcomes, receipt, leaving: others) && delivery.waitAgain()
    }

    /// The recipients that the server wants in another transaction (RFC 5321 section 4.5.3.1.10).
    private static func tooMany(_ recipients: [RecipientResult]) -> Set<EmailAddress> {
        let refused = recipients.filter { result in
            guard let reply = result.reply, reply.code == 452, result.status == .rejectedForNow else { return false }
            return reply.enhancedStatus.map { $0.subject == 5 && $0.detail == 3 } ?? true
        }
        return Set(refused.map(\.address))
    }

    /// Whether a message that was certainly not taken goes over another connection: because it shared this one with another
    /// that ended it, or because a connection that had been kept had ended meanwhile.
    private func mayTryAgain(
        _ message: SMTPUnderWay,
        _ failure: SMTPTransaction.Failure,
        isBlameless: Bool
    ) -> Bool {
        guard failure.certainty == .notTaken, message.delivery.request.content.isReplayable else { return false }
        if isBlameless { return failure.reply == nil || failure.reply?.code == 421 }
        return !message.isFirst && (failure.code == .connectionLost || failure.reply?.code == 421)
    }
}
