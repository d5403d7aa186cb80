import Posthorn
import PosthornTLS
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Hostile and broken servers", .undisturbed)
struct HostileServerTests {
    /// The servers go on for ten seconds and more, and what ends then has another error.
    private static let limit = Duration.milliseconds(300)

    @Test("A server that drips one octet a moment is left when the time for the reply is over")
    func drip() async throws {
        let server = try TestServer { peer in
            try peer.drip(String(repeating: "x", count: 1_000), every: 0.02)
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        let result = await failing { _ = try await connection.readLine(deadline: Net.deadline(Self.limit)) }
        #expect(result.error?.code == .timedOut)
        #expect(result.error?.message.contains("timeouts.reply") == true)
        #expect(result.error?.message.contains("300 ms") == true)
        #expect(result.time >= Self.limit)
        #expect(connection.isPeerClosed)
    }

    @Test("A silent server is left when the time is over, whatever is waited for", arguments: [0, 1, 2])
    func silence(step: Int) async throws {
        let server = try TestServer { peer in
            if step == 1 {
                _ = try peer.readLine()
                try peer.send("250-half\r\n250 ha")
            }
            peer.drain()
        }
        let options = try Net.tlsOptions(step == 2 ? .tls : .startTLS) { $0.timeouts.tls = Self.limit }
        let result = await failing {
            let connection = try await Connection.connect(to: server.endpoint, options: options)
            if step == 1 {
                connection.write(.line("EHLO"))
                _ = try await connection.readLine(deadline: Net.deadline(Self.limit))
            }
            _ = try await connection.readLine(deadline: Net.deadline(Self.limit))
        }
        #expect(result.error?.code == .timedOut)
        if step == 2 { #expect(result.error?.message.contains("TLS handshake") == true) }
    }

    @Test("A handshake that drips is left when its time is over")
    func drippingHandshake() async throws {
        let server = try TestServer { peer in
            try peer.sendRaw([0x16, 0x03, 0x03, 0x3F, 0xFF])
            for _ in 0..<1_000 {
                try peer.sendRaw([2])
                peer.pause(0.02)
            }
        }
        let options = try Net.tlsOptions { $0.timeouts.tls = Self.limit }
        let result = await failing { _ = try await Connection.connect(to: server.endpoint, options: options) }
        #expect(result.error?.code == .timedOut, "\(String(describing: result.error))")
    }

    @Test("The limit for everything ends a sequence of steps that each are in time")
    func total() async throws {
        let server = try TestServer { peer in
            while true {
                try peer.send("250 yes\r\n")
                peer.pause(0.05)
            }
        }
        let options = Net.options { $0.timeouts.total = .milliseconds(400) }
        let result = await failing {
            let connection = try await Connection.connect(to: server.endpoint, options: options)
            while true { _ = try await connection.readLine(deadline: Net.deadline()) }
        }
        #expect(result.error?.code == .timedOut)
        #expect(result.error?.message.contains("timeouts.total") == true)
    }

    @Test("A line without end is given up after its limit, not after its end")
    func endlessLine() async throws {
        let server = try TestServer { peer in
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
            for _ in 0..<100 { try peer.send(block) }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        let result = await failing { _ = try await connection.readLine(deadline: Net.deadline()) }
        #expect(result.error?.code == .protocolViolation)
        #expect(connection.octetsReceived < 4_000_000)
        connection.abort()
    }

    /// Consumes lines for ever, as a parser of a multi-line reply does.
    struct EndlessReply: InboundParser {
        var lines = LineParser()
        mutating func next(from buffer: inout ReceiveBuffer) throws -> Int? {
            while try lines.next(from: &buffer) != nil {}
            return nil
        }
    }

    @Test("A reply without end is given up after one MiB")
    func endlessReply() async throws {
        let server = try TestServer { peer in
            let block = Array(String(repeating: "250-more\r\n", count: 5_000).utf8)
            while true { try peer.send(block) }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        var parser = EndlessReply()
        let result = await failing { _ = try await connection.next(&parser, deadline: Net.deadline(.seconds(20))) }
        #expect(result.error?.code == .protocolViolation)
        #expect(connection.octetsReceived < 4_000_000)
    }

    @Test("A flood that nobody asked for stays with the server")
    func flood() async throws {
        let server = try TestServer { peer in
            let block = [UInt8](repeating: UInt8(ascii: "\n"), count: 100_000)
            for _ in 0..<1_000 { try peer.send(block) }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        try await Task.sleep(for: .milliseconds(300))
        #expect(connection.hasUnreadInput)
        try await Task.sleep(for: .milliseconds(100))
        #expect(connection.octetsReceived < 4_000_000)
        connection.abort()
    }

    @Test("A server that stops reading ends a long body within the limit", arguments: [ConnectionSecurity.none, .tls])
    func stoppedReading(security: ConnectionSecurity) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            if security == .tls { try peer.startTLS(context) }
            peer.waitForEnd()
        }
        let change: (inout ConnectionOptions) -> Void = { $0.timeouts.transfer = Self.limit }
        let options = security == .tls ? try Net.tlsOptions(.tls, change) : Net.options(change)
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        let block = [UInt8](repeating: 0x41, count: 256 * 1024)
        let result = await failing { for _ in 0..<400 { try await connection.writeBody(block) } }
        #expect(result.error?.code == .timedOut)
        #expect(result.error?.message.contains("timeouts.transfer") == true)
    }

    @Test("A server that reads slowly but steadily is not cut off")
    func slowReading() async throws {
        let server = try TestServer { peer in
            for _ in 0..<200 {
                _ = try peer.read(60_000)
                peer.pause(0.005)
            }
            peer.drain()
        }
        let options = Net.options { $0.timeouts.transfer = .milliseconds(700) }
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        let block = [UInt8](repeating: 0x41, count: 240_000)
        for _ in 0..<50 { try await connection.writeBody(block) }
        try await connection.flush(deadline: Net.deadline())
        await connection.closeGracefully()
    }

    @Test("The end takes at most its limit when the server stops reading")
    func closing() async throws {
        let server = try TestServer { peer in peer.waitForEnd() }
        let options = Net.options { $0.timeouts.close = Self.limit }
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        try await Net.clog(connection)
        let result = await failing { await connection.closeGracefully() }
        #expect(result.time >= Self.limit)
        #expect(connection.isPeerClosed)
        #expect(await OpenSockets.areGone(port: server.port))
    }

    @Test("What a server says before it closes in the middle of a body can be read", arguments: [false, true])
    func earlyRefusal(withReset: Bool) async throws {
        let server = try TestServer { peer in
            _ = try peer.read(100_000)
            try peer.send("554 too much\r\n")
            peer.pause(0.05)
            // Unread octets make this a reset in any case; the other form is abrupt.
            if withReset { peer.reset() } else { peer.close() }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        let block = [UInt8](repeating: 0x41, count: 100_000)
        var noticed = false
        let result = await failing {
            for _ in 0..<2_000 {
                try await connection.writeBody(block)
                if connection.hasUnreadInput || connection.isPeerClosed {
                    noticed = true
                    break
                }
            }
        }
        #expect(noticed || result.error?.code == .connectionLost)
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "554 too much")
        let second = await failing { _ = try await connection.readLine(deadline: Net.deadline()) }
        #expect(second.error?.code == .connectionLost)
    }

    @Test("A reset is a lost connection; so is an end without a reply, half-closed or whole", arguments: [0, 1, 2])
    func lost(kind: Int) async throws {
        let server = try TestServer { peer in
            _ = try peer.readLine()
            switch kind {
            case 0: peer.reset()
            case 1:
                peer.shutdownWriting()
                peer.drain()
            default: try peer.send("250-cut")
            }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        connection.write(.line("NOOP"))
        let result = await failing { _ = try await connection.readLine(deadline: Net.deadline()) }
        #expect(result.error?.code == .connectionLost)
        #expect(connection.isPeerClosed)
    }

    @Test("An end of TLS without close_notify is known, a proper end too", arguments: [false, true])
    func truncation(isProper: Bool) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("250 done\r\n")
            if isProper { peer.closeTLS() } else { peer.close() }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: try Net.tlsOptions())
        _ = try await connection.readLine(deadline: Net.deadline())
        let result = await failing { _ = try await connection.readLine(deadline: Net.deadline()) }
        #expect(result.error?.code == .connectionLost)
        #expect(connection.isTruncated == !isProper)
    }

    @Test("Rubbish inside TLS is an error of TLS, after what came before it")
    func rubbish() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("250 done\r\n")
            try peer.sendRaw([0x17, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 32))
            peer.drain()
        }
        let connection = try await Connection.connect(to: server.endpoint, options: try Net.tlsOptions())
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250 done")
        let result = await failing { _ = try await connection.readLine(deadline: Net.deadline()) }
        #expect(result.error?.code == .tlsFailed, "\(String(describing: result.error))")
        #expect(result.error?.cause is TLSError)
    }
}
