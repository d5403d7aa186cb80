import Posthorn
import PosthornNet
import Synchronization

/// One connection to a server: sends commands, brings what the server says, and keeps the picture of the chosen folder.
///
/// `@unchecked Sendable`: contents that a session hands out may be read by another task, and a line lies in the store's
/// shelf between two sessions. Every use claims the line for its duration; two at once are an error (`misuse`), not a race.
final class IMAPLine: @unchecked Sendable {
    let connection: Connection
    /// What the server announced last; never from before TLS.
    var capabilities = IMAPCapabilities()
    /// How commands are written.
    var encoding = IMAPEncoding()
    /// The folder that is chosen.
    var mailbox: IMAPSelectedMailbox?
    private var parser: IMAPResponseParser
    private var lastTag = 0
    private let isClaimed = Atomic(false)
    /// Keeps what was sent as a secret out of every text that comes later.
    private var mask = SecretMask()
    /// Why the server ends the session, if it has said so.
    private(set) var farewell: IMAPStatus?
    /// The message that is coming in now; a reader of an earlier one is told that it is too late.
    var stream: IMAPMessageStream?
    var streamNumber = 0
    var streamLimit: TransferDeadline
    /// Counts the folders that are chosen and the sessions: what belongs to an earlier one must not be asked for any more,
    /// since its UIDs are those of other messages now.
    private(set) var epoch = 0
    /// Whether `readEach` is under way, with a command that is not answered yet.
    var isReadingEach = false
    /// How many responses may still come before the next command.
    private var responsesLeft = IMAPLine.responseLimit
    /// When the server last said something.
    private(set) var lastHeard = ContinuousClock.now

    init(_ connection: Connection, limits: IMAPLimits) {
        self.connection = connection
        parser = IMAPResponseParser(limits: limits)
        streamLimit = TransferDeadline(connection.options.timeouts, for: "a message")
    }

    deinit { connection.abort() }

    var timeouts: Timeouts { connection.options.timeouts }
    var server: String { connection.endpoint.description }

    // MARK: One user at a time

    func claim() throws {
        guard !isClaimed.exchange(true, ordering: .acquiring) else {
            throw MailError(
                .misuse,
                "two tasks use one session with \(server) at once; let one finish, or open a session for each"
            )
        }
    }

    func release() { isClaimed.store(false, ordering: .releasing) }

    /// Contents and UIDs from before are worth nothing any more.
    func beginEpoch() { epoch &+= 1 }

    // MARK: Commands

    /// Sends a command; waits only for the permission that literals need.
    ///
    /// - Parameters:
    ///   - content: writes the octets of the message with an index; needed by commands that have some.
    ///   - refused: makes the error if the server refuses the command instead of giving that permission.
    ///   - heard: hears every untagged response.
    /// - Returns: the tag.
    func send(
        _ command: IMAPCommand,
        content: ((Int) async throws -> Void)? = nil,
        refused: ((IMAPStatus) -> MailError)? = nil,
        heard: (IMAPResponse) throws -> Void = { _ in }
    ) async throws -> String {
        lastTag &+= 1
        let tag = "p\(lastTag)"
        // Four for every message: answers, and what others do meanwhile.
        let perMessage = 4 * Int(min(mailbox?.count ?? 0, 5_000_000))
        responsesLeft = (command.name == "LIST" ? Self.listLimit : Self.responseLimit) + perMessage
        for piece in try command.encoded(tag: tag, encoding) {
            switch piece {
            case .text(let text):
                hide(text.wire)
                connection.write(text.wire)
            case .content(let index, _):
                guard let content else {
                    throw MailError(.misuse, "the command \(command.name) has no content to send")
                }
                try await content(index)
            case .waitForContinuation: try await waitForContinuation(of: command, tag: tag, refused, heard)
            }
        }
        return tag
    }

    private func waitForContinuation(
        of command: IMAPCommand,
        tag: String,
        _ refused: ((IMAPStatus) -> MailError)?,
        _ heard: (IMAPResponse) throws -> Void
    ) async throws {
        let deadline = timeouts.reply(to: command.name)
        while true {
            switch try await next(deadline) {
            case .response(.continuation): return
            case .response(.tagged(let other, let status)) where other == tag:
                throw refused?(status) ?? refusal(status, command.name)
            case .response(let response): try take(response, heard)
            default: throw violation("a message where permission to send was expected")
            }
        }
    }

    /// Brings the answer to a command, and everything that comes before it.
    ///
    /// - Parameters:
    ///   - limit: how long the answer may take in all; `nil` for the limits of the settings.
    ///   - heard: hears every untagged response.
    func finish(
        _ tag: String,
        _ name: String,
        within wholeLimit: Duration? = nil,
        heard: (IMAPResponse) throws -> Void = { _ in }
    ) async throws -> IMAPStatus {
        let timeouts = timeouts
        // A list may be long: the limit is for silence, and for a server that drips.
        var limit = TransferDeadline(timeouts, for: "the answer to \(name)")
        let reply =
            wholeLimit.map { Deadline(after: $0, for: "the answer to \(name)", key: "timeouts.reply") }
            ?? timeouts.reply(to: name)
        var heardAnything = false
        while true {
            switch try await next(heardAnything && wholeLimit == nil ? limit.deadline : reply) {
            case .response(.tagged(let other, let status)):
                guard other == tag else { throw violation("an answer to another command") }
                return status
            case .response(let response):
                heardAnything = true
                limit.progressed(Self.usualResponse)
                try take(response, heard)
            case .literalBegins, .literalEnds: break
            case .literalPiece(let octets): limit.progressed(octets.count)
            }
        }
    }

    /// Sends a command and brings its answer.
    ///
    /// - Throws: ``MailError`` if the server answers NO or BAD.
    @discardableResult
    func run(_ command: IMAPCommand, heard: (IMAPResponse) throws -> Void = { _ in }) async throws -> IMAPStatus {
        let tag = try await send(command, heard: heard)
        let status = try await finish(tag, command.name, heard: heard)
        guard status.kind == .ok else { throw refusal(status, command.name) }
        return status
    }

    func refusal(_ status: IMAPStatus, _ subject: String) -> MailError {
        .imapRefusal(masked(status), by: server, of: subject)
    }

    func violation(_ what: String) -> MailError {
        connection.abort()
        return .imapViolation(server, what)
    }

    // MARK: What the server says

    /// The next event.
    func next(_ deadline: Deadline) async throws -> IMAPEvent {
        do {
            let event = try await connection.next(&parser, deadline: deadline)
            lastHeard = .now
            return event
        } catch let error as MailError {
            // A parser that has lost its place is of no more use.
            if error.code == .protocolViolation { connection.abort() }
            if let farewell, error.code == .connectionLost {
                throw MailError(
                    .unavailable,
                    "\(server) ended the session: '\(PeerText.shown(farewell.text, limit: 300))'; try again later",
                    reply: ServerReply(text: farewell.text),
                    cause: error
                )
            }
            throw error
        }
    }

    /// Takes what concerns the session and the chosen folder, then gives the response to whoever asked.
    ///
    /// - Throws: ``MailError``; `protocol-violation` if the responses to one command do not end.
    func take(_ response: IMAPResponse, _ heard: (IMAPResponse) throws -> Void) throws {
        responsesLeft -= 1
        guard responsesLeft >= 0 else { throw violation("responses to one command without an end") }
        switch response {
        case .status(let status):
            try checkValidity(status)
            if status.kind == .bye { farewell = masked(status) }
            if case .capability(let words)? = status.code { announced(words) }
            mailbox?.note(status)
        case .capabilities(let words): announced(words)
        case .greeting, .tagged, .continuation: throw violation("something out of turn")
        default: mailbox?.note(response)
        }
        try heard(response)
    }

    /// Other UIDs for the messages of the chosen folder: whatever is known of it is about other messages now.
    private func checkValidity(_ status: IMAPStatus) throws {
        guard case .uidValidity(let value)? = status.code, let mailbox, mailbox.uidValidity != 0,
            value != mailbox.uidValidity
        else { return }
        connection.abort()
        throw MailError(
            .unavailable,
            "\(server) numbered the messages of the folder '\(PeerText.shown(mailbox.name, limit: 100))' anew while it was "
                + "open (UIDVALIDITY \(value)); open another session and list them again"
        )
    }

    /// Responses that a command may bring besides those about messages, and besides folders.
    private static let responseLimit = 20_000
    /// Responses to LIST.
    private static let listLimit = 200_000
    /// Octets of a short response that says something: what it counts for where octets must come in time.
    private static let usualResponse = 40

    /// What the settings have it pass over.
    var ignoredCapabilities: [String] = []

    func announced(_ words: [String]) {
        capabilities = IMAPCapabilities(words)
        capabilities.ignore(ignoredCapabilities)
        encoding.literals = capabilities.literals
    }

    private func masked(_ status: IMAPStatus) -> IMAPStatus {
        var status = status
        status.text = mask.masked(status.text)
        return status
    }

    /// Begins TLS after STARTTLS. What was announced before counts for nothing.
    func startTLS() async throws {
        try await connection.startTLS()
        parser = IMAPResponseParser(limits: parser.limits, expectsGreeting: false)
        parser.mask = mask
        capabilities = IMAPCapabilities()
        encoding = IMAPEncoding()
    }

    // MARK: Secrets

    /// Keeps secrets out of whatever the server says from now on.
    func hide(_ secrets: [Secret], visible: String) {
        for secret in secrets { mask.add(secret) }
        mask.visible = [Array(visible.utf8)]
        parser.mask = mask
    }

    func hide(_ text: WireText) {
        guard !text.secretRanges.isEmpty else { return }
        mask.add(text)
        parser.mask = mask
    }

    // MARK: The end

    /// Says goodbye and closes.
    func logout() async {
        guard stream == nil, !connection.isPeerClosed else { return connection.abort() }
        let limit = min(timeouts.reply, timeouts.close)
        let deadline = Deadline(after: limit, for: "the server's reply to LOGOUT", key: "timeouts.reply")
        do {
            let tag = try await send(.logout)
            while true {
                guard case .response(.tagged(tag, _)) = try await next(deadline) else { continue }
                break
            }
            await connection.closeGracefully()
        } catch {
            connection.abort()
        }
    }
}
