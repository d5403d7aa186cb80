import Posthorn

/// A mail server inside the process, for tests of programs that send over SMTP or LMTP.
///
/// ```swift
/// try await SMTPTestServer.withServer { server in
///     … // send to 127.0.0.1, server.port
///     let message = try await server.waitForMessages(count: 1)[0]
///     #expect(message.recipients.map(\.address) == ["orders@supplier.example"])
/// }
/// ```
/// It listens on 127.0.0.1 at a free port, and remembers everything that comes. It is strict: what a client does
/// against the protocol is in ``SMTPServerConnection/violations``. It is not a mail server to be used for mail.
public final class SMTPTestServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    /// The configuration that it was started with.
    public let configuration: SMTPServerConfiguration

    private let listener: ServerListener<SMTPServerSession, SMTPServerConnection>

    private init(
        configuration: SMTPServerConfiguration,
        listener: ServerListener<SMTPServerSession, SMTPServerConnection>
    ) {
        self.configuration = configuration
        self.listener = listener
        port = listener.port
    }

    /// The host to connect to.
    public var host: String { "127.0.0.1" }

    /// The PEM file of the authority that clients must trust; `nil` without encryption, or if the configuration names
    /// a certificate without its authority. The file of a self-made certificate goes away with the server.
    public var authorityFile: String? { listener.authorityFile }

    /// The messages that were taken, in the order of their arrival.
    public var messages: [ReceivedMessage] { listener.record.current.events }

    /// The messages that were taken, as ``TransportConformance`` wants to see them.
    public var delivered: [DeliveredMessage] {
        messages.map { DeliveredMessage(sender: $0.sender, recipients: $0.recipients.map(\.address), bytes: $0.bytes) }
    }

    /// The connections, in the order of their arrival; those that have ended included.
    public var connections: [SMTPServerConnection] { listener.record.current.connections }

    /// What clients did against the protocol, over all connections.
    public var violations: [String] { listener.record.current.connections.flatMap(\.violations) }

    /// Starts a server.
    ///
    /// - Throws: ``MailError`` with code `connection-failed` if no port can be opened, or an error that names the
    ///   certificate file that cannot be used.
    public static func start(
        _ configuration: SMTPServerConfiguration = SMTPServerConfiguration()
    ) async throws -> SMTPTestServer {
        let settings = ServerSettings(
            security: configuration.security,
            certificate: configuration.certificate,
            clientAuthorityFile: configuration.clientAuthorityFile,
            connections: configuration.limits.connections,
            refusal: "421 4.3.2 too many connections\r\n",
            recordsOctets: configuration.recordsOctets,
            keptPerConnection: configuration.limits.keptPerConnection
        )
        let listener = try await ServerListener<SMTPServerSession, SMTPServerConnection>.start(settings) { number in
            SMTPServerSession(configuration: configuration, connection: number)
        }
        return SMTPTestServer(configuration: configuration, listener: listener)
    }

    /// Starts a server, gives it to `body`, and stops it in any case.
    public static func withServer<Result>(
        _ configuration: SMTPServerConfiguration = SMTPServerConfiguration(),
        _ body: (SMTPTestServer) async throws -> Result
    ) async throws -> Result {
        try await withRunning(try await start(configuration), stop: { await $0.stop() }, body)
    }

    /// Ends all connections and closes the port. What was recorded stays.
    public func stop() async { await listener.stop() }

    /// Ends the connections that are open, and keeps listening: what a client sees when a server restarts.
    public func dropConnections() async { await listener.dropConnections() }

    /// Waits until this many messages were taken.
    ///
    /// - Returns: all messages.
    /// - Throws: ``MailError`` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    @discardableResult
    public func waitForMessages(count: Int, timeout: Duration = .seconds(10)) async throws -> [ReceivedMessage] {
        guard try await listener.record.wait(until: { $0.events.count >= count }, timeout: timeout) else {
            throw MailError(.timedOut, "\(count) messages were expected within \(timeout), and \(messages.count) came")
        }
        return messages
    }

    /// Waits until no connection is open, so that ``connections`` is complete.
    ///
    /// - Throws: ``MailError`` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    public func waitForDisconnects(timeout: Duration = .seconds(10)) async throws {
        try await listener.waitForDisconnects(timeout: timeout)
    }
}
