import Posthorn

/// One mail transaction (RFC 5321 section 3.3): MAIL, RCPT, DATA or BDAT, the message, and the replies to them. No I/O:
/// replies in, steps out.
///
/// Every reply is checked on its own, pipelined or not (RFC 2920 section 3.1), so that a refused recipient never leads
/// to an empty or a doubled message. The certainty of each failure follows from where it happened: before the end of the
/// message was handed over nobody can have it, after that only a complete reply tells.
struct SMTPTransaction {
    private enum State: Equatable {
        case idle, reset, mail, recipient(Int), data, content, final(Int), ended
    }

    /// The most octets of pipelined commands whose replies are not awaited (RFC 2920 section 3.1): more could fill the
    /// buffers in both directions until neither side can go on.
    static let flightLimit = 64 * 1024

    let request: Request
    private var state = State.idle
    var mailFailure: SMTPReply?
    var results: [RecipientResult] = []
    private var acceptedIndexes: [Int] = []
    private var lastFinalReply: SMTPReply?
    private(set) var isServerClosing = false
    /// The first recipient whose command has not been sent.
    private var nextUnsent = 0
    /// Whether the end of the message was handed over.
    private var isHandedOver = false
    /// Chunks before the last one whose replies have not come.
    private var openChunks = 0
    /// What the server answered to the first chunk that it did not take.
    private var refusedChunk: SMTPReply?

    init(_ request: Request) {
        self.request = request
    }

    /// Whether the end of the message has been handed over and somebody may have taken it.
    var mayHaveBeenTaken: Bool {
        guard isHandedOver, state != .ended, mailFailure == nil else { return false }
        // With the envelope answered and nobody accepted, the server has nobody to take it for.
        if case .final = state { return !acceptedIndexes.isEmpty }
        return true
    }

    /// Whether nothing is left to be sent, so that another transaction may follow in the same flight.
    var isCompletelySent: Bool { isHandedOver }

    /// Whether the next reply is one to the whole message, for which servers take their time.
    var awaitsFinalReply: Bool { if case .final = state { true } else { false } }

    /// Begins.
    mutating func start() -> Step {
        var flight: [UInt8] = []
        if request.resetsFirst { flight += Self.resetCommand }
        state = request.resetsFirst ? .reset : .mail
        if request.resetsFirst, !request.isPipelined { return .send(flight) }
        guard request.isPipelined else { return .send(flight + request.commands(0..<1)) }
        addFlight(to: &flight, from: 0)
        return .send(flight)
    }

    /// As many recipients as fit, and the command for the message behind the last one.
    ///
    /// - Parameter first: the command to begin with, MAIL being number 0.
    private mutating func addFlight(to flight: inout [UInt8], from first: Int) {
        let start = first > 0 ? request.ends[first - 1] : 0
        var end = first
        while end < request.ends.count, end == first || request.ends[end] - start < Self.flightLimit { end += 1 }
        flight.reserveCapacity(flight.count + request.commands.count - start + 32)
        flight += request.commands(first..<end)
        nextUnsent = end - 1
        guard nextUnsent == request.recipients.count else { return }
        switch request.carriage {
        case .data: flight += Self.dataCommand
        case .chunks: break
        case .inline(let octets): flight += Self.chunkCommand(octets: octets, isLast: true)
        }
    }

    /// `BDAT 4711 LAST` with its line end (RFC 3030 section 2).
    static func chunkCommand(octets: Int, isLast: Bool) -> [UInt8] {
        Array((isLast ? "BDAT \(octets) LAST\r\n" : "BDAT \(octets)\r\n").utf8)
    }

    /// Takes the next reply.
    mutating func received(_ reply: SMTPReply) -> Step {
        if reply.code == 421 {
            isServerClosing = true
            // The server goes away (RFC 5321 section 3.8): what follows is the end of the connection.
            switch state {
            case .recipient where mailFailure != nil, .data where mailFailure != nil, .final where mailFailure != nil:
                return finishWithoutData(connection: .unusable)
            // The message is on its way already, and a server that says 421 and goes on all the same may take it for
            // those recipients that it has accepted: the end of the connection or the further replies tell.
            case .reset where isHandedOver:
                state = .mail
                return .wait
            case .recipient where isHandedOver: break
            case .reset, .mail, .recipient, .data: return fail(refusal(reply, of: "to go on with the session"))
            default: break
            }
        }
        switch state {
        case .idle, .ended: return failUnexpectedly(reply, after: "nothing")
        case .reset: return receivedReset(reply)
        case .mail: return receivedMail(reply)
        case .recipient(let index): return receivedRecipient(reply, index)
        case .data: return receivedData(reply)
        case .content: return receivedEarly(reply)
        case .final(let index): return receivedFinal(reply, index)
        }
    }

    /// The last octets of the message are about to be handed to the connection: from now on it may have been taken.
    mutating func contentHandedOver() {
        isHandedOver = true
        if state == .content { state = .final(0) }
    }

    /// A chunk that is not the last one was handed over: a reply to it will come.
    mutating func chunkSent() {
        openChunks += 1
    }

    /// The message cannot be sent to its end, because its source failed or nobody wants it any more.
    ///
    /// Before its first octet has left, and with chunks at any time, RSET helps; after DATA only the end of the connection
    /// does.
    mutating func contentFailed(_ error: MailError) -> Outcome {
        let isCleanable = request.carriage == .chunks && openChunks == 0 && state == .content
        state = .ended
        let failure = Failure(code: error.code, certainty: .notTaken, message: error.message, reply: error.reply)
        return Outcome(result: .failed(failure), connection: isCleanable ? .needsReset : .unusable)
    }

    /// The connection failed: gives the end of the whole transaction.
    ///
    /// Over LMTP some recipients may be settled already; if one of them was accepted, that is a success with others
    /// whose outcome is not known.
    mutating func connectionFailed(_ error: MailError) -> Outcome {
        if isHandedOver, let refusal = knownRefusal {
            state = .ended
            return Outcome(result: .failed(refusal), connection: .unusable)
        }
        guard mayHaveBeenTaken else {
            state = .ended
            let failure = Failure(code: error.code, certainty: .notTaken, message: error.message, reply: error.reply)
            return Outcome(result: .failed(failure), connection: .unusable)
        }
        // The advice of the cause ("try again later") would be wrong here, except which limit may be raised.
        let isAboutTime = error.code == .timedOut
        let sentence = error.message.split(separator: "; ", maxSplits: 1).first.map(String.init)
        let cause = isAboutTime ? error.message : sentence ?? error.message
        return endUnknown(
            error.code == .cancelled ? .cancelled : .outcomeUnknown,
            "the whole message was sent, but the server's answer did not come (\(cause)); it may have been delivered or "
                + "not: look for it at the recipient or in the server's log before you send it again"
        )
    }

    /// The server ended the session with 421 before it came to this transaction: it carries out nothing any more
    /// (RFC 5321 section 3.8), whatever of it is on its way.
    ///
    /// Over LMTP the 421 may stand among the replies to a message that one recipient has already: the others' are in
    /// doubt then.
    mutating func sessionEnded(_ reply: SMTPReply) -> Outcome {
        if lastFinalReply != nil {
            return endUnknown(.outcomeUnknown, "the server ended the session: \(reply.value)")
        }
        state = .ended
        return Outcome(result: .failed(refusal(reply, of: "to go on with the session")), connection: .unusable)
    }

    /// A refusal that the outcome rests on, though further replies were due.
    private var knownRefusal: Failure? {
        if let mailFailure { return refusal(mailFailure, of: "the sender") }
        if let refusedChunk { return refusal(refusedChunk, of: "the message") }
        guard awaitsFinalReply, acceptedIndexes.isEmpty else { return nil }
        return refusedByAll()
    }

    /// The message may have been taken by those recipients that are not settled.
    private mutating func endUnknown(_ code: MailError.Code, _ message: String) -> Outcome {
        state = .ended
        settleOpenRecipients(as: .unknown)
        for recipient in request.recipients.dropFirst(results.count) {
            results.append(RecipientResult(recipient, .unknown))
        }
        if let taken = lastFinalReply {
            return Outcome(result: .accepted(reply: taken, recipients: results), connection: .unusable)
        }
        let failure = Failure(code: code, certainty: .unknown, message: message, reply: nil, recipients: results)
        return Outcome(result: .failed(failure), connection: .unusable)
    }

    // MARK: Replies in order

    private mutating func receivedReset(_ reply: SMTPReply) -> Step {
        // RFC 5321 section 4.1.1.5 allows nothing but 250. Without it, nobody knows what the next commands add to.
        guard reply.code == 250 else { return failUnexpectedly(reply, after: "RSET") }
        state = .mail
        return request.isPipelined ? .wait : .send(Array(request.commands(0..<1)))
    }

    private mutating func receivedMail(_ reply: SMTPReply) -> Step {
        if !reply.isPositive {
            guard reply.isTransient || reply.isPermanent else { return failUnexpectedly(reply, after: "MAIL FROM") }
            mailFailure = reply
            guard request.isPipelined else { return finishWithoutData(connection: .clean) }
        }
        state = .recipient(0)
        return nextRecipient(0)
    }

    private mutating func nextRecipient(_ index: Int) -> Step {
        if index < request.recipients.count {
            state = .recipient(index)
            guard request.isPipelined else { return .send(Array(request.commands(index + 1..<index + 2))) }
            guard index == nextUnsent else { return .wait }
            // The next flight. After a refused sender there is none.
            guard mailFailure == nil else { return finishWithoutData(connection: .needsReset) }
            var flight: [UInt8] = []
            addFlight(to: &flight, from: nextUnsent + 1)
            return .send(flight)
        }
        switch request.carriage {
        case .data:
            state = .data
            if request.isPipelined { return .wait }
            return acceptedIndexes.isEmpty ? finishWithoutData(connection: .needsReset) : .send(Self.dataCommand)
        case .chunks:
            guard mailFailure == nil, !acceptedIndexes.isEmpty else {
                return finishWithoutData(connection: .needsReset)
            }
            state = .content
            return .sendContent
        case .inline:
            state = .final(0)
            return .wait
        }
    }

    private mutating func receivedRecipient(_ reply: SMTPReply, _ index: Int) -> Step {
        let address = request.recipients[index]
        if reply.isPositive {
            // The final reply decides; until then the recipient has nothing.
            results.append(RecipientResult(address, .notTaken))
            acceptedIndexes.append(index)
        } else if reply.isTransient {
            results.append(RecipientResult(address, .rejectedForNow, reply: reply.value))
        } else if reply.isPermanent {
            results.append(RecipientResult(address, .rejectedForGood, reply: reply.value))
        } else {
            return failUnexpectedly(reply, after: "RCPT TO")
        }
        return nextRecipient(index + 1)
    }

    private mutating func receivedData(_ reply: SMTPReply) -> Step {
        if reply.code == 354 {
            // The server waits for a message that must not be sent: only the end of the connection is safe. A lone dot,
            // which RFC 2920 section 3.1 suggests, would deliver an empty message on servers that lost count.
            guard mailFailure == nil, !acceptedIndexes.isEmpty else { return finishWithoutData(connection: .unusable) }
            state = .content
            return .sendContent
        }
        guard reply.isTransient || reply.isPermanent else { return failUnexpectedly(reply, after: "DATA") }
        guard mailFailure == nil, !acceptedIndexes.isEmpty else { return finishWithoutData(connection: .needsReset) }
        return fail(refusal(reply, of: "the message"), connection: .needsReset)
    }

    /// A reply before the message was complete.
    private mutating func receivedEarly(_ reply: SMTPReply) -> Step {
        guard request.carriage != .data else {
            guard reply.isTransient || reply.isPermanent else {
                return failUnexpectedly(reply, after: "a part of the message")
            }
            return fail(refusal(reply, of: "the message, before it was complete"), connection: .unusable)
        }
        guard openChunks > 0 else { return failUnexpectedly(reply, after: "a part of the message") }
        openChunks -= 1
        if reply.isPositive { return refusedChunk == nil ? .wait : endRefusedChunks() }
        guard reply.isTransient || reply.isPermanent else { return failUnexpectedly(reply, after: "BDAT") }
        if refusedChunk == nil { refusedChunk = reply }
        return endRefusedChunks()
    }

    /// After a chunk was refused no more are sent, and the replies to those on their way are awaited, so that the
    /// connection stays of use.
    private mutating func endRefusedChunks() -> Step {
        guard let refusedChunk, openChunks == 0 || isServerClosing else { return .wait }
        return fail(refusal(refusedChunk, of: "the message, before it was complete"), connection: .needsReset)
    }

    /// Whether the server has refused a part of the message, so that no more of it shall be sent.
    var isRefused: Bool { refusedChunk != nil }

    private mutating func receivedFinal(_ reply: SMTPReply, _ index: Int) -> Step {
        guard reply.isPositive || reply.isTransient || reply.isPermanent else {
            return failUnexpectedly(reply, after: "the end of the message")
        }
        if openChunks > 0 {
            openChunks -= 1
            if !reply.isPositive, refusedChunk == nil { refusedChunk = reply }
            return isServerClosing ? fail(refusal(reply, of: "the message"), connection: .unusable) : .wait
        }
        if mailFailure != nil || acceptedIndexes.isEmpty {
            // Only BDAT in the same flight comes here. Who takes a message for nobody has lost count.
            return finishWithoutData(connection: reply.isPositive ? .unusable : .needsReset)
        }
        if let refusedChunk {
            guard !reply.isPositive else { return failUnexpectedly(reply, after: "a message that it had refused") }
            return fail(refusal(refusedChunk, of: "the message"), connection: .needsReset)
        }
        // RFC 3030 section 2: after a refused BDAT, only RSET makes the state certain.
        let refused: Outcome.ConnectionState = request.carriage == .data ? .clean : .needsReset
        guard request.isLMTP else {
            guard reply.isPositive else { return fail(refusal(reply, of: "the message"), connection: refused) }
            settle(acceptedIndexes[...], as: .accepted, reply)
            return finishAccepted(reply)
        }
        // LMTP: one reply for each accepted recipient, in the order of RCPT.
        settle(acceptedIndexes[index...index], as: Self.status(of: reply), reply)
        if reply.isPositive { lastFinalReply = reply }
        guard index + 1 == acceptedIndexes.count else {
            state = .final(index + 1)
            return .wait
        }
        if let taken = lastFinalReply { return finishAccepted(taken) }
        return fail(refusedByAll(), connection: refused)
    }

    private static func status(of reply: SMTPReply) -> RecipientResult.Status {
        reply.isPositive ? .accepted : reply.isTransient ? .rejectedForNow : .rejectedForGood
    }

    // MARK: Ends

    private mutating func settle(_ indexes: ArraySlice<Int>, as status: RecipientResult.Status, _ reply: SMTPReply) {
        let value = reply.value
        for index in indexes {
            results[index].status = status
            results[index].reply = value
        }
    }

    private mutating func settleOpenRecipients(as status: RecipientResult.Status) {
        for index in results.indices where results[index].status == .notTaken { results[index].status = status }
    }

    private mutating func finishAccepted(_ reply: SMTPReply) -> Step {
        state = .ended
        return .finished(
            Outcome(
                result: .accepted(reply: reply, recipients: results),
                connection: isServerClosing ? .unusable : .clean
            )
        )
    }

    /// Nothing can be sent: the sender or every recipient was refused.
    private mutating func finishWithoutData(connection: Outcome.ConnectionState) -> Step {
        if let mailFailure {
            return fail(refusal(mailFailure, of: "the sender"), connection: connection)
        }
        return fail(refusedByAll(), connection: connection)
    }

    /// A reply that the protocol does not allow there: the connection cannot be used any more.
    private mutating func failUnexpectedly(_ reply: SMTPReply, after what: String) -> Step {
        let failure = unexpected(reply, after: what)
        guard mayHaveBeenTaken else { return fail(failure) }
        return .finished(endUnknown(awaitsFinalReply ? .outcomeUnknown : failure.code, failure.message))
    }

    private mutating func fail(_ failure: Failure, connection: Outcome.ConnectionState = .unusable) -> Step {
        state = .ended
        return .finished(
            Outcome(result: .failed(failure), connection: isServerClosing ? .unusable : connection)
        )
    }

    private static let dataCommand = Array("DATA\r\n".utf8)
    private static let resetCommand = Array("RSET\r\n".utf8)
}
