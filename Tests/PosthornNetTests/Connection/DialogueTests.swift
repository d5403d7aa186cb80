import Posthorn
import PosthornTLS
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Talking over a connection", .undisturbed)
struct DialogueTests {
    private static func echo() throws -> TestServer {
        try TestServer { peer in
            try peer.send("220 hello\r\n")
            while true { try peer.send("250 \(try peer.readLine())\r\n") }
        }
    }

    @Test("Lines go to and fro")
    func lines() async throws {
        let server = try Self.echo()
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 hello")
        for number in 0..<100 {
            connection.write(.line("NOOP \(number)"))
            #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250 NOOP \(number)")
        }
        #expect(connection.info.peerAddress == "127.0.0.1")
        #expect(connection.octetsSent > 500)
        #expect(!connection.hasUnreadInput)
        #expect(!connection.isPeerClosed)
        await connection.closeGracefully()
        #expect(connection.isPeerClosed)
    }

    @Test("Many commands written before one read are all answered")
    func pipelined() async throws {
        let server = try Self.echo()
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        _ = try await connection.readLine(deadline: Net.deadline())
        for number in 0..<2_000 { connection.write(.line("A\(number)")) }
        for number in 0..<2_000 {
            #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250 A\(number)")
        }
        await connection.closeGracefully()
    }

    @Test("The same over TLS", arguments: [ConnectionSecurity.tls, .startTLS])
    func encrypted(security: ConnectionSecurity) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            if security == .startTLS {
                _ = try peer.readLine()
                try peer.send("220 go\r\n")
            }
            try peer.startTLS(context)
            try peer.send("220 hello\r\n")
            while true { try peer.send("250 \(try peer.readLine())\r\n") }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: try Net.tlsOptions(security))
        if security == .startTLS {
            #expect(!connection.isEncrypted)
            connection.write(.line("STARTTLS"))
            _ = try await connection.readLine(deadline: Net.deadline())
            try await connection.startTLS()
        }
        #expect(connection.isEncrypted)
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 hello")
        connection.write(.line("NOOP"))
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250 NOOP")
        let encryption = try #require(connection.encryption)
        #expect(encryption.version == "TLS 1.3")
        #expect(encryption.certificates.first?.names.contains("127.0.0.1") == true)
        #expect(connection.channelBindings?.exporter?.count == 32)
        await connection.closeGracefully()
        #expect(!connection.isTruncated)
    }

    @Test("A body of 10 MB arrives whole, plain and encrypted", arguments: [ConnectionSecurity.none, .tls])
    func body(security: ConnectionSecurity) async throws {
        let context = try Net.serverContext()
        let size = 10_000_000
        let server = try TestServer { peer in
            if security == .tls { try peer.startTLS(context) }
            let hash = try HashAlgorithm.sha256.hash(try peer.read(size))
            try peer.send("250 \(hash)\r\n")
            peer.drain()
        }
        let options = security == .tls ? try Net.tlsOptions() : Net.options()
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        let all = try TLSCrypto.randomBytes(500_000)
        var body: [UInt8] = []
        while body.count < size { body += all }
        var sent = 0
        while sent < size {
            let chunk = Array(body[sent..<min(size, sent + 1 + sent % 200_000)])
            try await connection.writeBody(chunk)
            sent += chunk.count
        }
        let reply = Net.text(try await connection.readLine(deadline: Net.deadline(.seconds(30))))
        #expect(reply == "250 \(try HashAlgorithm.sha256.hash(body))")
        await connection.closeGracefully()
    }

    @Test(
        "A download of 20 MB arrives whole, with memory bounded by a reader that lags",
        arguments: [ConnectionSecurity.none, .tls]
    )
    func download(security: ConnectionSecurity) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            if security == .tls { try peer.startTLS(context) }
            for block in 0..<200 {
                try peer.send(String(repeating: "\(block % 10)", count: 99_998) + "\r\n")
            }
            peer.drain()
        }
        let options = security == .tls ? try Net.tlsOptions() : Net.options()
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        try await Task.sleep(for: .milliseconds(200))
        #expect(connection.octetsReceived < 4_000_000)
        for block in 0..<200 {
            let line = try await connection.readLine(limit: 100_000, deadline: Net.deadline())
            #expect(line == [UInt8](repeating: UInt8(ascii: "0") + UInt8(block % 10), count: 99_998))
        }
        await connection.closeGracefully()
    }

    @Test("A reply split at every octet reads the same", arguments: [ConnectionSecurity.none, .tls])
    func splits(security: ConnectionSecurity) async throws {
        let context = try Net.serverContext()
        let text = "250-mail.example.org\r\n250 SIZE 1000\r\n"
        let server = try TestServer { peer in
            if security == .tls { try peer.startTLS(context) }
            for cut in 0...text.utf8.count {
                _ = try peer.readLine()
                try peer.send(Array(text.utf8.prefix(cut)))
                peer.pause(0.002)
                try peer.send(Array(text.utf8.dropFirst(cut)))
            }
        }
        let options = security == .tls ? try Net.tlsOptions() : Net.options()
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        for _ in 0...text.utf8.count {
            connection.write(.line("EHLO"))
            #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250-mail.example.org")
            #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250 SIZE 1000")
        }
        await connection.closeGracefully()
    }

    @Test("Waiting for input ends without an error when nothing comes, and the connection lives on")
    func idle() async throws {
        let server = try TestServer { peer in
            _ = try peer.readLine()
            try peer.send("* 1 EXISTS\r\n")
            peer.drain()
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        #expect(try await !connection.waitForInput(deadline: Net.deadline(.milliseconds(50))))
        connection.write(.line("GO"))
        #expect(try await connection.waitForInput(deadline: Net.deadline()))
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "* 1 EXISTS")
        await connection.closeGracefully()
    }

    @Test("A second TLS connection resumes the session of the first")
    func resumption() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("220 hello\r\n")
            peer.drain()
        }
        let options = try Net.tlsOptions { $0.sessions = .init() }
        for round in 0..<3 {
            let connection = try await Connection.connect(to: server.endpoint, options: options)
            _ = try await connection.readLine(deadline: Net.deadline())
            #expect(connection.encryption?.wasResumed == (round > 0))
            await connection.closeGracefully()
        }
    }
}
