/// A POP3 server inside the process, for tests of programs that fetch mail.
///
/// ```swift
/// var configuration = POP3ServerConfiguration()
/// configuration.users = ["info": "secret"]
/// configuration.messages["info"] = [POP3ServerMessage(uid: "a", text: "Subject: Hello\r\n\r\nHi\r\n")]
/// try await POP3TestServer.withServer(configuration) { server in
///     … // fetch from 127.0.0.1, server.port, and delete
///     #expect(server.maildrop("info").isEmpty && server.violations.isEmpty)
/// }
/// ```
/// It listens on 127.0.0.1 at a free port. It is strict: what a client does against the protocol is in
/// ``POP3ServerConnection/violations``. It sends long messages as fast as the client reads, and makes them then. It is
/// not a mail server to be used for mail.
public final class POP3TestServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    /// The configuration that it was started with.
    public let configuration: POP3ServerConfiguration

    private let maildrops: POP3Maildrops
    private let listener: ServerListener<POP3ServerSession, POP3ServerConnection>

    private init(
        configuration: POP3ServerConfiguration,
        maildrops: POP3Maildrops,
        listener: ServerListener<POP3ServerSession, POP3ServerConnection>
    ) {
        self.configuration = configuration
        self.maildrops = maildrops
        self.listener = listener
        port = listener.port
    }

    /// The host to connect to.
    public var host: String { "127.0.0.1" }

    /// The PEM file of the authority that clients must trust; `nil` without encryption, or if the configuration names
    /// a certificate without its authority. The file of a self-made certificate goes away with the server.
    public var authorityFile: String? { listener.authorityFile }

    /// The connections, in the order of their arrival; those that have ended included.
    public var connections: [POP3ServerConnection] { listener.record.current.connections }

    /// What clients did against the protocol, over all connections.
    public var violations: [String] { connections.flatMap(\.violations) }

    /// The messages of a user as they are now, whatever clients have been told; none for a user that there is not.
    public func maildrop(_ user: String) -> [POP3ServerMessage] { maildrops.messages(of: user) }

    /// Delivers a message. A session that is open does not see it.
    public func deliver(_ message: POP3ServerMessage, to user: String) { maildrops.deliver(message, to: user) }

    /// Delivers octets as a message. A session that is open does not see it.
    public func deliver(_ octets: [UInt8], uid: String, to user: String) {
        deliver(POP3ServerMessage(uid: uid, content: ServerContent(octets)), to: user)
    }

    /// Removes the messages of a name, as if another program had deleted them. A session that is open still lists them,
    /// and hears `-ERR` when it asks for them.
    ///
    /// - Parameter user: Whose; `nil` for everybody's.
    /// - Returns: how many there were.
    @discardableResult
    public func remove(uid: String, of user: String? = nil) -> Int { maildrops.remove(uid: uid, of: user) }

    /// Starts a server.
    ///
    /// - Throws: `MailError` with code `connection-failed` if no port can be opened, or an error that names the
    ///   certificate file that cannot be used.
    public static func start(
        _ configuration: POP3ServerConfiguration = POP3ServerConfiguration()
    ) async throws -> POP3TestServer {
        let settings = ServerSettings(
            security: configuration.security,
            certificate: configuration.certificate,
            clientAuthorityFile: configuration.clientAuthorityFile,
            connections: configuration.limits.connections,
            refusal: "-ERR [SYS/TEMP] too many connections\r\n",
            recordsOctets: configuration.recordsOctets,
            keptPerConnection: configuration.limits.keptPerConnection
        )
        let maildrops = POP3Maildrops(configuration.messages)
        let listener = try await ServerListener<POP3ServerSession, POP3ServerConnection>.start(settings) { number in
            POP3ServerSession(configuration: configuration, maildrops: maildrops, connection: number)
        }
        return POP3TestServer(configuration: configuration, maildrops: maildrops, listener: listener)
    }

    /// Starts a server, gives it to `body`, and stops it in any case.
    public static func withServer<Result>(
        _ configuration: POP3ServerConfiguration = POP3ServerConfiguration(),
        _ body: (POP3TestServer) async throws -> Result
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
}
