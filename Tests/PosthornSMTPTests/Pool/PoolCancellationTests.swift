import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornSMTP

/// A caller that goes takes nothing with it but its own message.
@Suite(.undisturbed) struct PoolCancellationTests {
    /// Where the message is when its caller goes.
    enum Phase: String, Sendable, CaseIterable {
        /// It waits in line behind another.
        case waiting
        /// The connection is being made.
        case connecting
        /// Its envelope is being answered.
        case active
        /// The whole message is sent.
        case handedOver

        /// What makes it stay there for a while.
        var fault: SMTPServerFault {
            let delay = SMTPServerFault.Act.delay(.milliseconds(400))
            return switch self {
            case .waiting, .handedOver: .at(.endOfMessage, .first, delay).onConnection(.first)
            case .connecting: .at(.greeting, delay)
            case .active: .at(.data, .first, delay).onConnection(.first)
            }
        }

        /// Which of the messages goes.
        var number: Int { self == .waiting ? 3 : 0 }
        var certainty: DeliveryCertainty { self == .handedOver ? .unknown : .notTaken }

        /// Whether the server has seen as much as it does in this phase.
        func isReached(_ server: SMTPTestServer) -> Bool {
            guard let first = server.connections.first else { return false }
            return switch self {
            case .connecting: true
            case .active: first.commands.contains { $0.hasPrefix("DATA") }
            case .waiting, .handedOver: !server.messages.isEmpty
            }
        }
    }

    private func withServer(
        _ phase: Phase,
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = [phase.fault]
        configuration.extensions.remove(.chunking)
        try await SMTPTestServer.withServer(configuration) { server in
            let settings = "connections: 1, messages-in-flight: 1, messages-per-connection: 1000, " + limits(60_000)
            try await body(server, try makeTransport(port: server.port, settings))
        }
    }

    /// Starts sending messages, each in a task of its own, in their order.
    private func start(_ transport: SMTPTransport, _ count: Int) async throws -> [Task<Sent, Never>] {
        var tasks: [Task<Sent, Never>] = []
        for number in 0..<count {
            tasks.append(
                Task(executorPreference: QueueExecutor.waiting) {
                    await Sent { try await transport.send(Numbered.request(number)) }
                }
            )
            // Long enough that the next is behind it.
            try await Task.sleep(for: .milliseconds(10))
        }
        return tasks
    }

    @Test(arguments: Phase.allCases)
    func `one of many that goes touches no other`(_ phase: Phase) async throws {
        try await withServer(phase) { server, transport in
            let tasks = try await start(transport, 6)
            try await eventually("the server to be where it should") { phase.isReached(server) ? true : nil }
            let (gone, duration) = await timed {
                tasks[phase.number].cancel()
                return await tasks[phase.number].value
            }
            #expect(duration < .seconds(1), "took \(duration)")
            #expect(gone.error?.code == .cancelled && gone.certainty == phase.certainty, "\(gone)")
            for (number, task) in tasks.enumerated() where number != phase.number {
                let sent = await task.value
                #expect(sent.receipt?.isComplete == true, "\(number): \(sent)")
            }
            await transport.close()
            try await server.waitForDisconnects()
            let expected = (0..<6).filter { phase == .handedOver || $0 != phase.number }
            #expect(Numbered.taken(server.messages).sorted() == expected)
            #expect(await OpenSockets.areGone(port: server.port))
        }
    }

    @Test(arguments: Phase.allCases)
    func `when all go the connection ends, and nothing is left open`(_ phase: Phase) async throws {
        try await withServer(phase) { server, transport in
            let tasks = try await start(transport, 6)
            try await eventually("the server to be where it should") { phase.isReached(server) ? true : nil }
            for task in tasks { task.cancel() }
            for (number, task) in tasks.enumerated() {
                let sent = await task.value
                #expect(sent.error?.code == .cancelled, "\(sent)")
                let isHandedOver = number == 0 && (phase == .handedOver || phase == .waiting)
                #expect(sent.certainty == (isHandedOver ? .unknown : .notTaken), "\(number): \(sent)")
            }
            #expect(await OpenSockets.areGone(port: server.port))
            try await server.waitForDisconnects()
            #expect(server.messages.count <= 1)
            // The transport is as good as before.
            let sent = await Sent { try await transport.send(Numbered.request(100)) }
            #expect(sent.receipt?.isComplete == true, "\(sent)")
        }
    }

    @Test func `a batch whose task is cancelled gets an outcome for every message`() async throws {
        for missing in [Set<SMTPServerExtension>(), [.chunking], [.pipelining]] {
            var configuration = SMTPServerConfiguration()
            configuration.faults = [.at(.endOfMessage, .delay(.milliseconds(3)))]
            configuration.extensions.subtract(missing)
            try await SMTPTestServer.withServer(configuration) { server in
                let transport = try makeTransport(port: server.port, "messages-per-connection: 1000, " + limits(60_000))
                let heard = Mutex<[Int: String]>([:])
                let observer = BatchObserver { index, outcome in heard.withLock { $0[index] = outcome.end } }
                let batch = SendBatch((0..<200).map { Numbered.request($0) }, observer: observer)
                let task = Task(executorPreference: QueueExecutor.waiting) { await transport.send(batch) }
                try await eventually("some outcomes") { heard.withLock { $0.count } >= 20 ? true : nil }
                task.cancel()
                let outcomes = await task.value
                #expect(outcomes.count == 200)
                #expect(outcomes.map(\.end) == (0..<200).compactMap { index in heard.withLock { $0[index] } })
                try await server.waitForDisconnects(closing: transport)
                Self.compare(outcomes.map(\.end), with: server)
                #expect(outcomes.count { $0.end == "accepted" } >= 20)
                #expect(outcomes.allSatisfy { $0.error.map { $0.code == .cancelled } ?? true })
                #expect(await OpenSockets.areGone(port: server.port))
            }
        }
    }

    @Test func `tasks that go at any time leave true accounts`() async throws {
        var random = SeededGenerator(seed: 11)
        for missing in [Set<SMTPServerExtension>(), [.chunking], [.chunking, .pipelining]] {
            var configuration = SMTPServerConfiguration()
            configuration.faults = [.at(.anyReply, .delay(.microseconds(300)))]
            configuration.extensions.subtract(missing)
            let pauses = (0..<120).map { _ in Duration.microseconds(Int.random(in: 0...120_000, using: &random)) }
            try await SMTPTestServer.withServer(configuration) { server in
                let transport = try makeTransport(port: server.port, "messages-per-connection: 50, " + limits(60_000))
                let ends = await withTaskGroup(of: (Int, String).self) { group in
                    for (number, pause) in pauses.enumerated() {
                        group.addTask {
                            let sending = Task(executorPreference: QueueExecutor.waiting) {
                                await Sent { try await transport.send(Numbered.request(number)) }
                            }
                            try? await Task.sleep(for: pause)
                            // Every third stays.
                            if number % 3 > 0 { sending.cancel() }
                            let sent = await sending.value
                            if number % 3 == 0 { #expect(sent.receipt?.isComplete == true, "\(number): \(sent)") }
                            return (number, sent.certainty.map { "\($0)" } ?? "accepted")
                        }
                    }
                    return await group.reduce(into: [(Int, String)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
                }
                try await server.waitForDisconnects(closing: transport)
                Self.compare(ends, with: server)
                #expect(await OpenSockets.areGone(port: server.port))
            }
        }
    }

    private static func compare(_ ends: [String], with server: SMTPTestServer) {
        let taken = Numbered.taken(server.messages)
        #expect(Set(taken).count == taken.count, "something came twice: \(taken)")
        for (number, end) in ends.enumerated() {
            #expect(end == "unknown" || (end == "accepted") == taken.contains(number), "\(number): \(end)")
        }
    }

    @Test func `the limit of the whole request holds while a message waits`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = [.at(.endOfMessage, .delay(.milliseconds(1_500)))]
        try await SMTPTestServer.withServer(configuration) { server in
            let settings =
                "connections: 1, messages-in-flight: 1, messages-per-connection: 100, timeouts: { reply: 60 s, total: 1 s }"
            let transport = try makeTransport(port: server.port, settings)
            let tasks = try await start(transport, 3)
            let sent = [await tasks[0].value, await tasks[1].value, await tasks[2].value]
            #expect(sent.map { $0.certainty } == [.unknown, .notTaken, .notTaken], "\(sent)")
            #expect(sent.allSatisfy { $0.error?.message.contains("timeouts.total") == true }, "\(sent)")
            #expect(sent[1].error?.code == .timedOut && sent[1].error?.isRetryable == true)
        }
    }
}
