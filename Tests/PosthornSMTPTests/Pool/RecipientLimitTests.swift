import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Messages to more recipients than a server takes at a time (RFC 9422; RFC 5321 section 4.5.3.1.10).
@Suite(.undisturbed) struct RecipientLimitTests {
    private func withServer(
        _ limits: SMTPServerSessionLimits = SMTPServerSessionLimits(),
        _ change: (inout SMTPServerConfiguration) -> Void = { _ in },
        settings: String = "connections: 1, messages-per-connection: 1000",
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.sessionLimits = limits
        change(&configuration)
        try await SMTPTestServer.withServer(configuration) { server in
            try await body(server, try makeTransport(port: server.port, settings))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    private func names(_ count: Int, _ domain: String = "example.org") -> [String] {
        (0..<count).map { "r\($0)@\(domain)" }
    }

    private func recipients(_ server: SMTPTestServer) -> [[String]] {
        server.messages.map { $0.recipients.map(\.address) }
    }

    @Test func `RCPTMAX splits the recipients over transactions of one message, with one receipt`() async throws {
        try await withServer(SMTPServerSessionLimits(recipients: 4)) { server, transport in
            let names = names(10)
            let receipt = try await transport.send(.small(to: names))
            #expect(receipt.isComplete && receipt.recipients.map(\.address.description) == names)
            #expect(recipients(server) == [Array(names[..<4]), Array(names[4..<8]), Array(names[8...])])
            #expect(server.connections.count == 1)
            #expect(receipt.remoteQueueID == server.messages[0].queueID)
        }
    }

    @Test func `refused recipients among them are told, and the others get the message`() async throws {
        try await withServer(SMTPServerSessionLimits(recipients: 2)) { configuration in
            for number in [0, 1, 4] { configuration.rules.refuseRecipient("r\(number)@example.org") }
            configuration.rules.refuseRecipient("r5@example.org", with: "450 4.2.1 busy")
        } _: { server, transport in
            let receipt = try await transport.send(.small(to: names(7)))
            #expect(
                receipt.recipients.map(\.status) == [
                    .rejectedForGood, .rejectedForGood, .accepted, .accepted, .rejectedForGood, .rejectedForNow,
                    .accepted,
                ]
            )
            #expect(recipients(server) == [["r2@example.org", "r3@example.org"], ["r6@example.org"]])
        }
    }

    @Test func `everybody refused over several transactions is one error that names them all`() async throws {
        try await withServer(SMTPServerSessionLimits(recipients: 2)) { configuration in
            configuration.rules.onRecipient = { _ in "550 5.1.1 nobody" }
        } _: { server, transport in
            let sent = await Sent { try await transport.send(.small(to: names(5))) }
            #expect(sent.certainty == .rejected && sent.error?.recipients.count == 5, "\(sent)")
            #expect(sent.error?.recipients.allSatisfy { $0.status == .rejectedForGood } == true)
            #expect(server.messages.isEmpty)
            // The connection is as good as before.
            let again = await Sent { try await transport.send(.small(to: names(1))) }
            #expect(again.certainty == .rejected && server.connections.count == 1)
        }
    }

    @Test func `MAILMAX replaces the connection`() async throws {
        try await withServer(SMTPServerSessionLimits(messages: 3)) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<10))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes.compactMap(\.error))")
            await transport.close()
            try await server.waitForDisconnects()
            let counts = server.connections.map { $0.commands.count { $0.hasPrefix("MAIL") } }
            #expect(counts == [3, 3, 3, 1])
            #expect(server.connections.allSatisfy { $0.commands.last == "QUIT" })
        }
    }

    @Test func `MAILMAX and RCPTMAX together send one message over several connections`() async throws {
        try await withServer(SMTPServerSessionLimits(messages: 2, recipients: 3)) { server, transport in
            let names = names(14)
            let receipt = try await transport.send(.small(to: names))
            #expect(receipt.isComplete)
            #expect(recipients(server).flatMap { $0 } == names)
            #expect(recipients(server).map(\.count) == [3, 3, 3, 3, 2])
        }
    }

    @Test func `RCPTDOMAINMAX is kept to over the whole session`() async throws {
        try await withServer(SMTPServerSessionLimits(recipientDomains: 1)) { server, transport in
            let addresses = ["a@one.example", "b@two.example", "c@ONE.example", "d@three.example"]
            let receipt = try await transport.send(.small(to: addresses))
            #expect(receipt.isComplete, "\(receipt.recipients)")
            let expected = [["a@one.example", "c@ONE.example"], ["b@two.example"], ["d@three.example"]]
            #expect(recipients(server) == expected)
            // Messages to different domains, too.
            let requests = ["one", "two", "one"].map { SendRequest.small(to: ["x@\($0).example"]) }
            let outcomes = await transport.send(SendBatch(requests))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes)")
        }
    }

    @Test(arguments: ["452 4.5.3 too many recipients", "452 too many recipients"])
    func `recipients that are too many for a server that announces no limit get another transaction`(
        _ text: String
    ) async throws {
        try await withServer { configuration in
            configuration.faults = [.at(.rcpt, .from(4), .answer(SMTPServerReply(text)))]
        } _: { server, transport in
            let names = names(8)
            let receipt = try await transport.send(.small(to: names))
            #expect(receipt.isComplete, "\(receipt.recipients)")
            #expect(recipients(server) == [Array(names[..<3]), Array(names[3..<6]), Array(names[6...])])
        }
    }

    @Test func `a full mailbox is no reason for another transaction`() async throws {
        try await withServer { configuration in
            configuration.rules.refuseRecipient("r1@example.org", with: "452 4.2.2 mailbox full")
        } _: { server, transport in
            let receipt = try await transport.send(.small(to: names(3)))
            #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForNow, .accepted])
            #expect(server.messages.count == 1)
        }
    }

    @Test func `what breaks between transactions leaves what was accepted accepted`() async throws {
        for (taken, status) in [(false, RecipientResult.Status.unknown), (true, .unknown)] {
            try await withServer(SMTPServerSessionLimits(recipients: 2)) { configuration in
                configuration.faults = [.at(.endOfMessage, .end(.close)).onMessage(.nth(2)).taking(taken)]
            } _: { server, transport in
                let receipt = try await transport.send(.small(to: names(4)))
                #expect(receipt.recipients.map(\.status) == [.accepted, .accepted, status, status])
                #expect(server.messages.count == (taken ? 2 : 1))
            }
        }
    }
}
