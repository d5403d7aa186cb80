import Posthorn
import PosthornNet
import Synchronization

/// One connection to a server: executes what the engines of `Protocol/` ask for, and moves replies and bodies.
///
/// `@unchecked Sendable`: contents that a session hands out may be read by another task. Every call claims the line for its
/// duration; two calls at once are an error (`misuse`), not a race.
final class POP3Line: @unchecked Sendable {
    let connection: Connection
    /// What the server announced last; never from before TLS.
    var capabilities = POP3Capabilities()
    private var parser = POP3ReplyParser()
    /// Received and not parsed, from ``read`` on.
    private var inbox: [UInt8] = []
    private var read = 0
    private let isClaimed = Atomic(false)
    private let hasEnded = Atomic(false)
    /// Keeps what was sent as a secret out of every reply that comes later.
    private(set) var mask = SecretMask()
    /// Challenges go to the mechanism as they are.
    var isSigningIn = false
    /// Commands whose replies are read and passed over before the reply to the next one.
    private var unheard: [String] = []

    /// The body that is coming in now.
    private var body: POP3BodyDecoder?
    /// Counts the bodies: a reader of an earlier one is told that it is too late.
    private(set) var bodyNumber = 0
    private var limit: TransferDeadline
    /// Whether a session reads many messages in one go: nothing else may be asked for meanwhile.
    var isReadingEach = false
    /// Octets of the body, for the transcript.
    private var bodyOctets: UInt64 = 0
    /// Notices bodies that belong to the command before or behind.
    private var sizes = POP3SizeGuard()
    /// What is wrong with the body that has just ended.
    private var bodyFailure: MailError?

    init(_ connection: Connection) {
        self.connection = connection
        limit = TransferDeadline(connection.options.timeouts, for: "a message")
    }

    deinit { connection.abort() }

    var timeouts: Timeouts { connection.options.timeouts }
    var server: String { connection.endpoint.description }

    // MARK: One user at a time

    /// Does something with the line, alone.
    func claimed<Result>(_ work: () async throws -> Result) async throws -> Result {
        try claim()
        defer { release() }
        return try await work()
    }

    func claim() throws {
        guard !hasEnded.load(ordering: .acquiring) else {
            throw MailError(
                .misuse,
                "the session with \(server) has ended; work with it inside the scope of withSession, or open another one"
            )
        }
        guard !isClaimed.exchange(true, ordering: .acquiring) else {
            throw MailError(
                .misuse,
                "two tasks use one session with \(server) at once; let one finish, or open a session for each"
            )
        }
    }

    func release() { isClaimed.store(false, ordering: .releasing) }

    /// From now on every call throws `misuse`.
    ///
    /// - Returns: `false` if it had ended already.
    func end() -> Bool { !hasEnded.exchange(true, ordering: .acquiringAndReleasing) }

    // MARK: Commands and replies

    /// Keeps a command for the next flush.
    func write(_ command: WireText) {
        if !command.secretRanges.isEmpty { hide(command) }
        connection.write(command)
    }

    /// Keeps a command for the next flush; its reply is read and passed over before the next one.
    func writeUnheard(_ command: String) {
        connection.write(.line(command))
        unheard.append(command)
    }

    /// Sends a command and brings its reply.
    func ask(_ command: WireText, about subject: String) async throws -> POP3Reply {
        if unheard.isEmpty { try refuseSurplus(before: subject) }
        write(command)
        return try await reply(to: subject)
    }

    /// The next reply.
    func reply(to subject: String) async throws -> POP3Reply {
        while !unheard.isEmpty {
            let command = unheard.removeFirst()
            _ = try await nextReply(timeouts.reply(to: command))
        }
        return try await nextReply(timeouts.reply(to: subject))
    }

    /// The next reply, within a limit.
    func nextReply(_ deadline: @autoclosure () -> Deadline) async throws -> POP3Reply {
        if let reply = try parseReply() { return reply }
        let deadline = deadline()
        while true {
            try await receiveMore(deadline)
            if let reply = try parseReply() { return reply }
        }
    }

    private func parseReply() throws -> POP3Reply? {
        guard read < inbox.count else { return nil }
        let (used, reply): (Int, POP3Reply?)
        do {
            (used, reply) = try inbox.withUnsafeBytes { octets in
                try parser.parse(UnsafeRawBufferPointer(rebasing: octets[read...]))
            }
        } catch {
            giveUp()
            throw error
        }
        consume(used)
        guard let reply else { return nil }
        if connection.isTranscribed { connection.withTranscript { $0.received(reply.line) } }
        guard reply.status == .challenge else { return mask.masked(reply) }
        guard isSigningIn else {
            giveUp()
            throw MailError(
                .protocolViolation,
                "\(server) asked for more ('\(mask.masked(reply).value)') where only an answer may come; the connection was "
                    + "closed and nothing was deleted: check that host and port are those of a POP3 server"
            )
        }
        return reply
    }

    private func consume(_ octets: Int) {
        read &+= octets
        if read >= inbox.count {
            inbox.removeAll(keepingCapacity: inbox.capacity <= 1 << 20)
            read = 0
        } else if read >= 256 * 1024 {
            inbox.removeFirst(read)
            read = 0
        }
    }

    private func receiveMore(_ deadline: Deadline) async throws {
        try await connection.receive(into: &inbox, deadline: deadline)
    }

    /// Nobody knows any more which reply answers what: whatever else has come must not be taken for an answer.
    func giveUp() {
        connection.abort()
        inbox = []
        read = 0
        body = nil
        unheard = []
    }

    /// A server that talks before it is asked has lost count, or somebody talks in its place: its replies would be
    /// taken for answers to commands that they do not belong to.
    ///
    /// To be called while nothing is on its way.
    func refuseSurplus(before subject: String) throws {
        guard read < inbox.count || connection.hasUnreadInput else { return }
        defer { giveUp() }
        while inbox.count - read <= POP3ReplyParser.lineLimit, connection.receiveIfReady(into: &inbox) {}
        if let reply = try parseReply(), reply.status == .error {
            // Servers say why they end a session that has been idle for too long.
            throw MailError.refusal(reply, by: server, of: "to go on with the session", fallback: .connectionLost)
        }
        throw MailError(
            .protocolViolation,
            "\(server) sent something before \(subject), without having been asked; the connection was closed and nothing "
                + "was deleted: tell the server's operator"
        )
    }

    /// Begins TLS after STLS.
    func startTLS() async throws {
        try await connection.startTLS(unread: inbox.count - read)
        parser = POP3ReplyParser()
    }

    // MARK: Secrets

    /// Keeps secrets out of whatever the server says from now on.
    func hide(_ secrets: [Secret], visible: String) {
        for secret in secrets { mask.add(secret) }
        mask.visible = [Array(visible.utf8)]
        parser.mask = mask
    }

    private func hide(_ text: WireText) {
        mask.add(text)
        parser.mask = mask
    }

    // MARK: Lists

    /// The lines behind a positive reply.
    func readList(
        _ limits: POP3ListReader.Limits,
        of subject: String,
        _ line: (UnsafeRawBufferPointer) throws(MailError) -> Void
    ) async throws {
        var reader = POP3ListReader(limits, subject: subject)
        limit = TransferDeadline(timeouts, for: "the list that answers \(subject)")
        while true {
            if read < inbox.count {
                let used: Int
                do {
                    used = try inbox.withUnsafeBytes { octets throws(MailError) -> Int in
                        try reader.read(UnsafeRawBufferPointer(rebasing: octets[read...]), line)
                    }
                } catch var error as MailError {
                    giveUp()
                    // It may quote the server.
                    error.message = mask.masked(error.message)
                    throw error
                }
                consume(used)
                limit.progressed(used)
                if reader.isAtEnd { return }
            }
            try await receiveMore(limit.deadline)
        }
    }

    // MARK: Bodies

    /// A positive reply has come, and its lines follow.
    ///
    /// - Returns: the number of the body, for ``readBody(_:into:)``.
    ///
    /// - Parameter sizes: what the server has said of the message and of those that were asked for before and behind it.
    func beginBody(_ sizes: POP3SizeGuard.Expected? = nil) -> Int {
        body = POP3BodyDecoder()
        bodyFailure = nil
        self.sizes.begin(sizes)
        bodyNumber &+= 1
        bodyOctets = 0
        limit = TransferDeadline(timeouts, for: "a message")
        return bodyNumber
    }

    /// Appends the next octets of a body, at most about ``ContentChunk/preferredSize``.
    ///
    /// - Returns: `false` at its end, when nothing was appended.
    /// - Throws: `misuse` if the line has gone on to something else.
    func readBody(_ number: Int, into output: inout [UInt8]) async throws -> Bool {
        guard number == bodyNumber else { throw superseded() }
        return try await moveBody(into: &output)
    }

    /// Whether octets of a body are still to come.
    var isBodyComing: Bool { body != nil }

    /// Reads what is left of the present body and throws it away, so that the next reply can be read.
    func finishBody() async throws {
        guard body != nil || bodyFailure != nil else { return }
        // Whoever still holds its reader must not take this for the end.
        bodyNumber &+= 1
        var nothing: [UInt8] = []
        while try await moveBody(into: &nothing) { nothing.removeAll(keepingCapacity: true) }
    }

    private func moveBody(into output: inout [UInt8]) async throws -> Bool {
        let before = output.count
        while let decoder = body {
            if read < inbox.count {
                decodeBody(decoder, into: &output)
                if output.count > before { return true }
            } else {
                try await receiveMore(limit.deadline)
            }
        }
        if let bodyFailure { throw bodyFailure }
        return false
    }

    private func decodeBody(_ decoder: POP3BodyDecoder, into output: inout [UInt8]) {
        var decoder = decoder
        let before = output.count
        let used = inbox.withUnsafeBytes { octets in
            let end = min(octets.count, read &+ ContentChunk.preferredSize)
            return decoder.decode(UnsafeRawBufferPointer(rebasing: octets[read..<end]), into: &output)
        }
        consume(used)
        limit.progressed(used)
        bodyOctets &+= UInt64(used)
        sizes.count(output.count &- before)
        body = decoder.isAtEnd ? nil : decoder
        if decoder.isAtEnd, sizes.isMistaken() {
            connection.abort()
            bodyFailure = MailError(
                .protocolViolation,
                "\(server) gave another message than the one that was asked for: one of its answers is missing or came twice; "
                    + "the connection was closed and nothing was deleted. If it happens again, set `messages-in-flight: 1`"
            )
        }
        guard decoder.isAtEnd, connection.isTranscribed else { return }
        let octets = bodyOctets
        connection.withTranscript { $0.event("received \(octets) octets of a message") }
    }

    func superseded() -> MailError {
        MailError(
            .misuse,
            "this message was not read to its end before the session with \(server) went on; read one message after the "
                + "other"
        )
    }
}

extension POP3Reply {
    /// The reply as it came, for the transcript.
    fileprivate var line: [UInt8] {
        let word =
            switch status {
            case .ok: "+OK "
            case .error: "-ERR "
            case .challenge: "+ "
            }
        return Array(word.utf8) + text
    }
}
