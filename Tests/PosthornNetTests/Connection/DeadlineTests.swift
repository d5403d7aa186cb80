import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Limits of time", .undisturbed)
struct DeadlineTests {
    @Test("Whichever ends first counts, and none is later than any")
    func earlier() {
        let short = Deadline(after: .seconds(1), for: "a", key: "k")
        let long = Deadline(after: .seconds(100), for: "b", key: "k")
        let never = Deadline(after: nil, for: "c", key: "k")
        #expect(short.earlier(long).subject == "a")
        #expect(long.earlier(short).subject == "a")
        #expect(never.earlier(long).subject == "b")
        #expect(long.earlier(never).subject == "b")
        #expect(long.earlier(nil).subject == "b")
        #expect(!never.isOver && !short.isOver)
        #expect(Deadline(after: .zero, for: "d", key: "k").isOver)
        #expect(Timeouts().reply(to: "NOOP").subject == "the server's reply to NOOP")
    }

    @Test("Very long limits are no trap")
    func long() {
        #expect(Deadline(after: .seconds(1_000_000_000_000), for: "a", key: "k").nio != nil)
        #expect(Deadline(after: .seconds(-5), for: "a", key: "k").nio != nil)
    }

    @Test("Durations are shown as people write them")
    func text() {
        let cases: [(Duration, String)] = [
            (.seconds(30), "30 s"), (.seconds(300), "5 min"), (.milliseconds(300), "300 ms"), (.seconds(90), "90 s"),
            (.milliseconds(1_500), "1.5 s"), (.milliseconds(1_050), "1.05 s"), (.milliseconds(2_007), "2.007 s"),
        ]
        for (duration, text) in cases { #expect(DurationText.text(duration) == text) }
    }

    @Test("The limit for a transfer starts anew with enough progress and not with less")
    func transfer() throws {
        var transfer = TransferDeadline(Timeouts(), for: "the message")
        let first = try #require(transfer.deadline.instant)
        transfer.progressed(Timeouts.minimumProgress - 1)
        #expect(transfer.deadline.instant == first)
        transfer.progressed(1)
        #expect(try #require(transfer.deadline.instant) > first)
    }

    @Test("Two tasks that wait on one connection: one of them is told that this is misuse")
    func misuse() async throws {
        let server = try TestServer { peer in peer.drain() }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        async let first: Void =
            failing { _ = try await connection.readLine(deadline: Net.deadline()) }
            .error.map { #expect($0.code == .misuse || $0.code == .connectionLost) } ?? ()
        async let second: Void =
            failing { _ = try await connection.readLine(deadline: Net.deadline()) }
            .error.map { #expect($0.code == .misuse || $0.code == .connectionLost) } ?? ()
        try await Task.sleep(for: .milliseconds(100))
        connection.abort()
        _ = await (first, second)
    }

    @Test("A dialogue on the connection's own thread reads the same")
    func ownThread() async throws {
        let server = try TestServer { peer in
            while true { try peer.send("250 \(try peer.readLine())\r\n") }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: Net.options())
        let count = try await connection.onOwnThread { () async throws -> Int in
            for number in 0..<200 {
                connection.write(.line("N\(number)"))
                #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "250 N\(number)")
            }
            return 200
        }
        #expect(count == 200)
        await connection.closeGracefully()
    }

    @Test("The transcript tells the course of a connection, bodies as a number")
    func transcript() async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("354 go\r\n")
            _ = try peer.read(100_014)
            try peer.send("250 taken\r\n")
            peer.drain()
        }
        let ear = Ear()
        let connection = try await Connection.connect(
            to: server.endpoint,
            options: try Net.tlsOptions { $0.transcript = ear.transcript }
        )
        connection.write(.line("DATA"))
        _ = try await connection.readLine(deadline: Net.deadline())
        try await connection.writeBody([UInt8](repeating: 0x41, count: 100_000))
        try await connection.writeBody(Array("bye\r\n".utf8))
        connection.write(.line("."))
        _ = try await connection.readLine(deadline: Net.deadline())
        await connection.closeGracefully()
        #expect(ear.lines.first?.hasPrefix("*: connected to 127.0.0.1") == true)
        #expect(ear.lines.contains { $0.hasPrefix("*: encrypted: TLS 1.3, TLS_") })
        #expect(
            ear.lines.suffix(6) == [
                "C: DATA", "S: 354 go", "C: <100005 octets of message>", "C: .", "S: 250 taken", "*: closed",
            ]
        )
    }
}
