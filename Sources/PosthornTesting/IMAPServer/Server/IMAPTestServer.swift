import Posthorn

/// An IMAP server inside the process, for tests of programs that read mail where it lies.
///
/// ```swift
/// var configuration = IMAPServerConfiguration()
/// configuration.users = ["info": "secret"]
/// configuration.mailboxes["info"] = [
///     IMAPServerMailbox("INBOX", messages: [IMAPServerMessage(text: "Subject: Hello\r\n\r\nHi\r\n")])
/// ]
/// try await IMAPTestServer.withServer(configuration) { server in
///     … // read from 127.0.0.1, server.port
///     server.deliver(IMAPServerMessage(text: "Subject: News\r\n\r\n"), of: "info")
///     #expect(server.violations.isEmpty)
/// }
/// ```
/// It listens on 127.0.0.1 at a free port. It is strict: what a client does against the protocol is in
/// ``IMAPServerConnection/violations``. Any number of sessions look at the same mailboxes; what one of them changes, or
/// the test through ``deliver(_:to:of:)``, ``expunge(uid:from:of:)`` and the like, the others are told when RFC 3501
/// section 7 allows it, in IDLE at once. It is not a mail server to be used for mail.
public final class IMAPTestServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    /// The configuration that it was started with.
    public let configuration: IMAPServerConfiguration

    private let mail: IMAPMailStore
    private let listener: ServerListener<IMAPServerSession, IMAPServerConnection>

    private init(
        configuration: IMAPServerConfiguration,
        mail: IMAPMailStore,
        listener: ServerListener<IMAPServerSession, IMAPServerConnection>
    ) {
        self.configuration = configuration
        self.mail = mail
        self.listener = listener
        port = listener.port
    }

    /// The host to connect to.
    public var host: String { "127.0.0.1" }

    /// The PEM file of the authority that clients must trust; `nil` without encryption, or if the configuration names
    /// a certificate without its authority. The file of a self-made certificate goes away with the server.
    public var authorityFile: String? { listener.authorityFile }

    /// The connections, in the order of their arrival; those that have ended included.
    public var connections: [IMAPServerConnection] { listener.record.current.connections }

    /// What clients did against the protocol, over all connections.
    public var violations: [String] { connections.flatMap(\.violations) }

    // MARK: Mailboxes

    /// A mailbox as it is now, whatever clients have been told; `nil` if there is none of the name.
    public func mailbox(_ name: String = "INBOX", of user: String) -> IMAPServerMailbox? {
        mail.snapshot(name, of: user)
    }

    /// The names of a user's mailboxes, INBOX first and then in order.
    public func mailboxNames(of user: String) -> [String] { mail.list(of: user).map(\.name) }

    /// Delivers a message, as if it came from outside. It gets the next UID unless it has a greater one itself.
    ///
    /// - Returns: its UID; `nil` if there is no such mailbox, or its UID is not greater than all others.
    @discardableResult
    public func deliver(_ message: IMAPServerMessage, to mailbox: String = "INBOX", of user: String) -> UInt32? {
        mail.id(mailbox, of: user).flatMap { mail.add(message, to: $0)?.uids.first }
    }

    /// Removes a message, as if another client had done it.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func expunge(uid: UInt32, from mailbox: String = "INBOX", of user: String) -> Bool {
        mail.id(mailbox, of: user).map { mail.expunge($0, [uid], areMarked: false) > 0 } ?? false
    }

    /// Gives a message other flags, as if another client had done it.
    ///
    /// - Returns: whether there is such a message.
    @discardableResult
    public func setFlags(_ flags: [String], uid: UInt32, in mailbox: String = "INBOX", of user: String) -> Bool {
        mail.id(mailbox, of: user).map { !mail.store($0, [uid], .set, flags).messages.isEmpty } ?? false
    }

    /// Makes a mailbox, as if another client had done it.
    ///
    /// - Returns: whether there was none of the name.
    @discardableResult
    public func create(_ mailbox: String, of user: String, attributes: [String] = []) -> Bool {
        mail.create(mailbox, of: user, attributes: attributes) == .done
    }

    /// Removes a mailbox, as if another client had done it. Sessions that have it open hear `BYE`.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func delete(_ mailbox: String, of user: String) -> Bool { mail.delete(mailbox, of: user) == .done }

    /// Gives a mailbox another UIDVALIDITY and its messages other UIDs, as a server does that has lost its index.
    /// Sessions that have it open hear `BYE`.
    ///
    /// - Parameters:
    ///   - value: The new value; `nil` for the next one. With the old one, it is a server that must not be trusted.
    ///   - firstUID: The UID of the first message; the others follow it.
    public func changeUIDValidity(
        of mailbox: String = "INBOX",
        user: String,
        to value: UInt32? = nil,
        firstUID: UInt32 = 1
    ) {
        if let id = mail.id(mailbox, of: user) { mail.changeUIDValidity(id, to: value, firstUID: firstUID) }
    }

    // MARK: Running

    /// Starts a server.
    ///
    /// - Throws: `MailError` with code `connection-failed` if no port can be opened, or an error that names the
    ///   certificate file that cannot be used.
    public static func start(
        _ configuration: IMAPServerConfiguration = IMAPServerConfiguration()
    ) async throws -> IMAPTestServer {
        let settings = ServerSettings(
            security: configuration.security,
            certificate: configuration.certificate,
            clientAuthorityFile: configuration.clientAuthorityFile,
            connections: configuration.limits.connections,
            refusal: "* BYE [UNAVAILABLE] too many connections\r\n",
            recordsOctets: configuration.recordsOctets,
            keptPerConnection: configuration.limits.keptPerConnection
        )
        let mail = IMAPMailStore(configuration)
        let listener = try await ServerListener<IMAPServerSession, IMAPServerConnection>.start(settings) { number in
            IMAPServerSession(configuration: configuration, mail: mail, connection: number)
        }
        return IMAPTestServer(configuration: configuration, mail: mail, listener: listener)
    }

    /// Starts a server, gives it to `body`, and stops it in any case.
    public static func withServer<Result>(
        _ configuration: IMAPServerConfiguration = IMAPServerConfiguration(),
        _ body: (IMAPTestServer) async throws -> Result
    ) async throws -> Result {
        try await withRunning(try await start(configuration), stop: { await $0.stop() }, body)
    }

    /// Ends all connections and closes the port. What was recorded stays.
    public func stop() async { await listener.stop() }

    /// Ends the connections that are open, and keeps listening: what a client sees when a server restarts.
    public func dropConnections() async { await listener.dropConnections() }

    /// Waits until no connection is open, so that ``connections`` is complete.
    ///
    /// - Throws: `MailError` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    public func waitForDisconnects(timeout: Duration = .seconds(10)) async throws {
        try await listener.waitForDisconnects(timeout: timeout)
    }

    /// Waits until the open connections have sent a command, such as `IDLE`, as often as said.
    ///
    /// - Parameters:
    ///   - prefix: How the command begins in ``IMAPServerConnection/commands``.
    ///   - count: How many such commands there must be over all connections.
    /// - Throws: `MailError` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    public func waitForCommands(_ prefix: String, count: Int = 1, timeout: Duration = .seconds(10)) async throws {
        let isThere = try await listener.record.wait(
            until: { record in
                record.connections.reduce(0) { $0 + $1.commands.count { $0.hasPrefix(prefix) } } >= count
            },
            timeout: timeout
        )
        guard isThere else {
            throw MailError(.timedOut, "the command '\(prefix)' has not come \(count) times after \(timeout)")
        }
    }
}
