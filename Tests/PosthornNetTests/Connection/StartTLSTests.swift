import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("The change to TLS", .undisturbed)
struct StartTLSTests {
    private static let injections = [
        "250 injected\r\n", "2", "\r\n", "\n", "235 signed in\r\n", "* PREAUTH\r\n",
        String(repeating: "x", count: 100_000),
    ]

    @Test("Text behind the reply to STARTTLS is never taken, 50 times", arguments: injections)
    func injected(text: String) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            _ = try peer.readLine()
            try peer.send("220 go ahead\r\n" + text)
            try peer.startTLS(context)
            try peer.send("250 genuine\r\n")
            peer.drain()
        }
        let options = try Net.tlsOptions(.startTLS)
        for _ in 0..<50 {
            let result = await failing {
                let connection = try await Connection.connect(to: server.endpoint, options: options)
                connection.write(.line("STARTTLS"))
                _ = try await connection.readLine(deadline: Net.deadline())
                try await connection.startTLS()
                let line = try await connection.readLine(deadline: Net.deadline())
                Issue.record("read '\(Net.text(line))'")
            }
            #expect(result.error?.code == .protocolViolation || result.error?.code == .tlsFailed)
        }
    }

    @Test("Text that follows later, in the clear, is an error too")
    func injectedLater() async throws {
        let server = try TestServer { peer in
            _ = try peer.readLine()
            try peer.send("220 go ahead\r\n")
            peer.pause(0.05)
            try peer.send("250 injected\r\n")
            peer.drain()
        }
        let result = await failing {
            let connection = try await Connection.connect(to: server.endpoint, options: try Net.tlsOptions(.startTLS))
            connection.write(.line("STARTTLS"))
            _ = try await connection.readLine(deadline: Net.deadline())
            try await connection.startTLS()
        }
        // How late it comes decides who notices.
        #expect(result.error?.code == .tlsFailed || result.error?.code == .protocolViolation)
    }

    @Test("A server that speaks plain text where TLS is expected is explained")
    func plainText() async throws {
        let server = try TestServer { peer in
            try peer.send("220 mail.example.org ESMTP\r\n")
            peer.drain()
        }
        let result = await failing {
            _ = try await Connection.connect(to: server.endpoint, options: try Net.tlsOptions())
        }
        #expect(result.error?.code == .tlsFailed)
        #expect(result.error?.message.contains("security: starttls") == true)
    }

    @Test("A certificate for another name is refused, and nothing is sent")
    func wrongName() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            peer.drain()
        }
        let endpoint = Endpoint(host: "other.example.org", port: server.port)
        let options = try Net.tlsOptions { $0.resolver = { _ in ["127.0.0.1"] } }
        let result = await failing { _ = try await Connection.connect(to: endpoint, options: options) }
        #expect(result.error?.code == .tlsFailed)
        #expect(result.error?.message.contains("other.example.org") == true)
    }

    @Test("A handshake can be left for later, for a diagnosis in steps")
    func deferred() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("220 here\r\n")
            peer.drain()
        }
        let options = try Net.tlsOptions { $0.defersTLS = true }
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        #expect(!connection.isEncrypted)
        #expect(connection.info.addresses == ["127.0.0.1"])
        try await connection.startTLS()
        #expect(connection.isEncrypted)
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 here")
        await connection.closeGracefully()
    }

    @Test("TLS begins once, and not while text is unsent")
    func misuse() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            peer.drain()
        }
        let connection = try await Connection.connect(to: server.endpoint, options: try Net.tlsOptions())
        let result = await failing { try await connection.startTLS() }
        #expect(result.error?.code == .misuse)
    }
}
