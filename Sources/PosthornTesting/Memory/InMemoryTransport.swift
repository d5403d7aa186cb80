public import Posthorn

/// A transport that keeps what it is given, for tests of programs that send.
///
/// It accepts everything until it is told otherwise with ``setAnswer(_:)``, and answers as a mail server would. The
/// option ``DeliveryNotification`` is taken (and recorded); other wishes are listed as ignored. Safe to use from
/// several tasks at once.
public final class InMemoryTransport: OutgoingTransport {
    private struct State: Sendable {
        var answers: [TransportAnswer] = []
        var standing = TransportAnswer.accepting
        var sent: [SentMessage] = []
        var attempts = 0
        var taken: UInt64 = 0
    }

    private let state = Watched(State())
    private let contentLimit: Int

    /// Creates a transport that accepts everything.
    ///
    /// - Parameter contentLimit: The most octets that one message may have; a larger one is refused for good.
    public init(contentLimit: Int = 1 << 30) {
        self.contentLimit = contentLimit
    }

    /// The messages that were taken, in the order of their acceptance.
    public var sent: [SentMessage] { state.current.sent }

    /// How often ``send(_:)`` was called, the failed calls included.
    public var attempts: Int { state.current.attempts }

    /// Says what is answered from now on.
    public func setAnswer(_ answer: TransportAnswer) {
        state.change { $0.standing = answer }
    }

    /// Says what the next calls are answered, one each; after them the answer of ``setAnswer(_:)`` holds again.
    public func setNextAnswers(_ answers: [TransportAnswer]) {
        state.change { $0.answers = answers }
    }

    /// Forgets the messages and answers.
    public func reset() {
        state.change { $0 = State() }
    }

    /// Waits until this many messages were taken since the start or the last ``reset()``.
    ///
    /// - Returns: the messages.
    /// - Throws: ``MailError`` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    @discardableResult
    public func waitForMessages(count: Int, timeout: Duration = .seconds(10)) async throws -> [SentMessage] {
        guard try await state.wait(until: { $0.sent.count >= count }, timeout: timeout) else {
            throw MailError(
                .timedOut,
                "\(count) messages were expected within \(timeout), and \(sent.count) came"
            )
        }
        return sent
    }

    /// Takes a message, or answers as it was told to.
    ///
    /// - Throws: ``MailError``: the error of ``TransportAnswer/failing(_:)``; `refused` if no recipient is accepted;
    ///   `unsupported`, `invalid-message`, `too-large`, `cancelled` and what the content throws.
    public func send(_ request: SendRequest) async throws -> SendReceipt {
        let answer = state.change { state -> TransportAnswer in
            state.attempts += 1
            return state.answers.isEmpty ? state.standing : state.answers.removeFirst()
        }
        let ignored = try request.options.ignored(fulfilled: [DeliveryNotification.self], by: "the transport in memory")
        guard !request.envelope.recipients.isEmpty else {
            throw MailError(.invalidMessage, "the message has no recipient; name at least one")
        }
        try await pause(answer.delay)
        if let failure = answer.failure, failure.certainty == .notTaken { throw failure }

        let results = request.envelope.recipients.map { Self.result(for: $0, answer) }
        try Self.requireSomebody(among: results)
        let bytes = try await read(request)
        if let failure = answer.failure { throw failure }

        let message = SentMessage(
            envelope: request.envelope,
            messageID: request.messageID,
            options: request.options,
            bytes: bytes,
            recipients: results
        )
        let number = state.change { state -> UInt64 in
            state.sent.append(message)
            state.taken &+= 1
            return state.taken
        }
        return SendReceipt(
            kind: .acceptedByServer,
            messageID: request.messageID,
            recipients: results,
            reply: ServerReply(code: 250, enhancedStatus: EnhancedStatus(2, 0, 0), text: "kept as memory-\(number)"),
            remoteQueueID: "memory-\(number)",
            ignoredOptions: ignored
        )
    }

    private func pause(_ delay: Duration) async throws {
        do {
            try Task.checkCancellation()
            if delay > .zero { try await Task.sleep(for: delay) }
        } catch {
            throw Self.cancelled()
        }
    }

    private static func result(for recipient: EmailAddress, _ answer: TransportAnswer) -> RecipientResult {
        guard let reply = answer.refusals[recipient] else {
            return RecipientResult(
                recipient,
                .accepted,
                reply: ServerReply(code: 250, enhancedStatus: EnhancedStatus(2, 1, 5), text: "Ok")
            )
        }
        return RecipientResult(recipient, reply.isTransient ? .rejectedForNow : .rejectedForGood, reply: reply)
    }

    private static func requireSomebody(among results: [RecipientResult]) throws {
        guard !results.contains(where: { $0.status == .accepted }) else { return }
        let isForGood = results.allSatisfy { $0.status == .rejectedForGood }
        throw MailError(
            .refused,
            "none of the \(results.count) recipients was accepted; nothing was sent: correct the addresses"
                + (isForGood ? "" : " or try again later"),
            certainty: isForGood ? .rejected : .notTaken,
            reply: results.first { $0.status == .rejectedForNow }?.reply ?? results.first?.reply,
            recipients: results
        )
    }

    private func read(_ request: SendRequest) async throws -> [UInt8] {
        do {
            let total = try await request.content.facts().size
            var reader = try await request.content.makeReader()
            var bytes: [UInt8] = []
            var piece: [UInt8] = []
            while try await reader.read(into: &piece) {
                try Task.checkCancellation()
                guard piece.count <= contentLimit - bytes.count else {
                    throw MailError(
                        .tooLarge,
                        "the message is larger than the \(contentLimit) octets that the transport in memory takes",
                        certainty: .rejected
                    )
                }
                bytes.append(contentsOf: piece)
                piece.removeAll(keepingCapacity: true)
                request.progress?.report(completed: UInt64(bytes.count), total: total)
            }
            try Task.checkCancellation()
            return bytes
        } catch let error as MailError {
            throw error
        } catch is CancellationError {
            throw Self.cancelled()
        } catch {
            throw MailError(
                .contentUnavailable,
                "the content of the message cannot be read; nothing was sent",
                cause: error
            )
        }
    }

    private static func cancelled() -> MailError {
        MailError(.cancelled, "sending was cancelled before the message was complete; nothing was sent")
    }
}
