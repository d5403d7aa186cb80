import Posthorn
import PosthornNet

extension SMTPSession {
    /// Sends the message of the transaction in front, whose envelope the server has taken.
    func sendContent(_ pool: SMTPPool) async throws {
        guard let message = underWay.first, let body = message.body else { return }
        underWay[0].body = nil
        try await send(body, of: message, pool)
    }

    /// Streams the message: as it is read, nothing is kept.
    private func send(_ body: consuming SMTPBody, of message: SMTPUnderWay, _ pool: SMTPPool) async throws {
        var body = body
        let delivery = message.delivery
        while true {
            do {
                try await elsewhere(delivery) { try await body.fill(ContentChunk.preferredSize / 2, for: delivery) }
            } catch {
                return contentFailed(.onTheWay(error), pool)
            }
            if try await takeEarlyReplies(isLast: body.isComplete, pool) { return }
            guard body.isComplete ? delivery.commit() : !delivery.isSettled else {
                return contentFailed(MailError(.cancelled, "nobody waits for the message any more"), pool)
            }
            if body.isComplete { pipeline.contentHandedOver() } else { pipeline.chunkSent() }
            do {
                if pipeline.isFrontChunked {
                    connection.write(
                        SMTPTransaction.chunkCommand(octets: body.encoded.count, isLast: body.isComplete)
                    )
                }
                try await connection.writeBody(body.encoded)
            } catch let error as MailError where [.connectionLost, .timedOut].contains(error.code) {
                // A server that refuses in the middle of a message, and closes or stops reading, has told its reason
                // first.
                return try await takeLastWord(after: error, pool)
            }
            body.encoded.removeAll(keepingCapacity: true)
            delivery.request.progress?.report(completed: body.completed, total: message.size)
            if body.isComplete { return }
        }
    }

    private func contentFailed(_ error: MailError, _ pool: SMTPPool) {
        guard let outcome = pipeline.contentFailed(error) else { return }
        finished(outcome, pool)
    }

    /// Takes the replies that came before the message was complete.
    ///
    /// - Parameter isLast: whether the end of the message comes next. A reply of which a part has come is waited for then,
    ///   so that the reply to the message is one that began after it.
    /// - Returns: whether no more of the message shall be sent.
    private func takeEarlyReplies(isLast: Bool, _ pool: SMTPPool) async throws -> Bool {
        while hasUnreadInput || isInsideReply {
            let reply: SMTPReply
            if let early = try replyIfReady() {
                reply = early
            } else if isLast {
                reply = try await self.reply(within: timeouts.reply(to: "a part of the message"))
            } else {
                break
            }
            let step = pipeline.received(reply)
            if case .wait = step { continue }
            try await take(step, pool)
            return true
        }
        return pipeline.isFrontRefused
    }

    private func takeLastWord(after error: MailError, _ pool: SMTPPool) async throws {
        let deadline = Deadline(after: .seconds(2), for: "the server's last reply", key: "timeouts.reply")
        while true {
            guard let reply = try? await reply(within: deadline) else { throw error }
            let step = pipeline.received(reply)
            if case .wait = step { continue }
            return try await take(step, pool)
        }
    }
}
