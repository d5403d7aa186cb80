import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite(.undisturbed) struct TransportConformanceTests {
    @Test func `The transport in memory keeps the contract`() async throws {
        var suite = try suite()
        // Other tests may keep the machine busy.
        suite.promptness = .seconds(30)
        try await suite.run()
    }

    @Test func `A transport whose far side cannot be seen can be checked too`() async throws {
        var suite = try TransportConformance { InMemoryTransport() }
        suite.largeContentSize = 1 << 20
        try await suite.run()
    }

    @Test func `A failure names the rule and what was wrong`() async throws {
        let error = await #expect(throws: ConformanceFailure.self) {
            try await suite(.wrongMessageID).run([.messageID, .simpleMessage])
        }
        let failure = try #require(error)
        #expect(failure.rules == ["message-id"])
        #expect(failure.description.contains("<another@posthorn.example>"))
    }

    @Test(arguments: TransportDefect.allCases)
    func `A broken transport is caught by its rule`(defect: TransportDefect) async throws {
        let error = await #expect(throws: ConformanceFailure.self) {
            try await suite(defect).run([defect.rule])
        }
        let failure = try #require(error)
        #expect(failure.rules == [defect.rule.name])
    }

    @Test func `Every rule has a broken transport that it catches`() {
        let caught = Set(TransportDefect.allCases.map(\.rule))
        #expect(TransportConformance.Rule.all.filter { !caught.contains($0) } == [])
    }

    @Test func `A transport that never returns does not hold the suite for ever`() async throws {
        var suite = try suite(.ignoresCancellation)
        suite.patience = .milliseconds(200)
        suite.promptness = .seconds(60)
        let hanging = suite
        let error = await #expect(throws: ConformanceFailure.self) { try await hanging.run([.cancelledWhileSending]) }
        #expect(error?.description.contains("seems to hang") == true)
    }

    private func suite(_ defect: TransportDefect? = nil) throws -> TransportConformance {
        let gone = try EmailAddress("gone@example.org")
        let memory = InMemoryTransport()
        memory.setAnswer(.refusing([gone]))
        var suite = try TransportConformance {
            guard let defect else { return memory }
            return BrokenTransport(memory: memory, defect: defect)
        }
        suite.refusedRecipient = gone
        suite.secrets = ["PosthornSecretCanary"]
        suite.promptness = .seconds(1)
        suite.largeContentSize = defect == nil ? 64 << 20 : 16 << 20
        suite.delivered = {
            memory.sent.map {
                DeliveredMessage(
                    sender: $0.envelope.sender?.description,
                    recipients: $0.acceptedRecipients.map(\.description),
                    bytes: $0.bytes
                )
            }
        }
        return suite
    }
}
