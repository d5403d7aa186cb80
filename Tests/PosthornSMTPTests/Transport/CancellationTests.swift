import Posthorn
import Synchronization
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.undisturbed) struct CancellationTests {
    static let dialogue = Dialogue.session(signsIn: true)

    private func cancelled(
        _ server: TranscriptServer,
        _ request: SendRequest,
        after isReached: @escaping @Sendable (TranscriptServer.Connection) -> Bool
    ) async throws -> (Sent, Duration) {
        let transport = try makeTransport(port: server.port, "username: info, password: secret, " + limits(60_000))
        let task = Task(executorPreference: QueueExecutor.waiting) { await Sent { try await transport.send(request) } }
        try await eventually("the server to be where it should") {
            server.connections.first.flatMap { isReached($0) ? true : nil }
        }
        try await Task.sleep(for: .milliseconds(20))
        return await timed {
            task.cancel()
            return await task.value
        }
    }

    @Test(arguments: dialogue.exchanges.indices)
    func `a cancelled task ends at once in every state, and the server sees the end`(_ place: Int) async throws {
        let dialogue = Self.dialogue
        let command = dialogue.exchanges[place].command
        let script = dialogue.script(before: place) + (command.isEmpty ? [] : [.expectExactly(command)]) + [.drain]
        let server = try TranscriptServer(script)
        let octets = dialogue.clientOctets(before: place) + command.utf8.count
        let (sent, duration) = try await cancelled(server, .small()) { $0.received.count >= octets }
        #expect(duration < .seconds(1), "took \(duration)")
        if place < dialogue.content {
            #expect(sent.error?.code == .cancelled && sent.certainty == .notTaken, "\(sent)")
        } else if place == dialogue.content {
            #expect(sent.error?.code == .cancelled && sent.certainty == .unknown, "\(sent)")
        } else {
            #expect(sent.receipt?.isComplete == true, "\(sent)")
        }
        #expect(sent.error?.isRetryable != true)
        // The script's last step ends when the client has closed the connection.
        _ = try await server.finished(within: .seconds(20))
    }

    @Test func `a task that is cancelled while the server does not read ends at once`() async throws {
        let dialogue = Self.dialogue
        let server = try TranscriptServer(
            dialogue.script(before: dialogue.content) + [.receive(through: "xxxx\r\nxxx"), .stall]
        )
        let (sent, duration) = try await cancelled(server, .large(64 << 20)) { $0.received.count > 1_000 }
        #expect(duration < .seconds(1), "took \(duration)")
        #expect(sent.error?.code == .cancelled && sent.certainty == .notTaken, "\(sent)")
        server.stop()
    }

    @Test func `a task that is cancelled while the server takes everything at once was not taken`() async throws {
        let dialogue = Self.dialogue
        let server = try TranscriptServer(dialogue.script(before: dialogue.content) + [.drain])
        let highest = Mutex(0)
        let content = GeneratedContent(
            pieces: 20_000,
            pause: .microseconds(200),
            onPiece: { number in highest.withLock { $0 = number } }
        )
        let (sent, duration) = try await cancelled(server, .with(MessageContent(content))) {
            $0.received.count > 200_000
        }
        #expect(duration < .seconds(1), "took \(duration)")
        #expect(sent.error?.code == .cancelled && sent.certainty == .notTaken, "\(sent)")
        #expect(highest.withLock { $0 } < 20_000)
        let connection = try await server.finished(within: .seconds(20))[0]
        #expect(!connection.receivedText.contains("\r\n.\r\n"))
    }

    @Test func `a task that is cancelled before it begins contacts nobody`() async throws {
        let server = try TranscriptServer(Self.dialogue.script)
        let transport = try makeTransport(port: server.port, limits(60_000))
        let task = Task(executorPreference: QueueExecutor.waiting) {
            try? await Task.sleep(for: .seconds(60))
            return await Sent { try await transport.send(.small()) }
        }
        task.cancel()
        let sent = await task.value
        #expect(sent.error?.code == .cancelled && sent.certainty == .notTaken, "\(sent)")
        #expect(server.connections.allSatisfy { $0.received.isEmpty })
    }
}
