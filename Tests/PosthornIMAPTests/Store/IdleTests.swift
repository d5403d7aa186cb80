import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Waiting for messages.
@Suite(.undisturbed) struct IdleTests {
    private static let news = IMAPServerMessage(text: "Subject: 4\r\n\r\nfourth\r\n")

    /// Waits in a task of its own until `act` has let a message come; gives the texts that are there then.
    private func wait(
        _ configuration: IMAPServerConfiguration,
        _ settings: String = limits(20_000),
        _ waiting: IMAPStore.Waiting = IMAPStore.Waiting(),
        act: (IMAPTestServer) async throws -> Void
    ) async throws {
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server, settings, waiting: waiting)
            let task = Task(executorPreference: QueueExecutor.waiting) {
                try await store.withSession { session in
                    let before = Set(try await session.messages().map(\.id))
                    try await session.waitForArrivals()
                    let after = try await session.messages().map(\.id)
                    #expect(after.contains { !before.contains($0) })
                    return try await session.read(after).values.sorted()
                }
            }
            try await act(server)
            #expect(try await task.value == server.inbox.sorted())
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test(arguments: [ServerSecurity.none, .implicitTLS])
    func `A message that arrives ends the wait`(_ security: ServerSecurity) async throws {
        try await wait(.info(threeTexts, security)) { server in
            try await server.waitForCommands("IDLE")
            server.deliver(Self.news, of: "info")
        }
    }

    @Test func `An empty folder is waited for, too`() async throws {
        try await wait(.info([])) { server in
            try await server.waitForCommands("IDLE")
            server.deliver(Self.news, of: "info")
        }
    }

    @Test func `What others delete and mark does not end the wait, and is taken into account`() async throws {
        try await wait(.info()) { server in
            try await server.waitForCommands("IDLE")
            server.setFlags(["\\Seen"], uid: 1, of: "info")
            server.expunge(uid: 2, of: "info")
            server.expunge(uid: 1, of: "info")
            try await Task.sleep(for: .milliseconds(100))
            #expect(!server.connections[0].commands.contains("DONE"))
            server.deliver(Self.news, of: "info")
        }
    }

    @Test func `IDLE is renewed`() async throws {
        let waiting = IMAPStore.Waiting(renewal: .milliseconds(100))
        try await wait(.info(), limits(20_000), waiting) { server in
            try await server.waitForCommands("IDLE", count: 3)
            server.deliver(Self.news, of: "info")
        }
    }

    @Test(arguments: [IMAPServerReply("+ idling\n{tag} OK over"), "{tag} OK nothing to wait for"])
    func `A server that ends IDLE by itself is asked again, after a rest`(_ answer: IMAPServerReply) async throws {
        let fault = IMAPServerFault.at(.idle, .first, .answer(answer)).doing(false)
        let waiting = IMAPStore.Waiting(pause: .milliseconds(300))
        try await wait(.info().with(fault), limits(20_000), waiting) { server in
            try await server.waitForCommands("IDLE", count: 2)
            server.deliver(Self.news, of: "info")
        }
    }

    @Test func `Without IDLE the server is asked from time to time`() async throws {
        let waiting = IMAPStore.Waiting(pollInterval: .milliseconds(50))
        try await wait(.info().without(.idle), limits(20_000), waiting) { server in
            try await server.waitForCommands("NOOP", count: 2)
            server.deliver(Self.news, of: "info")
        }
    }

    /// Waits; gives the error.
    private func failureOfWaiting(
        _ configuration: IMAPServerConfiguration,
        _ settings: String = limits(20_000),
        _ waiting: IMAPStore.Waiting = IMAPStore.Waiting(),
        act: (IMAPTestServer, Task<MailError?, Never>) async throws -> Void = { _, _ in }
    ) async throws -> MailError? {
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server, settings, waiting: waiting)
            let task = Task(executorPreference: QueueExecutor.waiting) {
                await failure {
                    try await store.withSession { session in
                        let ids = try await session.messages().map(\.id)
                        try await session.delete(ids)
                        try await session.waitForArrivals()
                    }
                }
            }
            try await act(server, task)
            let error = await task.value
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.inbox == threeTexts)
            return error
        }
    }

    @Test func `A connection that is lost while waiting is told, and can be tried again`() async throws {
        let error = try await failureOfWaiting(.info()) { server, _ in
            try await server.waitForCommands("IDLE")
            await server.dropConnections()
        }
        #expect(error?.code == .connectionLost && error?.isRetryable == true, "\(String(describing: error))")
    }

    @Test(arguments: [ServerEnding.close, .reset, .silence])
    func `A server that says goodbye while one waits is unavailable`(_ ending: ServerEnding) async throws {
        let bye = IMAPServerFault.whenIdle(for: .milliseconds(50), saying: "* BYE going down", ending)
        let waiting = IMAPStore.Waiting(renewal: .milliseconds(300))
        let error = try await failureOfWaiting(.info().with(bye), limits(500), waiting)
        // A reset may take the words with it, and a server that stays after it has said so is silent.
        let codes: [MailError.Code] =
            ending == .close
            ? [.unavailable] : ending == .reset ? [.unavailable, .connectionLost] : [.unavailable, .timedOut]
        #expect(error.map { codes.contains($0.code) && $0.isRetryable } == true, "\(String(describing: error))")
    }

    @Test(arguments: [IMAPServerFault.Place.idle, .done])
    func `A server that falls silent is noticed when IDLE begins or is renewed`(_ place: IMAPServerFault.Place)
        async throws
    {
        let waiting = IMAPStore.Waiting(renewal: .milliseconds(100))
        let (error, duration) = try await timed {
            try await failureOfWaiting(.info().with(.at(place, .first, .end(.silence))), limits(700), waiting)
        }
        #expect(error?.code == .timedOut && error?.isRetryable == true, "\(String(describing: error))")
        #expect(duration < .seconds(5), "took \(duration)")
    }

    @Test(arguments: ["{tag} NO not now", "{tag} BAD what", "* 1 FETCH (FLAGS", "+ a\n+ b", "x OK", "+ a\nx OK b"])
    func `An answer to IDLE that is none is told`(_ answer: String) async throws {
        let reply = IMAPServerReply(answer)
        let error = try await failureOfWaiting(.info().with(.at(.idle, .first, .answer(reply))))
        let code: MailError.Code = answer.contains("NO") ? .refused : .protocolViolation
        #expect(error?.code == code, "\(String(describing: error))")
    }

    @Test func `A flood while waiting does not go on for ever`() async throws {
        let flood = String(repeating: "* OK flood\n", count: 21_000)
        let fault = IMAPServerFault.at(.idle, .first, .answer(IMAPServerReply("+ idling\n" + flood)))
        let error = try await failureOfWaiting(.info().with(fault))
        #expect(error?.code == .protocolViolation, "\(String(describing: error))")
    }

    @Test(arguments: [true, false]) func `A wait that is cancelled ends at once`(_ hasIDLE: Bool) async throws {
        let configuration = hasIDLE ? IMAPServerConfiguration.info() : .info().without(.idle)
        let error = try await failureOfWaiting(configuration, limits(60_000)) { server, task in
            try await server.waitForCommands(hasIDLE ? "IDLE" : "UID FETCH")
            try await Task.sleep(for: .milliseconds(30))
            let (_, duration) = await timed {
                task.cancel()
                return await task.value
            }
            #expect(duration < .seconds(1), "took \(duration)")
        }
        #expect(error?.code == .cancelled && error?.isRetryable == false, "\(String(describing: error))")
    }
}
