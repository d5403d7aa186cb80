/// The server's side of an SMTP or LMTP conversation, without a socket: octets in, steps out.
///
/// The owner calls ``begin(encryption:)`` once, then ``received(_:)`` for all that comes, and
/// ``encryptionEstablished(_:)`` after a ``ServerStep/startTLS(_:)`` whose handshake went well. Everything that is
/// sent passes ``reply(_:)``, where the faults of the configuration strike.
package struct SMTPServerSession: ScriptedSession {
    package typealias Fault = SMTPServerFault
    package typealias Event = ReceivedMessage

    enum Phase {
        case command
        case authentication(SASLServerExchange)
        case data(DotUnstuffer)
        case chunk(remaining: UInt64, isLast: Bool, isKept: Bool)
        case handshake
        case ended
    }

    /// A mail transaction (RFC 5321 section 3.3).
    struct Transaction {
        var sender: String?
        var parameters: [(keyword: String, value: String?)]
        var recipients: [ReceivedMessage.Recipient] = []
        var collector: MessageCollector
        var usesChunking = false
        /// The RCPT commands, those too that were refused.
        var recipientCommands = 0

        func value(_ keyword: String) -> String? { parameters.first { $0.keyword == keyword }?.value }
        func has(_ keyword: String) -> Bool { parameters.contains { $0.keyword == keyword } }
    }

    let configuration: SMTPServerConfiguration
    let connection: Int
    var phase = Phase.command
    var steps: [Step] = []
    var encryption: ServerEncryption?
    var clientName: String?
    var usesExtensions = false
    var user: String?
    var mechanism: String?
    var failedSignIns = 0
    var transaction: Transaction?
    var messageCount = 0
    /// The domains of the recipients since the conversation began.
    var recipientDomains: Set<String> = []
    var mailCommands = 0

    var faults: FaultSchedule<SMTPServerFault>
    var strikes: [FaultSchedule<SMTPServerFault>.Entry]?
    /// How many replies have been given before their turn.
    var repliesAhead = 0
    var endingAfterHandshake: ServerEnding?
    /// Whether a message has ended among the octets that are being taken.
    var hasMessageEnded = false
    /// How many octets had come before the command.
    private(set) var commandStart = 0
    private var hasGreeted = false

    private var lines = LineReader()

    /// Creates a conversation.
    ///
    /// - Parameter connection: The number of the connection, for the records.
    package init(configuration: SMTPServerConfiguration, connection: Int = 1) {
        self.configuration = configuration
        self.connection = connection
        faults = FaultSchedule(configuration.faults, connection: connection)
    }

    /// Begins the conversation: with the greeting or, if the configuration wants TLS from the first octet, with the
    /// handshake.
    ///
    /// - Parameter encryption: The facts of a handshake that the owner has done already.
    package mutating func begin(encryption: ServerEncryption? = nil) -> [Step] {
        if let encryption {
            self.encryption = encryption
            faults.isEncrypted = true
        }
        if configuration.security == .implicitTLS, encryption == nil { beginHandshake() } else { greetClient() }
        return takeSteps()
    }

    /// Goes on after a handshake: everything the client said before is forgotten (RFC 3207 section 4.2).
    package mutating func encryptionEstablished(_ encryption: ServerEncryption) -> [Step] {
        guard !isEnded else { return [] }
        self.encryption = encryption
        faults.isEncrypted = true
        clientName = nil
        usesExtensions = false
        transaction = nil
        user = nil
        mechanism = nil
        recipientDomains = []
        mailCommands = 0
        lines.reset()
        phase = .command
        if let ending = endingAfterHandshake { end(ending) } else if !hasGreeted { greetClient() }
        return takeSteps()
    }

    /// How long the client may stay silent now.
    package var idleLimit: Duration {
        min(configuration.limits.idle, faults.idleFault?.limit ?? configuration.limits.idle)
    }

    /// Ends the conversation because nothing came for ``idleLimit``.
    package mutating func timedOut() -> [Step] {
        guard !isEnded else { return [] }
        if let idle = faults.idleFault, idle.limit <= configuration.limits.idle {
            steps.append(.fault(idle.fault))
            if let reply = idle.reply { self.reply(reply) }
            end(idle.ending)
        } else {
            reply(421, "4.4.2", "\(configuration.hostName) nothing came for too long; closing the connection")
            end()
        }
        return takeSteps()
    }

    private mutating func greetClient() {
        hasGreeted = true
        let name = "\(configuration.hostName) \(configuration.isLMTP ? "LMTP" : "ESMTP") Posthorn test server"
        let usual = configuration.rules.onConnection?() ?? configuration.greeting ?? SMTPServerReply("220 " + name)
        let greeting = arrive(at: .greeting) ?? usual
        reply(greeting)
        if !greeting.isPositive { end() }
    }

    /// Takes octets from the client.
    package mutating func received(_ bytes: UnsafeRawBufferPointer) -> [Step] {
        hasMessageEnded = false
        var rest = bytes
        while !rest.isEmpty, !isEnded {
            let deadline = faults.receivingDeadline
            let allowed = UnsafeRawBufferPointer(rebasing: rest.prefix(deadline?.octets ?? rest.count))
            let used = allowed.isEmpty ? 0 : take(allowed)
            faults.countReceived(used)
            rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            if let reached = faults.receivingDeadline, reached.octets == 0, !isEnded {
                steps.append(.fault(reached.fault))
                end(reached.ending)
            }
        }
        return takeSteps()
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch phase {
        case .command, .authentication: takeLine(bytes)
        case .data(var decoder): takeData(bytes, &decoder)
        case .chunk(let remaining, let isLast, let isKept): takeChunk(bytes, remaining, isLast: isLast, isKept: isKept)
        case .handshake:
            {
                violation("\(bytes.count) octets follow STARTTLS in the clear; they are dropped")
                return bytes.count
            }()
        case .ended: bytes.count
        }
    }

    private mutating func takeLine(_ bytes: UnsafeRawBufferPointer) -> Int {
        let before = lines.pending.count
        let (used, line) = lines.take(bytes, limit: configuration.limits.line)
        guard let line else { return used }
        commandStart = faults.received - before
        switch line {
        case .tooLong:
            violation("a line is longer than \(configuration.limits.line) octets")
            reply(500, "5.5.6", "the line is too long")
        case .malformed:
            violation("a line does not end with CRLF, or holds a lone CR or a NUL")
            reply(500, "5.5.2", "lines end with CRLF and hold neither CR nor NUL")
        case .text(let text): handle(text, isLastOfBatch: used == bytes.count)
        }
        return used
    }

    private mutating func handle(_ line: [UInt8], isLastOfBatch: Bool) {
        if case .authentication(var exchange) = phase {
            steps.append(.command("<hidden>"))
            if let answer = arrive(at: .auth), !answer.isPositive {
                phase = .command
                return reply(answer)
            }
            return takeResponse(line, &exchange)
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            violation("a command line is not UTF-8")
            reply(500, "5.5.2", "a command line must be ASCII or UTF-8")
            return
        }
        let isAnnounced = configuration.extensions.contains(.pipelining) && usesExtensions
        perform(text, isLastOfBatch: isLastOfBatch, mayPipeline: isAnnounced)
    }

    // MARK: Output

    /// Sends a reply of one line, with its enhanced status code if the client may have one.
    mutating func reply(_ code: Int, _ status: String, _ text: String) {
        reply(SMTPServerReply(line(code, status, text)))
    }

    func line(_ code: Int, _ status: String, _ text: String) -> String {
        let hasStatus =
            !status.isEmpty && configuration.extensions.contains(.enhancedStatusCodes)
            && (usesExtensions || code == 421)
        return hasStatus ? "\(code) \(status) \(text)" : "\(code) \(text)"
    }

    mutating func end(_ ending: ServerEnding = .close) {
        guard !isEnded else { return }
        phase = .ended
        steps.append(.end(ending))
    }

    var isEnded: Bool {
        if case .ended = phase { true } else { false }
    }
}
