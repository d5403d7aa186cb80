import PosthornTLS

/// The server's side of a POP3 conversation (RFC 1939), without a socket: octets in, steps out.
///
/// Commands are carried out one after the other: the next one only when the reply to the one before has been handed
/// over, however long that is. What has come meanwhile waits in ``ServerSession/hasMore``.
package struct POP3ServerSession: ScriptedSession {
    package typealias Fault = POP3ServerFault
    package typealias Event = Never

    enum Phase {
        case authorization
        case authentication(SASLServerExchange)
        case transaction
        case handshake
        case ended
    }

    let configuration: POP3ServerConfiguration
    let connection: Int
    let maildrops: POP3Maildrops
    var phase = Phase.authorization
    var steps: [ServerStep<POP3ServerFault, Never>] = []
    var faults: FaultSchedule<POP3ServerFault>
    var strikes: [FaultSchedule<POP3ServerFault>.Entry]?
    var output = OutputQueue()

    var encryption: ServerEncryption?
    var timestamp = ""
    /// The name that USER has given.
    var givenName: String?
    var failedSignIns = 0
    var usesUTF8 = false
    var maildrop: OpenMaildrop?

    /// The maildrop of the user who has signed in.
    struct OpenMaildrop {
        let user: String
        /// The number of the session over all connections, for UIDs that change.
        let session: Int
        let entries: [POP3Maildrops.Entry]
        var marked: Set<Int> = []
    }

    private var endingAfterHandshake: ServerEnding?
    private var hasGreeted = false
    private var lines = LineReader()
    /// What has come and waits for its turn, and where it goes on.
    private var input: [UInt8] = []
    private var inputStart = 0

    /// Creates a conversation.
    ///
    /// - Parameters:
    ///   - maildrops: Shared by all conversations of a server.
    ///   - connection: The number of the connection.
    init(configuration: POP3ServerConfiguration, maildrops: POP3Maildrops, connection: Int = 1) {
        self.configuration = configuration
        self.maildrops = maildrops
        self.connection = connection
        faults = FaultSchedule(configuration.faults, connection: connection)
    }

    package mutating func begin(encryption: ServerEncryption?) -> [Step] {
        if let encryption {
            self.encryption = encryption
            faults.isEncrypted = true
        }
        if configuration.security == .implicitTLS, encryption == nil { beginHandshake() } else { greet() }
        return goOn()
    }

    /// Goes on after a handshake: everything the client said before is forgotten (RFC 2595 section 4).
    package mutating func encryptionEstablished(_ encryption: ServerEncryption) -> [Step] {
        guard !isEnded else { return [] }
        self.encryption = encryption
        faults.isEncrypted = true
        givenName = nil
        usesUTF8 = false
        lines.reset()
        phase = .authorization
        if let ending = endingAfterHandshake { end(ending) } else if !hasGreeted { greet() }
        return goOn()
    }

    package var idleLimit: Duration {
        min(configuration.limits.idle, faults.idleFault?.limit ?? configuration.limits.idle)
    }

    /// RFC 1939 section 3: nothing is said, and nothing is deleted.
    package mutating func timedOut() -> [Step] {
        guard !isEnded else { return [] }
        if let idle = faults.idleFault, idle.limit <= configuration.limits.idle {
            steps.append(.fault(idle.fault))
            if let reply = idle.reply { self.reply(ServerOutput(reply.octets)) }
            end(idle.ending)
        } else {
            end()
        }
        return goOn()
    }

    package mutating func disconnected() {
        phase = .ended
        output.clear()
        (input, inputStart) = ([], 0)
        leaveMaildrop(isCommitted: false)
    }

    /// Takes octets from the client. What comes while a reply is being sent waits.
    package mutating func received(_ bytes: UnsafeRawBufferPointer) -> [Step] {
        guard !isEnded else { return [] }
        guard !hasMore else {
            input.append(contentsOf: bytes)
            return []
        }
        let used = obey(bytes)
        if used < bytes.count { input.append(contentsOf: bytes[used...]) }
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

    private mutating func goOn() -> [Step] {
        pump()
        return takeSteps()
    }

    private mutating func pump() {
        guard !output.isEmpty, !output.pump(&steps, &faults), case .end(let ending) = steps.last else { return }
        close(ending)
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch phase {
        case .authorization, .authentication, .transaction: return takeLine(bytes)
        case .handshake:
            violation("\(bytes.count) octets follow STLS in the clear; they are dropped")
            return bytes.count
        case .ended: return bytes.count
        }
    }

    private mutating func takeLine(_ bytes: UnsafeRawBufferPointer) -> Int {
        let before = lines.pending.count
        let (used, line) = lines.take(bytes, limit: configuration.limits.line)
        guard let line else { return used }
        switch line {
        case .tooLong:
            violation("a line is longer than \(configuration.limits.line) octets")
            refuse("the line is too long")
        case .malformed:
            violation("a line does not end with CRLF, or holds a lone CR or a NUL")
            refuse("lines end with CRLF and hold neither CR nor NUL")
        case .text(let text):
            handle(text, start: faults.received - before, isLastOfBatch: used == bytes.count)
        }
        return used
    }

    private mutating func handle(_ line: [UInt8], start: Int, isLastOfBatch: Bool) {
        if case .authentication(var exchange) = phase {
            steps.append(.command("<hidden>"))
            phase = .authorization
            if let answer = arrive(at: .auth), !answer.isPositive { return reply(ServerOutput(answer.octets)) }
            return takeResponse(line, &exchange)
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            violation("a command line is not UTF-8")
            return refuse("a command line must be ASCII or UTF-8")
        }
        if line.count + 2 > configuration.limits.command {
            violation("a command is longer than \(configuration.limits.command) octets")
        }
        perform(text, start: start, isLastOfBatch: isLastOfBatch)
    }

    private mutating func greet() {
        hasGreeted = true
        var line = "+OK \(configuration.hostName) POP3 Posthorn test server"
        if configuration.extensions.contains(.apop), !configuration.users.isEmpty {
            timestamp = configuration.timestamp ?? madeTimestamp()
            line += " \(timestamp)"
        }
        let answer = arrive(at: .greeting)
        let greeting = answer ?? configuration.greeting ?? POP3ServerReply(line)
        reply(ServerOutput(greeting.octets))
        if !greeting.isPositive { end() }
    }

    private func madeTimestamp() -> String {
        // Without randomness there is no timestamp that nobody can foresee; the connection's number is one of its own.
        let octets = (try? TLSCrypto.randomBytes(12)) ?? []
        let word = octets.map { String($0, radix: 16) }.joined()
        return "<\(connection).\(word)@\(configuration.hostName)>"
    }

    // MARK: Output

    /// The one place that all replies pass.
    mutating func reply(_ usual: ServerOutput) {
        let acts = takeActs()
        guard !isEnded else { return }
        var plan = ReplyPlan(usual)
        for act in acts { plan.apply(act, announcing: Self.announcing) }
        output.append(plan)
        if plan.ending != nil { close(plan.ending) }
    }

    /// Says `+OK`.
    mutating func accept(_ text: String) { reply(ServerOutput(Array("+OK \(text)\r\n".utf8))) }

    /// Says `-ERR`.
    ///
    /// - Parameter code: A response code (RFC 2449 section 8), told if the configuration allows codes.
    mutating func refuse(_ code: String, _ text: String) {
        let extensions = configuration.extensions
        let isOfRFC3206 = code == "AUTH" || code.hasPrefix("SYS/")
        let isTold = extensions.contains(isOfRFC3206 ? .authResponseCode : .responseCodes)
        refuse(isTold ? "[\(code)] \(text)" : text)
    }

    /// Says `-ERR`.
    mutating func refuse(_ text: String) { reply(ServerOutput(Array("-ERR \(text)\r\n".utf8))) }

    /// Changes the lines of a reply to CAPA.
    private static func announcing(_ octets: [UInt8], _ lines: [String], _ hidden: Set<String>) -> [UInt8] {
        let old = String(decoding: octets, as: UTF8.self).split(separator: "\r\n").map(String.init)
        let kept = old.filter { !hidden.contains(($0.split(separator: " ").first ?? "").uppercased()) }
        return Array((kept + lines).map { $0 + "\r\n" }.joined().utf8)
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

    /// Ends the conversation behind what is still to be said.
    mutating func end(_ ending: ServerEnding = .close) {
        guard !isEnded else { return }
        output.append(.end(ending))
        close(ending)
    }

    /// Obeys nothing any more. Who falls silent keeps the maildrop until the client goes.
    private mutating func close(_ ending: ServerEnding?) {
        phase = .ended
        if ending?.isSilent != true { leaveMaildrop(isCommitted: false) }
    }

    /// Gives the maildrop back.
    mutating func leaveMaildrop(isCommitted: Bool) {
        guard let maildrop else { return }
        self.maildrop = nil
        maildrops.close(maildrop.user, for: connection, isCommitted: isCommitted)
    }

    var isEnded: Bool {
        if case .ended = phase { true } else { false }
    }
}
