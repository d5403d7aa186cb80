import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Proxies", .undisturbed)
struct ProxyTests {
    private static let target = Endpoint(host: "mail.example.org", port: 465)

    private static func connect(
        _ kind: ProxyServer.Kind,
        _ server: TestServer,
        username: String? = nil,
        ear: Ear? = nil,
        security: ConnectionSecurity = .none,
        limit: Duration = .seconds(30)
    ) async throws -> Connection {
        let context = try Net.clientContext()
        let options = Net.options {
            $0.timeouts.connect = limit
            $0.security = security
            $0.tls = context
            if let ear { $0.transcript = ear.transcript }
            $0.proxy = ProxyServer(
                kind: kind,
                endpoint: server.endpoint,
                username: username,
                password: username == nil ? nil : .literal(Secret("canary"))
            )
        }
        return try await Connection.connect(to: target, options: options)
    }

    @Test("SOCKS 5 asks the proxy for the name, signs in, and goes on with TLS", arguments: [false, true])
    func socks(signsIn: Bool) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            if signsIn {
                #expect(try peer.read(4) == [5, 2, 0, 2])
                try peer.send([5, 2])
                #expect(try peer.read(13) == [1, 4] + Array("info".utf8) + [6] + Array("canary".utf8))
                try peer.send([1, 0])
            } else {
                #expect(try peer.read(3) == [5, 1, 0])
                try peer.send([5, 0])
            }
            #expect(try peer.read(23) == [5, 1, 0, 3, 16] + Array("mail.example.org".utf8) + [1, 0xD1])
            // Octet by octet: the reply must not depend on how it is cut.
            for octet in [5, 0, 0, 3, 3, 97, 98, 99, 0, 80] as [UInt8] {
                try peer.send([octet])
                peer.pause(0.002)
            }
            try peer.startTLS(context)
            try peer.send("220 here\r\n")
            peer.drain()
        }
        let ear = Ear()
        let connection = try await Self.connect(
            .socks5,
            server,
            username: signsIn ? "info" : nil,
            ear: ear,
            security: .tls
        )
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 here")
        await connection.closeGracefully()
        #expect(!ear.lines.joined().contains("canary"))
    }

    @Test(
        "HTTP CONNECT names the server, signs in, and takes the greeting that comes with the answer",
        arguments: [false, true]
    )
    func http(signsIn: Bool) async throws {
        let server = try TestServer { peer in
            #expect(try peer.readLine() == "CONNECT mail.example.org:465 HTTP/1.1")
            #expect(try peer.readLine() == "Host: mail.example.org:465")
            if signsIn { #expect(try peer.readLine() == "Proxy-Authorization: Basic aW5mbzpjYW5hcnk=") }
            #expect(try peer.readLine() == "")
            try peer.send("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n220 here\r\n")
            peer.drain()
        }
        let ear = Ear()
        let connection = try await Self.connect(.http, server, username: signsIn ? "info" : nil, ear: ear)
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 here")
        await connection.closeGracefully()
        for secret in ["canary", "aW5mbzpjYW5hcnk"] { #expect(!ear.lines.joined().contains(secret)) }
    }

    @Test("Text in the clear behind the proxy's answer is not taken for TLS")
    func injected() async throws {
        let server = try TestServer { peer in
            while try peer.readLine() != "" {}
            try peer.send("HTTP/1.1 200 ok\r\n\r\n220 injected\r\n")
            peer.drain()
        }
        let result = await failing { _ = try await Self.connect(.http, server, security: .tls) }
        #expect(result.error?.code == .protocolViolation || result.error?.code == .tlsFailed)
    }

    static let badReplies: [[UInt8]] = [
        [4, 0], [5, 1], [5, 0xFF], [5, 2], [0x48, 0x54], [5, 0, 4, 0], [5, 0, 5, 1, 0, 1], [5, 0, 5, 5],
        [5, 0, 5, 0, 1, 1, 0, 0, 0, 0, 0, 0], [5, 0, 5, 0, 0, 9, 0, 0, 0, 0, 0, 0],
    ]

    @Test("A SOCKS proxy that lies or refuses gives an error with a reason", arguments: badReplies)
    func hostileSOCKS(answer: [UInt8]) async throws {
        let server = try TestServer { peer in
            try peer.send(answer)
            peer.drain()
        }
        let result = await failing { _ = try await Self.connect(.socks5, server) }
        #expect(result.error != nil && result.error?.code != .timedOut)
        #expect(result.error?.message.contains("proxy") == true)
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test(
        "An HTTP proxy that lies or refuses gives an error with a reason",
        arguments: [
            "HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP/1.1 407 Who\r\n\r\n", "HTTP/1.1 200", "220 mail ESMTP\r\n",
            "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 abc x\r\n", "\r\n",
            "HTTP/1.1 502 \u{1B}[2J\r\n\r\n",
            "HTTP/1.1 200 ok\r\n" + String(repeating: "x", count: 9_000),
            "HTTP/1.1 200 ok\r\n" + String(repeating: "A: b\r\n", count: 200),
        ]
    )
    func hostileHTTP(answer: String) async throws {
        let server = try TestServer { peer in
            while try peer.readLine() != "" {}
            try peer.send(answer)
        }
        let result = await failing { _ = try await Self.connect(.http, server) }
        #expect(result.error != nil && result.error?.code != .timedOut)
        #expect(result.error?.message.contains("\u{1B}") == false)
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test(
        "A proxy that stays silent or drips is left within the limit for connecting",
        arguments: [ProxyServer.Kind.socks5, .http]
    )
    func silent(kind: ProxyServer.Kind) async throws {
        let server = try TestServer { peer in
            for _ in 0..<1_000 {
                try peer.send(kind == .http ? "HTTP/1.1 200 ok\r\nA: b" : "")
                peer.pause(0.02)
            }
        }
        let result = await failing { _ = try await Self.connect(kind, server, limit: .milliseconds(300)) }
        #expect(result.error?.code == .timedOut || (kind == .http && result.error?.code == .protocolViolation))
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test("Names and credentials that would break the dialogue are refused before anything is sent")
    func refusals() throws {
        for host in ["a b", "a\r\nX: y", "", String(repeating: "a", count: 256)] {
            let target = Endpoint(host: host, port: 25)
            let proxy = Endpoint(host: "proxy", port: 1)
            var socks = SOCKS5Dialogue(target: target, proxy: proxy, username: nil, password: nil)
            _ = try socks.start()
            var buffer = ReceiveBuffer([5, 0] as [UInt8])
            #expect(throws: MailError.self) { try socks.next(from: &buffer) }
            var http = HTTPConnectDialogue(target: target, proxy: proxy, username: nil, password: nil)
            if host.count < 100 { #expect(throws: MailError.self) { try http.start() } }
        }
        let target = Endpoint(host: "h", port: 25)
        var http = HTTPConnectDialogue(target: target, proxy: target, username: "a:b", password: Secret("x"))
        #expect(throws: MailError.self) { try http.start() }
        var long = SOCKS5Dialogue(
            target: target,
            proxy: target,
            username: "a",
            password: Secret(String(repeating: "x", count: 256))
        )
        _ = try long.start()
        var buffer = ReceiveBuffer([5, 2] as [UInt8])
        #expect(throws: MailError.self) { try long.next(from: &buffer) }
    }

    @Test("The answers of proxies are read the same however they are cut")
    func splits() throws {
        let target = Endpoint(host: "::1", port: 25)
        for cut in 0...12 {
            var socks = SOCKS5Dialogue(target: target, proxy: target, username: nil, password: nil)
            #expect(try socks.start().octets == [5, 1, 0])
            let answer: [UInt8] = [5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 0, 80]
            var buffer = ReceiveBuffer(answer[..<cut])
            var events = 0
            while try socks.next(from: &buffer) != nil { events += 1 }
            buffer.append(Array(answer[cut...]))
            while try socks.next(from: &buffer) != nil { events += 1 }
            #expect(events == 2)
            #expect(buffer.isEmpty)
        }
    }
}
