import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornSMTP

/// Many messages share a few connections.
@Suite(.undisturbed) struct PoolTests {
    private static let kept = "messages-per-connection: 100000, " + limits(60_000)

    private func withServer(
        _ configuration: SMTPServerConfiguration = SMTPServerConfiguration(),
        _ settings: String = "",
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        try await SMTPTestServer.withServer(configuration) { server in
            let more = settings.isEmpty ? Self.kept : settings
            try await body(server, try makeTransport(port: server.port, more))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    // MARK: How many connections

    @Test(arguments: [1, 2, 5])
    func `tasks share as many connections as the settings allow`(_ connections: Int) async throws {
        try await withServer(settings: "connections: \(connections), \(Self.kept)") { server, transport in
            let sent = await Numbered.sendAtOnce(transport, 0..<200)
            #expect(sent.allSatisfy { $0.receipt?.isComplete == true })
            #expect(Numbered.taken(server.messages).sorted() == Array(0..<200))
            #expect((1...connections).contains(server.connections.count))
            // Each its own receipt.
            #expect(Set(sent.compactMap { $0.receipt?.remoteQueueID }).count == 200)
            for (number, sent) in sent.enumerated() {
                let message = server.messages.first { $0.queueID == sent.receipt?.remoteQueueID }
                #expect(Numbered.taken(message.map { [$0] } ?? []) == [number])
            }
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections.allSatisfy { $0.commands.last == "QUIT" })
        }
    }

    private func withServer(
        settings: String,
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        try await withServer(SMTPServerConfiguration(), settings, body)
    }

    @Test func `a connection is replaced after its messages, and never more than allowed are open`() async throws {
        let gauge = ConnectionGauge()
        var configuration = SMTPServerConfiguration()
        gauge.watch(&configuration)
        let settings = "connections: 2, messages-per-connection: 7, " + limits(60_000)
        try await withServer(configuration, settings) { server, transport in
            gauge.attach(server)
            defer { gauge.detach() }
            let outcomes = await transport.send(Numbered.batch(0..<70))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true })
            #expect(Numbered.taken(server.messages).sorted() == Array(0..<70))
            await transport.close()
            try await server.waitForDisconnects()
            let counts = server.connections.map { $0.commands.count { $0.hasPrefix("MAIL") } }
            #expect(counts.allSatisfy { (1...7).contains($0) } && counts.count >= 10, "\(counts)")
            #expect(server.connections.allSatisfy { $0.commands.last == "QUIT" })
            #expect(gauge.highest <= 2)
        }
    }

    @Test func `a server that allows one connection gets all messages over it`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.limits.connections = 1
        try await withServer(configuration, "connections: 3, \(Self.kept)") { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<100))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes.compactMap(\.error).prefix(3))")
            let sent = await Numbered.sendAtOnce(transport, 100..<150)
            #expect(sent.allSatisfy { $0.receipt?.isComplete == true }, "\(sent.compactMap(\.error).prefix(3))")
            #expect(Numbered.taken(server.messages).sorted() == Array(0..<150))
            #expect(Set(server.messages.map(\.connection)).count == 1)
        }
    }

    // MARK: The order

    @Test(arguments: [1, 32])
    func `messages are begun in the order in which they were given`(_ window: Int) async throws {
        let settings = "connections: 1, messages-in-flight: \(window), \(Self.kept)"
        try await withServer(settings: settings) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<100))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true })
            #expect(Numbered.taken(server.messages) == Array(0..<100))
        }
    }

    @Test func `a single message is not starved by a batch before it or one after it`() async throws {
        // Each reply takes its time, so that all wait in line before the first is done.
        var configuration = SMTPServerConfiguration()
        configuration.faults = [.at(.endOfMessage, .delay(.milliseconds(2)))]
        let settings = "connections: 1, messages-in-flight: 1, \(Self.kept)"
        try await withServer(configuration, settings) { server, transport in
            async let first = transport.send(Numbered.batch(0..<40))
            try await server.waitForMessages(count: 1)
            async let second = transport.send(Numbered.batch(100..<140))
            try await server.waitForMessages(count: 3)
            let single = await Sent { try await transport.send(Numbered.request(1_000)) }
            let order = Numbered.taken(server.messages)
            #expect(single.receipt != nil)
            // Those that were there before are before it, in order; nothing else is.
            #expect(order.filter { $0 < 100 } == Array(0..<40))
            _ = await (first, second)
            let all = Numbered.taken(server.messages)
            #expect(all.filter { (100..<140).contains($0) } == Array(100..<140))
            #expect(all.count == 81)
        }
    }

    @Test func `messages-in-flight 1 leaves one message at a time`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = [.at(.mailInSameFlight, .end(.close))]
        let settings = "connections: 1, messages-in-flight: 1, \(Self.kept)"
        try await withServer(configuration, settings) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<20))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true })
            #expect(server.connections.count == 1 && server.connections.allSatisfy { $0.faults.isEmpty })
        }
    }

    // MARK: Failures that concern all

    @Test func `when no connection can be made, all that wait fail with its error`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.greeting = "554 5.3.2 not here"
        try await withServer(configuration) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<50))
            #expect(outcomes.count == 50)
            for outcome in outcomes {
                #expect(outcome.error?.certainty == .notTaken && outcome.error?.reply?.code == 554)
                #expect(outcome.error?.account == "smtp")
            }
            let sent = await Numbered.sendAtOnce(transport, 0..<50)
            #expect(sent.allSatisfy { $0.certainty == .notTaken })
        }
        let dead = try makeTransport(port: try FreePort.allocate(), Self.kept)
        let outcomes = await dead.send(Numbered.batch(0..<50))
        #expect(outcomes.count == 50 && outcomes.allSatisfy { $0.error?.code == .connectionFailed })
        #expect(outcomes.allSatisfy { $0.error?.isRetryable == true })
    }

    @Test func `an empty batch contacts nobody`() async throws {
        try await withServer { server, transport in
            #expect(await transport.send(SendBatch([])).isEmpty)
            #expect(server.connections.isEmpty)
        }
    }

    @Test func `the observer hears each outcome once, and the same as the caller`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.rules.refuseRecipient("gone@example.org")
        try await withServer(configuration) { server, transport in
            let heard = Mutex<[Int: [String]]>([:])
            let requests = (0..<120).map { number in
                Numbered.request(number, to: [number % 3 == 0 ? "gone@example.org" : "b@example.org"])
            }
            let observer = BatchObserver { index, outcome in
                heard.withLock { $0[index, default: []].append(outcome.end) }
            }
            let outcomes = await transport.send(SendBatch(requests, observer: observer))
            #expect(outcomes.map(\.end) == (0..<120).map { $0 % 3 == 0 ? "rejected" : "accepted" })
            #expect((0..<120).map { index in heard.withLock { $0[index] } } == outcomes.map { [$0.end] })
            #expect(server.connections.count <= 3)
        }
    }

    // MARK: Connections that are kept

    @Test func `close says goodbye, and the transport may be used again`() async throws {
        try await withServer { server, transport in
            _ = try await transport.send(Numbered.request(0))
            #expect(!server.connections[0].commands.contains("QUIT"))
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections[0].commands.last == "QUIT")
            _ = try await transport.send(Numbered.request(1))
            #expect(server.connections.count == 2)
            await transport.close()
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections[1].commands.last == "QUIT")
        }
    }

    @Test func `a connection in use when the transport is closed ends with its last message`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = [.at(.endOfMessage, .first, .delay(.milliseconds(300)))]
        try await withServer(configuration) { server, transport in
            async let sent = Sent { try await transport.send(Numbered.request(0)) }
            try await eventually("the message") { server.messages.isEmpty ? nil : true }
            await transport.close()
            #expect(await sent.receipt?.isComplete == true)
            try await server.waitForDisconnects()
            #expect(server.connections.count == 1 && server.connections[0].commands.last == "QUIT")
        }
    }

    @Test func `an idle connection ends when its time is over`() async throws {
        let settings = "messages-per-connection: 100, timeouts: { connect: 60 s, reply: 60 s, idle: 200 ms }"
        try await withServer(settings: settings) { server, transport in
            for round in 1...2 {
                let outcomes = await transport.send(Numbered.batch(0..<3))
                #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true })
                try await server.waitForDisconnects()
                #expect(server.connections.count == round)
                #expect(server.connections.allSatisfy { $0.commands.last == "QUIT" })
            }
        }
    }

    @Test func `a transport that is forgotten leaves no connection open`() async throws {
        try await SMTPTestServer.withServer { server in
            do {
                let transport = try makeTransport(port: server.port, Self.kept)
                _ = await transport.send(Numbered.batch(0..<60))
            }
            try await server.waitForDisconnects()
            #expect(server.messages.count == 60)
        }
    }

    // MARK: The rate

    @Test func `messages beyond the rate wait, and can be cancelled meanwhile`() async throws {
        try await withServer(settings: "messages-per-minute: 3, \(Self.kept)") { server, transport in
            let heard = Mutex<[Int]>([])
            let observer = BatchObserver { index, _ in heard.withLock { $0.append(index) } }
            let batch = SendBatch((0..<5).map { Numbered.request($0) }, observer: observer)
            let task = Task(executorPreference: QueueExecutor.waiting) { await transport.send(batch) }
            try await eventually("three outcomes") { heard.withLock { $0.count } == 3 ? true : nil }
            try await Task.sleep(for: .milliseconds(100))
            #expect(server.messages.count == 3)
            task.cancel()
            let outcomes = await task.value
            #expect(outcomes.map(\.end) == ["accepted", "accepted", "accepted", "not-taken", "not-taken"])
            #expect(outcomes[3...].allSatisfy { $0.error?.code == .cancelled })
            #expect(server.messages.count == 3)
        }
    }
}
