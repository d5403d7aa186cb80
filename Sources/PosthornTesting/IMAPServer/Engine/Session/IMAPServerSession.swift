import PosthornTLS

/// The server's side of an IMAP conversation (RFC 3501, RFC 9051), without a socket: octets in, steps out.
///
/// Commands are carried out one after the other: the next one only when the reply to the one before has been handed
/// over, however long that is. What has come meanwhile waits in ``ServerSession/hasMore``.
package struct IMAPServerSession: ScriptedSession {
    package typealias Fault = IMAPServerFault
    package typealias Event = Never

    enum Phase {
        /// Commands are read.
        case commands
        case authentication(SASLServerExchange)
        case idle
        case handshake
        case ended
    }

    let configuration: IMAPServerConfiguration
    let connection: Int
    let mail: IMAPMailStore
    var phase = Phase.commands
    var steps: [ServerStep<IMAPServerFault, Never>] = []
    var faults: FaultSchedule<IMAPServerFault>
    var strikes: [FaultSchedule<IMAPServerFault>.Entry]?
    var output = OutputQueue()

    var encryption: ServerEncryption?
    var user: String?
    var selection: Selection?
    var failedSignIns = 0
    /// What the client has enabled, or asked for so that it is enabled.
    var usesModificationSequences = false
    var usesRevision2 = false
    /// The tag of the command that is carried out.
    var tag = "*"
    var tags: Set<String> = []
    var alarm: (@Sendable () -> Void)?

    /// The mailbox that is open, as the client has been told.
    struct Selection {
        let id: Int
        let name: String
        let isReadOnly: Bool
        /// Which of the mailbox's numberings it is.
        let numbering: Int
        /// The UIDs by message number, which begins with 1.
        var uids: [UInt32]
        /// The number of the last change that the client has been told, or that waits in ``expunged``.
        var sequence: UInt64
        /// What is gone, and may not be told yet.
        var expunged: Set<UInt32> = []
        /// The changes that the client has made itself and knows.
        var known: [UInt32: UInt64] = [:]
        /// What the last SEARCH has saved: UIDs.
        var saved: [UInt32] = []
    }

    var endingAfterHandshake: ServerEnding?
    private var hasGreeted = false
    var reader = IMAPCommandReader()
    /// What has come and waits for its turn, and where it goes on.
    private var input: [UInt8] = []
    private var inputStart = 0
    /// Whether the command that is carried out allows expunges to be told.
    var mayTellExpunges = false
    /// Whether the client has been told that its mailbox is gone.
    var isMailboxGone = false
    /// Whether the command came before the reply to the one before was made, which may have told expunges.
    var isBehindExpunges = false

    /// Creates a conversation.
    ///
    /// - Parameters:
    ///   - mail: Shared by all conversations of a server.
    ///   - connection: The number of the connection.
    init(configuration: IMAPServerConfiguration, mail: IMAPMailStore, connection: Int = 1) {
        self.configuration = configuration
        self.mail = mail
        self.connection = connection
        faults = FaultSchedule(configuration.faults, connection: connection)
    }

    package mutating func setAlarm(_ alarm: @escaping @Sendable () -> Void) { self.alarm = alarm }

    package mutating func begin(encryption: ServerEncryption?) -> [Step] {
        if let encryption {
            self.encryption = encryption
            faults.isEncrypted = true
        }
        if configuration.security == .implicitTLS, encryption == nil { beginHandshake() } else { greet() }
        return goOn()
    }

    /// Goes on after a handshake: everything the client said before is forgotten.
    package mutating func encryptionEstablished(_ encryption: ServerEncryption) -> [Step] {
        guard !isEnded else { return [] }
        self.encryption = encryption
        faults.isEncrypted = true
        reader.reset()
        phase = .commands
        if let ending = endingAfterHandshake { end(ending) } else if !hasGreeted { greet() }
        return goOn()
    }

    package var idleLimit: Duration {
        min(configuration.limits.idle, faults.idleFault?.limit ?? configuration.limits.idle)
    }

    package mutating func timedOut() -> [Step] {
        guard !isEnded else { return [] }
        if let idle = faults.idleFault, idle.limit <= configuration.limits.idle {
            steps.append(.fault(idle.fault))
            strikes = []
            if let reply = idle.reply { self.reply(ServerOutput(reply.tagged(tag).octets)) }
            end(idle.ending)
        } else {
            strikes = []
            reply(ServerOutput(Array("* BYE nothing came for too long\r\n".utf8)))
            end()
        }
        return goOn()
    }

    package mutating func disconnected() {
        close()
        alarm = nil
        output.clear()
        (input, inputStart) = ([], 0)
    }

    /// Takes octets from the client. What comes while a reply is being sent waits.
    package mutating func received(_ bytes: UnsafeRawBufferPointer) -> [Step] {
        guard !isEnded else { return [] }
        guard !hasMore else {
            input.append(contentsOf: bytes)
            return []
        }
        let used = obey(bytes)
        if used < bytes.count { input.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[used...])) }
        return takeSteps()
    }

    package var hasMore: Bool { !output.isEmpty || inputStart < input.count }

    package mutating func more() -> [Step] {
        pump()
        if output.isEmpty, inputStart < input.count {
            // Taken out, so that the octets are not copied while they are obeyed.
            let waiting = input
            input = []
            let start = inputStart
            let used = waiting.withUnsafeBytes { obey(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            (input, inputStart) = (waiting, start + used)
        }
        if isEnded || inputStart >= input.count { (input, inputStart) = ([], 0) }
        return takeSteps()
    }

    /// Tells a client in IDLE what has changed.
    package mutating func woken() -> [Step] {
        guard case .idle = phase, !isEnded else { return [] }
        let news = news(mayExpunge: true)
        guard !news.isEmpty else { return goOn() }
        arrive(at: .push)
        reply(ServerOutput(news))
        if isMailboxGone { end() }
        return goOn()
    }

    /// Obeys commands until a reply is too long to be handed over at once, or a little work is done.
    ///
    /// - Returns: how many octets were used.
    private mutating func obey(_ bytes: UnsafeRawBufferPointer) -> Int {
        var position = 0
        while position < bytes.count, !isEnded, output.isEmpty, steps.count < 256 {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            let deadline = faults.receivingDeadline
            let allowed = UnsafeRawBufferPointer(rebasing: rest.prefix(deadline?.octets ?? rest.count))
            let used = allowed.isEmpty ? 0 : take(allowed)
            faults.countReceived(used)
            position += used
            pump()
            if let reached = faults.receivingDeadline, reached.octets == 0, !isEnded {
                steps.append(.fault(reached.fault))
                end(reached.ending)
                pump()
            }
        }
        return position
    }

    mutating func goOn() -> [Step] {
        pump()
        return takeSteps()
    }

    private mutating func pump() {
        guard !output.isEmpty, !output.pump(&steps, &faults) else { return }
        close()
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch phase {
        case .commands, .authentication, .idle: return takeCommand(bytes)
        case .handshake:
            violation("\(bytes.count) octets follow STARTTLS in the clear; they are dropped")
            return bytes.count
        case .ended: return bytes.count
        }
    }

    private mutating func greet() {
        hasGreeted = true
        user = configuration.preauthenticatedUser
        let answer = arrive(at: .greeting)
        let code = configuration.tellsCapabilities ? "[CAPABILITY \(capabilities)] " : ""
        let word = user == nil ? "OK" : "PREAUTH"
        let usual = IMAPServerReply("* \(word) \(code)\(configuration.hostName) IMAP Posthorn test server")
        let greeting = answer ?? configuration.greeting ?? usual
        reply(ServerOutput(greeting.octets))
        if !greeting.isPositive { end() }
    }

    // MARK: Output

    /// The one place that all replies pass.
    mutating func reply(_ usual: ServerOutput) {
        let acts = takeActs()
        guard !isEnded else { return }
        var plan = ReplyPlan(usual)
        for act in acts { plan.apply(act.tagged(tag)) { octets, _, _ in octets } }
        output.append(plan)
        if plan.ending != nil { close() }
    }

    /// Ends the conversation behind what is still to be said.
    mutating func end(_ ending: ServerEnding = .close) {
        guard !isEnded else { return }
        output.append(.end(ending))
        close()
    }

    /// Obeys nothing any more.
    private mutating func close() {
        phase = .ended
        leaveMailbox()
    }

    /// Asks for the server's side of a TLS handshake, behind what is still to be said.
    mutating func beginHandshake() {
        guard !isEnded else { return }
        let handshake = planHandshake()
        if handshake.delay > .zero { output.append(.wait(handshake.delay)) }
        if let ending = handshake.endingBefore { return end(ending) }
        endingAfterHandshake = handshake.endingAfter
        output.append(.handshake(handshake))
        phase = .handshake
    }

    var isEnded: Bool {
        if case .ended = phase { true } else { false }
    }
}

extension ServerAct<IMAPServerReply> {
    /// The same with a tag in its octets.
    func tagged(_ tag: String) -> ServerAct {
        switch self {
        case .answer(let reply): .answer(reply.tagged(tag))
        case .answerAhead(let reply): .answerAhead(reply.tagged(tag))
        case .surplus(let reply): .surplus(reply.tagged(tag))
        case .insert(let reply, let isFirst): .insert(reply.tagged(tag), isFirst: isFirst)
        case .endlessAfter(let reply, let octet): .endlessAfter(reply.tagged(tag), octet)
        default: self
        }
    }
}
