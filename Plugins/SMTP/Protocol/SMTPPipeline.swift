import Posthorn

/// The transactions that are under way on one connection, in the order of the wire. No I/O: replies in, steps out.
///
/// The replies to one transaction come before all replies to the next: each goes to the oldest transaction that is not
/// finished. A transaction begins when nothing of the one before is left to be sent, so that what follows in the same
/// flight is a group of commands that RFC 2920 section 3.1 allows: behind the end of a message sent by DATA, or behind
/// `BDAT … LAST` with its octets.
struct SMTPPipeline {
    /// What is to be done next.
    enum Step {
        /// Send these octets.
        case send([UInt8])
        /// Send the message of the transaction in front; see ``SMTPTransaction/Step/sendContent``.
        case sendContent
        /// Bring another reply.
        case wait
        /// The transaction in front is over and gone from the line. When the connection is unusable, so are all others:
        /// call ``connectionFailed(_:)``.
        case finished(SMTPTransaction.Outcome)
        /// A reply came that nobody waits for.
        case surplus(SMTPReply)
    }

    /// How many transactions are under way at a time unless the settings say otherwise.
    static let usualWindow = 32

    private var line: [SMTPTransaction] = []
    /// The oldest of ``line`` that is not finished.
    private var front = 0
    /// The most transactions under way at a time.
    let window: Int
    /// Whether the server takes commands without waiting for replies.
    private let isPipelined: Bool
    /// Whether the next transaction has to clear what one before it left.
    private var needsReset = false
    /// The 421 with which the server ended the session.
    private var lastWord: SMTPReply?

    /// - Parameters:
    ///   - window: the most transactions under way at a time.
    ///   - isPipelined: whether the server offers PIPELINING.
    init(window: Int, isPipelined: Bool) {
        self.window = max(1, window)
        self.isPipelined = isPipelined
    }

    /// How many transactions are under way.
    var count: Int { line.count - front }
    /// Whether none is under way.
    var isEmpty: Bool { count == 0 }

    /// Whether another transaction may begin now.
    var canBegin: Bool {
        guard let last = line.last, count > 0 else { return true }
        return isPipelined && count < window && last.isCompletelySent
    }

    /// Whether the next reply is one to a whole message, for which servers take their time.
    var awaitsFinalReply: Bool { count > 0 && line[front].awaitsFinalReply }

    /// Whether the message of the transaction in front travels in BDAT commands.
    var isFrontChunked: Bool { count > 0 && line[front].request.carriage == .chunks }

    /// Whether the message of the transaction in front was refused while it is being sent.
    var isFrontRefused: Bool { count > 0 && line[front].isRefused }

    /// Whether a transaction begun now stands behind others, or must clear what one of them left.
    private var resetsFirst: Bool {
        // Behind DATA every outcome is clean. Behind BDAT it depends on replies that have not come (RFC 3030 section 2).
        needsReset || (count > 0 && line[line.count - 1].request.carriage != .data)
    }

    /// Begins a transaction behind all others.
    ///
    /// - Returns: what is to be sent for it. With ``SMTPTransaction/Carriage/inline(octets:)`` the message follows, and
    ///   ``contentHandedOver()`` is to be called before.
    mutating func begin(_ request: SMTPTransaction.Request) -> [UInt8] {
        var request = request
        request.resetsFirst = resetsFirst
        needsReset = false
        var transaction = SMTPTransaction(request)
        let step = transaction.start()
        if front > 0, front == line.count {
            line.removeAll(keepingCapacity: true)
            front = 0
        }
        line.append(transaction)
        guard case .send(let octets) = step else { return [] }
        return octets
    }

    /// The end of the message that was begun last is about to be handed to the connection.
    mutating func contentHandedOver() {
        if count > 0 { line[line.count - 1].contentHandedOver() }
    }

    /// A part of the message that is not its end is about to be handed over.
    mutating func chunkSent() {
        if isFrontChunked { line[front].chunkSent() }
    }

    /// The message of the only transaction that is being sent cannot be sent to its end.
    mutating func contentFailed(_ error: MailError) -> SMTPTransaction.Outcome? {
        guard count > 0 else { return nil }
        return finish(line[front].contentFailed(error))
    }

    /// Takes the next reply.
    mutating func received(_ reply: SMTPReply) -> Step {
        guard count > 0 else { return .surplus(reply) }
        if reply.code == 421 { lastWord = reply }
        switch line[front].received(reply) {
        case .send(let octets): return .send(octets)
        case .sendContent: return .sendContent
        case .wait: return .wait
        case .finished(let outcome): return .finished(finish(outcome))
        }
    }

    /// Whether the server has ended the session with 421.
    var hasLastWord: Bool { lastWord != nil }

    /// The server has said 421 and went on: what it does with the transactions behind is not known.
    mutating func doubtLastWord() { lastWord = nil }

    /// The connection is of no more use: gives the ends of all transactions that are under way, in order.
    mutating func connectionFailed(_ error: MailError) -> [SMTPTransaction.Outcome] {
        // A server that ends the session carries out nothing any more; one that sends something else, or stays, may.
        if error.code != .connectionLost { doubtLastWord() }
        var outcomes: [SMTPTransaction.Outcome] = []
        while count > 0 {
            let outcome =
                if let lastWord { line[front].sessionEnded(lastWord) } else { line[front].connectionFailed(error) }
            outcomes.append(finish(outcome))
        }
        return outcomes
    }

    private mutating func finish(_ outcome: SMTPTransaction.Outcome) -> SMTPTransaction.Outcome {
        front += 1
        // The finished ones go away together: one at a time would move all others each time.
        if front >= 64 {
            line.removeFirst(front)
            front = 0
        }
        if outcome.connection == .needsReset, count == 0 { needsReset = true }
        return outcome
    }
}
