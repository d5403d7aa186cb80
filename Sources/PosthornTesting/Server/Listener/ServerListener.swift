import NIOCore
import NIOPosix
import Posthorn
import PosthornTLS
import Synchronization

/// Listens on 127.0.0.1 at a free port, holds the connections, and keeps the books: a test server of any protocol.
final class ServerListener<Session: ScriptedSession, Connection: ServerConnectionRecord>: Sendable
where Connection.Fault == Session.Fault {
    typealias Record = Watched<ServerRecord<Connection, Session.Event>>

    let port: Int
    let record: Record
    private let listener: any Channel
    private let children = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let files: CertificateFiles?

    private init(listener: any Channel, record: Record, files: CertificateFiles?) {
        self.listener = listener
        self.record = record
        self.files = files
        port = listener.localAddress?.port ?? 0
    }

    /// The PEM file of the authority that clients must trust.
    var authorityFile: String? { files?.authority }

    /// Starts to listen.
    ///
    /// - Parameter makeSession: Makes the conversation of a connection, whose number it gets.
    /// - Throws: `MailError` with code `connection-failed` if no port can be opened, or an error that names the
    ///   certificate file that cannot be used.
    static func start(
        _ settings: ServerSettings,
        makeSession: @escaping @Sendable (Int) -> Session
    ) async throws -> ServerListener {
        let files = settings.security == .none ? nil : try CertificateFiles(settings.certificate)
        let tls = try context(settings, files)
        let record = Record(ServerRecord())
        let arrivals = Arrivals()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ServerHandler<Session, Connection>(settings, record, tls, makeSession)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    arrivals.report(channel)
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        } catch {
            throw MailError(.connectionFailed, "the test server cannot listen on 127.0.0.1: \(error)", cause: error)
        }
        let server = ServerListener(listener: channel, record: record, files: files)
        arrivals.set { [weak server] channel in server?.adopt(channel) ?? channel.close(promise: nil) }
        return server
    }

    private static func context(_ settings: ServerSettings, _ files: CertificateFiles?) throws -> TLSServerContext? {
        do {
            return try files.map { files in
                var configuration = TLSServerConfiguration(identity: files.identity)
                if let path = settings.clientAuthorityFile {
                    configuration.clientCertificates = .wanted(issuedBy: .file(path))
                }
                return try TLSServerContext(configuration)
            }
        } catch {
            throw MailError(.tlsFailed, "the test server's certificate cannot be used: \(error)", cause: error)
        }
    }

    /// Ends all connections and closes the port.
    func stop() async {
        try? await listener.close().get()
        let open = children.withLock { children in
            defer { children = [:] }
            return Array(children.values)
        }
        for channel in open { try? await channel.close().get() }
    }

    /// Ends the connections that are open, and keeps listening.
    func dropConnections() async {
        for channel in children.withLock({ Array($0.values) }) { try? await channel.close().get() }
    }

    /// Waits until no connection is open.
    ///
    /// - Throws: `MailError` with code `timed-out` if that takes longer than `timeout`; `CancellationError`.
    func waitForDisconnects(timeout: Duration) async throws {
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

/// Gives a running server to `body`, and stops it in any case.
func withRunning<Server, Result>(
    _ server: Server,
    stop: (Server) async -> Void,
    _ body: (Server) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(server)
        await stop(server)
        return result
    } catch {
        await stop(server)
        throw error
    }
}
