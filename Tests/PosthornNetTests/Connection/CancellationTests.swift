import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Cancellation", .undisturbed)
struct CancellationTests {
    enum Phase: CaseIterable, Sendable {
        case resolving, connecting, proxy, handshake, greeting, reply, idle, body, flow, closing
    }

    private static func run(_ phase: Phase, server: TestServer) async throws {
        let block = [UInt8](repeating: 0x41, count: 256 * 1024)
        switch phase {
        case .resolving:
            let options = Net.options {
                $0.timeouts.connect = .seconds(20)
                $0.resolver = { _ in
                    try await Task.sleep(for: .seconds(10))
                    return ["127.0.0.1"]
                }
            }
            _ = try await Connection.connect(to: server.endpoint, options: options)
        case .connecting:
            // A listener whose queue is full takes no connection and refuses none.
            let full = try FullListener()
            defer { full.stop() }
            let options = Net.options { $0.timeouts.connect = .seconds(20) }
            _ = try await Connection.connect(to: full.endpoint, options: options)
        case .proxy:
            let options = Net.options {
                $0.timeouts.connect = .seconds(20)
                $0.proxy = ProxyServer(kind: .socks5, endpoint: server.endpoint)
            }
            _ = try await Connection.connect(to: Endpoint(host: "a.example", port: 1), options: options)
        case .handshake:
            let options = try Net.tlsOptions { $0.timeouts.tls = .seconds(20) }
            _ = try await Connection.connect(to: server.endpoint, options: options)
        case .greeting:
            let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
            _ = try await connection.readLine(deadline: Net.deadline(.seconds(20)))
        case .reply:
            let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
            connection.write(.line("NOOP"))
            _ = try await connection.readLine(deadline: Net.deadline(.seconds(20)))
        case .idle:
            let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
            _ = try await connection.waitForInput(deadline: Net.deadline(.seconds(20)))
        case .body:
            let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
            while true { try await connection.writeBody(block) }
        case .flow:
            let source = try TestServer { peer in
                while true { try peer.send([UInt8](repeating: 0x0A, count: 50_000)) }
            }
            let connection = try await Connection.connect(to: source.endpoint, options: Net.options())
            for _ in 0..<Int.max { _ = try await connection.readLine(deadline: Net.deadline()) }
        case .closing:
            let options = Net.options { $0.timeouts.close = .seconds(20) }
            let connection = try await Connection.connect(to: server.endpoint, options: options)
            try await Net.clog(connection)
            await connection.closeGracefully()
            try Task.checkCancellation()
        }
    }

    @Test("Cancelling the task ends every wait at once and leaves no socket open", arguments: Phase.allCases)
    func cancelled(phase: Phase) async throws {
        let server = try TestServer { peer in peer.waitForEnd() }
        let task = Task(executorPreference: QueueExecutor.waiting) { try await Self.run(phase, server: server) }
        try await Task.sleep(for: .milliseconds(400))
        task.cancel()
        // Each phase would go on for ten seconds and more, and end with another error.
        let result = await task.result
        switch result {
        case .success:
            Issue.record("the task was not cancelled")
        case .failure(let error as MailError):
            #expect(error.code == .cancelled)
            #expect(error.cause is CancellationError)
        case .failure(let error):
            #expect(error is CancellationError && phase == .closing)
        }
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test("A task that is cancelled already does not connect")
    func before() async throws {
        let server = try TestServer { peer in peer.drain() }
        let task = Task(executorPreference: QueueExecutor.waiting) {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await Connection.connect(to: server.endpoint, options: Net.options())
        }
        let error = await #expect(throws: MailError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test("A connection that is let go closes its socket")
    func letGo() async throws {
        let server = try TestServer { peer in peer.drain() }
        for _ in 0..<20 { _ = try await Connection.connect(to: server.endpoint, options: Net.options()) }
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test("Cancelling at any moment of a whole dialogue leaves no socket open")
    func anyMoment() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("220 hello\r\n")
            while true { try peer.send("250 \(try peer.readLine())\r\n") }
        }
        let options = try Net.tlsOptions()
        for moment in 0..<40 {
            let task = Task(executorPreference: QueueExecutor.waiting) {
                let connection = try await Connection.connect(to: server.endpoint, options: options)
                while true {
                    connection.write(.line("NOOP"))
                    _ = try await connection.readLine(deadline: Net.deadline())
                }
            }
            try await Task.sleep(for: .microseconds(moment * 300))
            task.cancel()
            let error = await #expect(throws: MailError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
        #expect(await OpenSockets.areGone(port: server.port))
    }
}
