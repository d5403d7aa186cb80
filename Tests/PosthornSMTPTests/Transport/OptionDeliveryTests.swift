import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Wishes and requirements on their way through a real conversation, encrypted and in the clear.
@Suite(.undisturbed) struct OptionDeliveryTests {
    private func demanding() -> SendRequest {
        var request = SendRequest.small()
        request.options.require(RequireTLS.self, RequireTLS())
        request.options[DeliverBy.self] = DeliverBy(within: .seconds(86_400), orElse: .notified)
        request.options[FutureRelease.self] = FutureRelease(after: .seconds(120))
        request.options[TransferPriority.self] = TransferPriority(level: 4)
        return request
    }

    @Test(arguments: ["tls", "starttls"])
    func `the server hears all of them`(_ security: String) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security == "tls" ? .implicitTLS : .startTLS
        try await SMTPTestServer.withServer(configuration) { server in
            let trust = "tls: { trust: '\(try #require(server.authorityFile))' }, "
            let transport = try makeTransport(port: server.port, trust + limits(60_000), security: security)
            let receipt = try await transport.send(demanding())
            #expect(receipt.isComplete && receipt.ignoredOptions.isEmpty)
            let parameters = try await server.waitForMessages(count: 1)[0].parameters
            #expect(parameters.keys.contains("REQUIRETLS"))
            #expect(parameters["BY"] == "86400;N")
            #expect(parameters["HOLDFOR"] == "120")
            #expect(parameters["MT-PRIORITY"] == "4")
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `a message that requires TLS is not sent in the clear, whatever the server says`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.falseCapabilities = ["REQUIRETLS"]
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try makeTransport(port: server.port, limits(60_000))
            let sent = await Sent { try await transport.send(demanding()) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            #expect(sent.error?.message.contains("'require-tls'") ?? false)
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.messages.isEmpty)
            #expect(server.connections[0].commands.map { $0.prefix(4) } == ["EHLO", "QUIT"])
        }
    }

    @Test func `a recipient whose mailbox is younger than it must be is refused, and the others are not`() async throws
    {
        var configuration = SMTPServerConfiguration()
        configuration.rules.refuseRecipient("new@example.org", with: "550 5.7.17 Mailbox owner has changed")
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try makeTransport(port: server.port, limits(60_000))
            var request = SendRequest.small(to: ["old@example.org", "new@example.org", "any@example.org"])
            request.options.require(
                RequireRecipientValidSince.self,
                RequireRecipientValidSince([address("old@example.org"): 1_795_000_000, address("new@example.org"): 0])
            )
            let receipt = try await transport.send(request)
            #expect(receipt.ignoredOptions.isEmpty)
            #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForGood, .accepted])
            #expect(receipt.recipients[1].reply?.enhancedStatus == EnhancedStatus(5, 7, 17))
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.recipients.map(\.validSince) == ["2026-11-18T11:06:40Z;R", nil])
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections[0].commands.contains("RCPT TO:<new@example.org> RRVS=1970-01-01T00:00:00Z;R"))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `who must be valid is not asked where the server cannot tell`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.extensions.remove(.recipientValidSince)
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try makeTransport(port: server.port, limits(60_000))
            var request = SendRequest.small()
            let option = RequireRecipientValidSince([address("b@example.org"): 0])
            request.options[RequireRecipientValidSince.self] = option
            #expect(try await transport.send(request).ignoredOptions == ["require-recipient-valid-since"])
            request.options.require(RequireRecipientValidSince.self, option)
            let required = request
            let sent = await Sent { try await transport.send(required) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            #expect(server.messages.count == 1 && server.violations.isEmpty)
        }
    }

    @Test func `as wishes they are listed where they are ignored`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.extensions = [.pipelining, .deliverBy]
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try makeTransport(port: server.port, limits(60_000))
            var request = demanding()
            request.options[RequireTLS.self] = RequireTLS()
            let receipt = try await transport.send(request)
            #expect(receipt.ignoredOptions == ["future-release", "require-tls", "transfer-priority"])
            let parameters = try await server.waitForMessages(count: 1)[0].parameters
            #expect(Set(parameters.keys) == ["BY"])
        }
    }
}
