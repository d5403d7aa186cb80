import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Servers that say nothing, or say it slowly, and clients that do not want to wait.
@Suite(.undisturbed) struct SilentServerTests {
    static let places: [IMAPServerFault.Place] = [
        .greeting, .startTLS, .handshake, .capability, .authenticate, .list, .select, .fetch, .store, .expunge,
    ]

    private static let limit = Duration.milliseconds(500)

    /// With STARTTLS, so that all places are there.
    private func configuration(_ place: IMAPServerFault.Place, _ act: IMAPServerFault.Act) -> IMAPServerConfiguration {
        .info(threeTexts, .startTLS).with(.at(place, .first, act).doing(![.store, .expunge].contains(place)))
    }

    private func work(_ store: IMAPStore) async throws {
        try await store.withSession { _ = try await $0.folders() }
        try await store.readAndDelete()
    }

    /// Works with short limits. On a busy computer they may be over before the server has come to the place in question:
    /// then once more.
    private func attempt(_ configuration: IMAPServerConfiguration) async throws -> (MailError?, Duration) {
        for _ in 0..<20 {
            let result: (MailError?, Duration, Bool) = try await IMAPTestServer.withServer(configuration) { server in
                let store = try makeStore(server, "timeouts: { connect: 700 ms, reply: 500 ms, transfer: 500 ms }")
                let (error, duration) = await timed { await failure { try await work(store) } }
                #expect(server.inbox == threeTexts)
                return (error, duration, server.connections.first?.faults.isEmpty == false)
            }
            if result.2 { return (result.0, result.1) }
        }
        throw SupportError("the server never came to the place in question")
    }

    @Test(arguments: places, [IMAPServerFault.Act.end(.silence), .drip(every: .milliseconds(100))])
    func `A server that does not answer, or slowly, is given up in time`(
        _ place: IMAPServerFault.Place,
        _ act: IMAPServerFault.Act
    ) async throws {
        let (error, duration) = try await attempt(configuration(place, act))
        #expect(error?.code == .timedOut, "\(String(describing: error))")
        #expect(error?.isRetryable == true && error?.message.contains("timeouts.") == true)
        #expect(duration < Self.limit + .seconds(2), "took \(duration)")
    }

    @Test(arguments: [IMAPServerFault.Place.list, .select, .fetch])
    func `A reply that stops in the middle is given up in time`(_ place: IMAPServerFault.Place) async throws {
        let (error, duration) = try await attempt(configuration(place, .unterminated(.silence)))
        #expect(error?.code == .timedOut, "\(String(describing: error))")
        #expect(duration < Self.limit + .seconds(2), "took \(duration)")
    }

    @Test(arguments: places + [.anyReply])
    func `A session that is cancelled ends at once wherever it is, and deletes nothing`(
        _ place: IMAPServerFault.Place
    ) async throws {
        // The last one is cancelled inside of a message that does not end.
        let start = "* 1 FETCH (UID 1 BODY[] {4000000000}\r\n"
        let endless = IMAPServerConfiguration.info().with(.at(.fetch, .nth(2), .endless(after: start)))
        let faults = place == .anyReply ? endless : configuration(place, .end(.silence))
        try await IMAPTestServer.withServer(faults) { server in
            let store = try makeStore(server, limits(60_000))
            let task = Task(executorPreference: QueueExecutor.waiting) { await failure { try await work(store) } }
            try await eventually("the server to be where it should") {
                server.connections.first?.faults.isEmpty == false ? true : nil
            }
            try await Task.sleep(for: .milliseconds(20))
            let (error, duration) = await timed {
                task.cancel()
                return await task.value
            }
            #expect(error?.code == .cancelled && error?.isRetryable == false, "\(String(describing: error))")
            #expect(duration < .seconds(1), "took \(duration)")
            try await server.waitForDisconnects()
            #expect(server.inbox == threeTexts)
        }
    }
}
