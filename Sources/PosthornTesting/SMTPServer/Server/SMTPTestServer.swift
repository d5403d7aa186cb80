import NIOCore
import NIOPosix
import Posthorn
import PosthornTLS
import Synchronization

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

    private let record: Watched<SMTPServerRecord>
    private let listener: any Channel
    private let children: Mutex<[ObjectIdentifier: any Channel]>
    private let files: CertificateFiles?

    private init(
        configuration: SMTPServerConfiguration,
        listener: any Channel,
        port: Int,
        record: Watched<SMTPServerRecord>,
        files: CertificateFiles?
    ) {
        self.configuration = configuration
        self.listener = listener
        self.port = port
        self.record = record
        self.files = files
        children = Mutex([:])
    }

    /// The host to connect to.
    public var host: String { "127.0.0.1" }

    /// The PEM file of the authority that clients must trust; `nil` without encryption, or if the configuration names
    /// a certificate without its authority. The file of a self-made certificate goes away with the server.
    public var authorityFile: String? { files?.authority }

    /// The messages that were taken, in the order of their arrival.
    public var messages: [ReceivedMessage] { record.current.messages }

    /// The messages that were taken, as ``TransportConformance`` wants to see them.
    public var delivered: [DeliveredMessage] {
        messages.map { DeliveredMessage(sender: $0.sender, recipients: $0.recipients.map(\.address), bytes: $0.bytes) }
    }

    /// The connections, in the order of their arrival; those that have ended included.
    public var connections: [SMTPServerConnection] { record.current.connections }

    /// What clients did against the protocol, over all connections.
    public var violations: [String] { record.current.connections.flatMap(\.violations) }

    /// Starts a server.
    ///
    /// - Throws: ``MailError`` with code `connection-failed` if no port can be opened, or an error that names the
    ///   certificate file that cannot be used.
    public static func start(
        _ configuration: SMTPServerConfiguration = SMTPServerConfiguration()
    ) async throws -> SMTPTestServer {
        let files = configuration.security == .none ? nil : try CertificateFiles(configuration.certificate)
        let tls: TLSServerContext?
        do {
            tls = try files.map { files in
                var settings = TLSServerConfiguration(identity: files.identity)
                if let path = configuration.clientAuthorityFile {
                    settings.clientCertificates = .wanted(issuedBy: .file(path))
                }
                return try TLSServerContext(settings)
            }
        } catch {
            throw MailError(.tlsFailed, "the test server's certificate cannot be used: \(error)", cause: error)
        }
        let record = Watched(SMTPServerRecord())
        let arrivals = Arrivals()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = SMTPServerHandler(configuration: configuration, record: record, tls: tls)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    arrivals.report(channel)
                }
            }
        let listener: any Channel
        do {
            listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        } catch {
            throw MailError(.connectionFailed, "the test server cannot listen on 127.0.0.1: \(error)", cause: error)
        }
        let server = SMTPTestServer(
            configuration: configuration,
            listener: listener,
            port: listener.localAddress?.port ?? 0,
            record: record,
            files: files
        )
        arrivals.set { [weak server] channel in server?.adopt(channel) ?? channel.close(promise: nil) }
        return server
    }

    /// Starts a server, gives it to `body`, and stops it in any case.
    public static func withServer<Result>(
        _ configuration: SMTPServerConfiguration = SMTPServerConfiguration(),
        _ body: (SMTPTestServer) async throws -> Result
    ) async throws -> Result {
        let server = try await start(configuration)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Ends all connections and closes the port. What was recorded stays.
    public func stop() async {
        try? await listener.close().get()
        let open = children.withLock { children in
            defer { children = [:] }
            return Array(children.values)
        }
        for channel in open { try? await channel.close().get() }
    }

    /// Ends the connections that are open, and keeps listening: what a client sees when a server restarts.
    public func dropConnections() async {
        for channel in children.withLock({ Array($0.values) }) { try? await channel.close().get() }
    }

    /// Waits until this many messages were taken.
    ///
    /// - Returns: all messages.
    /// - Throws: ``MailError`` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    @discardableResult
    public func waitForMessages(count: Int, timeout: Duration = .seconds(10)) async throws -> [ReceivedMessage] {
        guard try await record.wait(until: { $0.messages.count >= count }, timeout: timeout) else {
            throw MailError(.timedOut, "\(count) messages were expected within \(timeout), and \(messages.count) came")
        }
        return messages
    }

    /// Waits until no connection is open, so that ``connections`` is complete.
    ///
    /// - Throws: ``MailError`` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    public func waitForDisconnects(timeout: Duration = .seconds(10)) async throws {
        guard try await record.wait(until: { $0.open == 0 }, timeout: timeout) else {
            throw MailError(.timedOut, "\(record.current.open) connections are still open after \(timeout)")
        }
    }

    private func adopt(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        children.withLock { $0[key] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.children.withLock { _ = $0.removeValue(forKey: key) }
        }
    }
}

/// Hands channels to the server, those too that come before the server's value exists.
private final class Arrivals: Sendable {
    private struct State: Sendable {
        var waiting: [any Channel] = []
        var handler: (@Sendable (any Channel) -> Void)?
    }

    private let state = Mutex(State())

    func report(_ channel: any Channel) {
        let handler = state.withLock { state in
            if state.handler == nil { state.waiting.append(channel) }
            return state.handler
        }
        handler?(channel)
    }

    func set(_ handler: @escaping @Sendable (any Channel) -> Void) {
        let waiting = state.withLock { state in
            state.handler = handler
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach(handler)
    }
}
