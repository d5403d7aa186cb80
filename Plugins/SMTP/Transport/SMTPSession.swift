import Posthorn
import PosthornNet

/// One connection to a server, signed in: executes what the engines of `Protocol/` ask for.
///
/// After a failure it is thrown away.
///
/// `@unchecked Sendable`: used by one task at a time. Between two of them it lies in the pool, behind its lock.
final class SMTPSession: @unchecked Sendable {
    let connection: Connection
    let settings: SMTPSettings
    private let helloName: String
    /// What the server announced last; never from before TLS.
    private(set) var capabilities = SMTPCapabilities()
    /// What the server takes in one session and one transaction.
    private(set) var serverLimits = SMTPLimits(SMTPCapabilities())
    /// Whether the greeting is that of a server that breaks when a second message follows in the same flight.
    private var isDovecot = false
    /// The transactions under way.
    var pipeline = SMTPPipeline(window: 1, isPipelined: false)
    /// The messages of the transactions under way, in their order.
    var underWay: [SMTPUnderWay] = []
    /// Transactions begun on this connection.
    var transactions = 0
    /// The domains of recipients so far, where the server limits their number.
    var domains: Set<String> = []
    /// Whether a message waits for which the server takes no domain any more.
    var isClosedToOtherDomains = false
    /// Whether it lay in the pool, where a connection may end unnoticed.
    var wasParked = false
    /// When the server last said something.
    private(set) var lastHeard = ContinuousClock.now
    /// What the callers of messages under way share.
    let line: SMTPLine
    private var parser = SMTPReplyParser()
    /// Received and not parsed, from ``read`` on.
    private var inbox: [UInt8] = []
    /// The limit of time for the reply that is waited for.
    var waitLimit: Deadline?
    private var read = 0
    /// Keeps what was sent as a secret out of every reply that comes later.
    var mask = SecretMask() {
        didSet { parser.mask = mask }
    }
    /// Challenges go to the mechanism as they are.
    var isSigningIn = false
    /// The connection was given up: nothing more is said on it.
    private(set) var isOver = false

    /// - Parameter helloName: this client's name; its address if `nil`.
    init(connection: Connection, settings: SMTPSettings, helloName: String?) {
        self.connection = connection
        self.settings = settings
        self.helloName = helloName ?? connection.helloName
        line = SMTPLine(connection)
    }

    /// Connects and signs in.
    static func open(_ dialer: Dialer, _ settings: SMTPSettings, helloName: String?) async throws -> SMTPSession {
        let connection = try await dialer.connect()
        let session = SMTPSession(connection: connection, settings: settings, helloName: helloName)
        do {
            try await session.introduce()
            try await session.signIn(dialer)
            return session
        } catch {
            connection.abort()
            throw error
        }
    }

    /// Runs `body` where the connection's octets are moved.
    func onOwnThread(_ body: () async -> Void) async {
        await connection.onOwnThread(body)
    }

    var timeouts: Timeouts { connection.options.timeouts }

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
        isDovecot = SMTPServerKind.isDovecot(greeting)
        onGreeting?(greeting)
        var step = introduction.received(greeting)
        while true {
            switch step {
            case .send(let command):
                let word = command.prefix { $0 != " " }
                step = introduction.received(try await ask(.line(command), about: String(word)))
            case .startTLS:
                try await connection.startTLS(unread: inbox.count - read)
                parser = SMTPReplyParser()
                step = introduction.encrypted()
            case .established(let capabilities):
                establish(capabilities)
                return
            case .failed(let error):
                throw error
            }
        }
    }

    private func establish(_ announced: SMTPCapabilities) {
        capabilities = announced
        capabilities.ignore(settings.ignoredExtensions)
        serverLimits = SMTPLimits(capabilities)
        let window = settings.messagesInFlight ?? (isDovecot ? 1 : SMTPPipeline.usualWindow)
        pipeline = SMTPPipeline(window: window, isPipelined: capabilities.offers("PIPELINING"))
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
        while true {
            if let reply = try parseNext() { return reply }
            try await receiveMore(deadline)
        }
    }

    /// Waits until more has come.
    func receiveMore(_ deadline: Deadline) async throws {
        try await connection.receive(into: &inbox, deadline: deadline)
    }

    /// The next reply of what has come.
    func parseNext() throws -> SMTPReply? {
        guard read < inbox.count else { return nil }
        let (used, reply) = try inbox.withUnsafeBytes { octets in
            try parser.parse(UnsafeRawBufferPointer(rebasing: octets[read...]))
        }
        read += used
        if read == inbox.count {
            inbox.removeAll(keepingCapacity: inbox.capacity <= 64 * 1024)
            read = 0
        } else if read >= 64 * 1024 {
            inbox.removeFirst(read)
            read = 0
        }
        guard let reply else { return nil }
        if connection.isTranscribed { connection.withTranscript { parser.record(reply, in: $0) } }
        lastHeard = .now
        return shown(reply)
    }

    /// Whether octets have come that are not parsed: between commands that means the server talks out of turn.
    var hasUnreadInput: Bool { read < inbox.count || connection.hasUnreadInput }

    /// The next reply, if it has come already.
    func replyIfReady() throws -> SMTPReply? {
        while true {
            if let reply = try parseNext() { return reply }
            guard connection.receiveIfReady(into: &inbox) else { return nil }
        }
    }

    /// Whether lines of a reply have come whose last line is missing.
    var isInsideReply: Bool { parser.isInsideReply }

    private func shown(_ reply: SMTPReply) -> SMTPReply {
        isSigningIn && reply.code == 334 ? reply : mask.masked(reply)
    }

    func giveUp() {
        isOver = true
        connection.abort()
    }

    /// A server that talks before it is asked has lost count, or somebody talks in its place: its replies would be
    /// taken for answers to commands that they do not belong to.
    func refuseSurplus(before subject: String) throws {
        guard hasUnreadInput else { return }
        defer { giveUp() }
        throw surplus(try replyIfReady(), before: subject)
    }

    /// The error of a reply that nobody has asked for.
    func surplus(_ reply: SMTPReply?, before subject: String) -> MailError {
        if let reply, reply.code == 421 {
            return MailError(
                .unavailable,
                "the server ended the session: \(reply.value); try again later",
                reply: reply.value
            )
        }
        return MailError(
            .protocolViolation,
            "the server sent a reply before \(subject), without having been asked; the connection was closed"
        )
    }

    // MARK: The end

    /// Says goodbye and closes. What the server answers, or does not, changes nothing: accepted is accepted.
    func quit() async {
        await sayGoodbye()
        await finishGoodbye()
    }

    /// Sends QUIT; returns when it is on its way.
    func sayGoodbye() async {
        guard !isOver, !connection.isPeerClosed else { return }
        connection.write(.line("QUIT"))
        _ = try? await connection.drain(deadline: goodbyeDeadline)
    }

    /// Takes the server's goodbye, and ends the connection.
    func finishGoodbye() async {
        if !isOver, !connection.isPeerClosed { _ = try? await reply(within: goodbyeDeadline) }
        isOver = true
        await connection.closeGracefully()
    }

    private var goodbyeDeadline: Deadline {
        let limit = min(timeouts.reply, timeouts.close)
        return Deadline(after: limit, for: "the server's reply to QUIT", key: "timeouts.reply")
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

/// What is known of servers that need to be treated with care.
enum SMTPServerKind {
    /// Dovecot's greeting, as it is unless `login_greeting` says otherwise. Its submission server 2.3.19 ends the session
    /// when a second message follows the first in the same flight.
    static func isDovecot(_ greeting: SMTPReply) -> Bool {
        String(decoding: greeting.text.prefix(512), as: UTF8.self).contains("Dovecot")
    }
}

extension SMTPTransaction.Failure {
    /// The failure as the error that hosts get.
    func error(cause: (any Error)?) -> MailError {
        MailError(code, message, certainty: certainty, reply: reply, recipients: recipients, cause: cause)
    }
}
