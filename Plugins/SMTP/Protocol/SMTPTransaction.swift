import Posthorn

/// One mail transaction (RFC 5321 section 3.3): MAIL, RCPT, DATA, the message, and the replies to them. No I/O: replies
/// in, steps out.
///
/// Every reply is checked on its own, pipelined or not (RFC 2920 section 3.1), so that a refused recipient never leads
/// to an empty or a doubled message. The certainty of each failure follows from where it happened: before the final
/// dot was handed over nobody can have the message, after it only a complete reply tells.
struct SMTPTransaction {
    /// What is to be done next.
    enum Step: Equatable {
        /// Send these octets, then bring the replies.
        case send([UInt8])
        /// Send the encoded message with its final dot, call ``contentHandedOver()``, then bring the replies.
        case sendContent
        /// Bring another reply.
        case wait
        /// The transaction is over.
        case finished(Outcome)
    }

    /// How a transaction ended.
    struct Outcome: Equatable {
        /// The results, or the failure.
        var result: Result
        /// What must be done with the connection.
        var connection: ConnectionState

        enum Result: Equatable {
            case accepted(reply: SMTPReply, recipients: [RecipientResult])
            case failed(Failure)
        }
        enum ConnectionState: Equatable {
            /// The next transaction may begin.
            case clean
            /// RSET is needed before the next transaction.
            case needsReset
            /// Nothing more can be sent on it.
            case unusable
        }
    }

    /// Why a transaction failed, as values.
    struct Failure: Equatable {
        var code: MailError.Code
        var certainty: DeliveryCertainty
        var message: String
        var reply: ServerReply?
        var recipients: [RecipientResult] = []
    }

    /// What is sent, prepared for the wire.
    struct Request: Equatable {
        /// The MAIL line without CRLF.
        var mailCommand: [UInt8]
        /// Each recipient with its RCPT line without CRLF.
        var recipients: [(address: EmailAddress, command: [UInt8])]
        /// Whether the server takes MAIL, RCPT and DATA in one flight.
        var isPipelined: Bool
        /// LMTP: one final reply per accepted recipient (RFC 2033 section 4.2).
        var isLMTP: Bool

        static func == (left: Request, right: Request) -> Bool {
            left.mailCommand == right.mailCommand && left.isPipelined == right.isPipelined
                && left.isLMTP == right.isLMTP
                && left.recipients.elementsEqual(right.recipients) { $0 == $1 }
        }
    }

    private enum State: Equatable {
        case idle, mail, recipient(Int), data, content, final(Int), ended
    }

    /// The most octets of pipelined commands whose replies are not awaited (RFC 2920 section 3.1): more could fill the
    /// buffers in both directions until neither side can go on.
    static let flightLimit = 64 * 1024

    private let request: Request
    private var state = State.idle
    private var mailFailure: SMTPReply?
    private var results: [RecipientResult] = []
    private var acceptedIndexes: [Int] = []
    private var lastFinalReply: SMTPReply?
    private var isServerClosing = false
    /// The first recipient whose command has not been sent.
    private var nextUnsent = 0

    init(_ request: Request) {
        self.request = request
    }

    /// Whether octets of the message's end have been handed over, so that it may have been taken.
    var mayHaveBeenTaken: Bool {
        if case .final = state { true } else { false }
    }

    /// Begins.
    mutating func start() -> Step {
        state = .mail
        guard request.isPipelined else { return .send(request.mailCommand + Self.lineEnd) }
        return .send(nextFlight(request.mailCommand + Self.lineEnd))
    }

    /// As many recipients as fit, and DATA behind the last one.
    private mutating func nextFlight(_ beginning: [UInt8] = []) -> [UInt8] {
        var flight = beginning
        while nextUnsent < request.recipients.count {
            guard flight.count < Self.flightLimit else { return flight }
            flight += request.recipients[nextUnsent].command
            flight += Self.lineEnd
            nextUnsent += 1
        }
        return flight + Self.dataCommand
    }

    /// Takes the next reply.
    mutating func received(_ reply: SMTPReply) -> Step {
        if reply.code == 421 {
            isServerClosing = true
            // The server goes away (RFC 5321 section 3.8): what follows is the end of the connection.
            switch state {
            case .recipient where mailFailure != nil, .data where mailFailure != nil:
                return finishWithoutData(connection: .unusable)
            case .mail, .recipient, .data: return fail(refusal(reply, of: "to go on with the session"))
            default: break
            }
        }
        switch state {
        case .idle, .ended: return fail(unexpected(reply, after: "nothing"))
        case .mail: return receivedMail(reply)
        case .recipient(let index): return receivedRecipient(reply, index)
        case .data: return receivedData(reply)
        case .content: return receivedEarly(reply)
        case .final(let index): return receivedFinal(reply, index)
        }
    }

    /// The last octets of the message, with the final dot, are about to be handed to the connection: from now on the
    /// message may have been taken.
    mutating func contentHandedOver() {
        if state == .content { state = .final(0) }
    }

    /// The connection failed: gives the end of the whole transaction.
    ///
    /// Over LMTP some recipients may be settled already; if one of them was accepted, that is a success with others
    /// whose outcome is not known.
    mutating func connectionFailed(_ error: MailError) -> Outcome {
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

    /// The message may have been taken by those recipients that are not settled.
    private mutating func endUnknown(_ code: MailError.Code, _ message: String) -> Outcome {
        state = .ended
        settleOpenRecipients(as: .unknown)
        if let taken = lastFinalReply {
            return Outcome(result: .accepted(reply: taken, recipients: results), connection: .unusable)
        }
        let failure = Failure(code: code, certainty: .unknown, message: message, reply: nil, recipients: results)
        return Outcome(result: .failed(failure), connection: .unusable)
    }

    // MARK: Replies in order

    private mutating func receivedMail(_ reply: SMTPReply) -> Step {
        if !reply.isPositive {
            guard reply.isTransient || reply.isPermanent else { return fail(unexpected(reply, after: "MAIL FROM")) }
            mailFailure = reply
            guard request.isPipelined else { return finishWithoutData(connection: .clean) }
        }
        state = .recipient(0)
        return nextRecipient(0)
    }

    private mutating func nextRecipient(_ index: Int) -> Step {
        if index < request.recipients.count {
            state = .recipient(index)
            guard request.isPipelined else { return .send(request.recipients[index].command + Self.lineEnd) }
            guard index == nextUnsent else { return .wait }
            // The next flight. After a refused sender there is none.
            return mailFailure == nil ? .send(nextFlight()) : finishWithoutData(connection: .needsReset)
        }
        state = .data
        if request.isPipelined { return .wait }
        return acceptedIndexes.isEmpty ? finishWithoutData(connection: .needsReset) : .send(Self.dataCommand)
    }

    private mutating func receivedRecipient(_ reply: SMTPReply, _ index: Int) -> Step {
        let address = request.recipients[index].address
        if reply.isPositive {
            // The final reply decides; until then the recipient has nothing.
            results.append(RecipientResult(address, .notTaken))
            acceptedIndexes.append(index)
        } else if reply.isTransient {
            results.append(RecipientResult(address, .rejectedForNow, reply: reply.value))
        } else if reply.isPermanent {
            results.append(RecipientResult(address, .rejectedForGood, reply: reply.value))
        } else {
            return fail(unexpected(reply, after: "RCPT TO"))
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
        guard reply.isTransient || reply.isPermanent else { return fail(unexpected(reply, after: "DATA")) }
        guard mailFailure == nil, !acceptedIndexes.isEmpty else { return finishWithoutData(connection: .needsReset) }
        return fail(refusal(reply, of: "the message"), connection: .needsReset)
    }

    /// A reply before the message was complete.
    private mutating func receivedEarly(_ reply: SMTPReply) -> Step {
        guard reply.isTransient || reply.isPermanent else {
            return fail(unexpected(reply, after: "a part of the message"))
        }
        return fail(refusal(reply, of: "the message, before it was complete"), connection: .unusable)
    }

    private mutating func receivedFinal(_ reply: SMTPReply, _ index: Int) -> Step {
        guard reply.isPositive || reply.isTransient || reply.isPermanent else {
            return .finished(
                endUnknown(.outcomeUnknown, unexpected(reply, after: "the end of the message").message)
            )
        }
        guard request.isLMTP else {
            guard reply.isPositive else { return fail(refusal(reply, of: "the message"), connection: .clean) }
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
        return fail(refusedByAll(), connection: .clean)
    }

    private static func status(of reply: SMTPReply) -> RecipientResult.Status {
        reply.isPositive ? .accepted : reply.isTransient ? .rejectedForNow : .rejectedForGood
    }

    // MARK: Ends

    private mutating func settle(_ indexes: ArraySlice<Int>, as status: RecipientResult.Status, _ reply: SMTPReply) {
        for index in indexes {
            results[index].status = status
            results[index].reply = reply.value
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

    private mutating func fail(_ failure: Failure, connection: Outcome.ConnectionState = .unusable) -> Step {
        state = .ended
        return .finished(
            Outcome(result: .failed(failure), connection: isServerClosing ? .unusable : connection)
        )
    }

    private func refusedByAll() -> Failure {
        // One that was refused only for now makes the whole worth another try.
        let passing = results.first { $0.status == .rejectedForNow }
        let shown = passing ?? results.first
        let names = results.prefix(3).map { "\($0.address) (\($0.reply?.description ?? "no reply"))" }
        let more = results.count > 3 ? " and \(results.count - 3) more" : ""
        return Failure(
            code: .refused,
            certainty: passing == nil ? .rejected : .notTaken,
            message: "the server refused every recipient: " + names.joined(separator: ", ") + more,
            reply: shown?.reply,
            recipients: results
        )
    }

    private func refusal(_ reply: SMTPReply, of what: String) -> Failure {
        let value = reply.value
        let status = value.enhancedStatus.map { ($0.subject, $0.detail) }
        var code = MailError.Code.refused
        var certainty: DeliveryCertainty = reply.isTransient ? .notTaken : .rejected
        var advice = reply.isTransient ? "; try again later" : ""
        switch reply.code {
        case 421, 450, 451, 454:
            code = .unavailable
        case 530, 538:
            // The account is at fault, not the message: another transport may take it.
            code = .authenticationFailed
            certainty = .notTaken
            advice = "; the server wants a sign-in: set `username` and `password`"
        // RFC 1870 section 6; 5.3.4 and 5.2.3 of RFC 3463 say the same of the system and of the mailbox.
        case 552 where status == nil, 500..<600 where status.map({ $0 == (3, 4) || $0 == (2, 3) }) ?? false:
            code = .tooLarge
            advice = "; send less at once, or ask the server's operator for a larger limit"
        default: break
        }
        return Failure(
            code: code,
            certainty: certainty,
            message: "the server refused \(what): \(value)\(advice)",
            reply: value,
            // What a server says about recipients after it has refused the sender means nothing.
            recipients: mailFailure == nil ? results : []
        )
    }

    private func unexpected(_ reply: SMTPReply, after what: String) -> Failure {
        Failure(
            code: .protocolViolation,
            certainty: mayHaveBeenTaken ? .unknown : .notTaken,
            message: "the server answered '\(reply.value)' to \(what), which the protocol does not allow there; "
                + "the connection was closed",
            reply: nil,
            recipients: mailFailure == nil ? results : []
        )
    }

    private static let lineEnd: [UInt8] = [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    private static let dataCommand = Array("DATA\r\n".utf8)
}
