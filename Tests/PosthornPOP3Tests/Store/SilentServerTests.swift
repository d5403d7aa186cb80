import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// Servers that say nothing, or say it slowly, and clients that do not want to wait.
@Suite(.undisturbed) struct SilentServerTests {
    static let places: [POP3ServerFault.Place] = [
        .greeting, .stls, .handshake, .capa, .utf8, .auth, .list, .uidl, .retr, .dele, .quit,
    ]

    private static let limit = Duration.milliseconds(500)

    /// With STLS, so that all places are there.
    private func configuration(_ place: POP3ServerFault.Place, _ act: POP3ServerFault.Act) -> POP3ServerConfiguration {
        .info(threeTexts, .startTLS).with(.at(place, .first, act).deleting(false))
    }

    /// Reads and deletes with short limits. On a busy computer they may be over before the server has come to the place in
    /// question: then once more.
    private func attempt(
        _ configuration: POP3ServerConfiguration,
        _ settings: String = limits(500)
    ) async throws -> (MailError?, Duration) {
        for _ in 0..<20 {
            let result: (MailError?, Duration, Bool) = try await POP3TestServer.withServer(configuration) { server in
                let store = try makeStore(server, settings)
                let (error, duration) = await timed { await failure { try await store.readAndDelete() } }
                #expect(server.maildrop("info").count == 3)
                return (error, duration, !server.connections[0].faults.isEmpty)
            }
            if result.2 { return (result.0, result.1) }
        }
        throw SupportError("the server never came to the place in question")
    }

    @Test(arguments: places, [POP3ServerFault.Act.end(.silence), .drip(every: .milliseconds(100))])
    func `A server that does not answer, or slowly, is given up in time`(
        _ place: POP3ServerFault.Place,
        _ act: POP3ServerFault.Act
    ) async throws {
        let settings = "timeouts: { connect: 700 ms, reply: 500 ms, transfer: 500 ms }"
        let (error, duration) = try await attempt(configuration(place, act), settings)
        #expect(error?.code == .timedOut, "\(String(describing: error))")
        #expect(error?.isRetryable == true && error?.message.contains("timeouts.") == true)
        #expect(duration < Self.limit + .seconds(2), "took \(duration)")
    }

    @Test(arguments: [POP3ServerFault.Place.list, .uidl, .retr])
    func `A list or a message that stops in the middle is given up in time`(_ place: POP3ServerFault.Place) async throws
    {
        let (error, duration) = try await attempt(configuration(place, .unterminated(.silence)))
        #expect(error?.code == .timedOut && error?.message.contains("timeouts.transfer") == true)
        #expect(duration < Self.limit + .seconds(2), "took \(duration)")
    }

    @Test(arguments: places + [.anyReply])
    func `A cancelled session ends at once wherever it is, and deletes nothing`(
        _ place: POP3ServerFault.Place
    ) async throws {
        // The last one is cancelled inside of a message that does not end.
        let faults = place == .anyReply ? configuration(.retr, .endless()) : configuration(place, .end(.silence))
        try await POP3TestServer.withServer(faults) { server in
            let store = try makeStore(server, limits(60_000))
            let task = Task(executorPreference: QueueExecutor.waiting) {
                await failure { try await store.readAndDelete() }
            }
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
            #expect(server.maildrop("info").count == 3)
        }
    }
}
