import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// The same with TLS: a relay that sees only encrypted octets ends the connection.
@Suite(.undisturbed) struct CutEncryptedSessionTests {
    @Test(arguments: ["tls", "starttls"], [CuttingRelay.Direction.toServer, .toClient])
    func `an encrypted session that is cut anywhere is reported as it was`(
        _ security: String,
        _ direction: CuttingRelay.Direction
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security == "tls" ? .implicitTLS : .startTLS
        configuration.users = ["info": "secret"]
        configuration.mechanisms = ["PLAIN"]
        configuration.limits.failedSignIns = 1_000
        try await SMTPTestServer.withServer(configuration) { server in
            let authority = try #require(server.authorityFile)
            let whole = try await Self.lengths(server, authority, security)
            let octets = direction == .toServer ? whole.toServer : whole.toClient
            // The handshake's octets are TLS' own concern: every eighth of them, then every single one.
            let handshake = max(0, octets - (direction == .toServer ? 700 : 1_100))
            let cuts = Array(stride(from: 0, to: handshake, by: 8)) + Array(handshake...(octets + 8))
            let relay = try CuttingRelay(to: server.port, cuts: cuts.map { .init(direction: direction, octets: $0) })
            defer { relay.stop() }
            var counts = (accepted: 0, notTaken: 0, unknown: 0)
            for cut in cuts {
                let transport = try makeTransport(
                    port: relay.port,
                    "username: info, password: secret, tls: { trust: '\(authority)' }, " + limits(60_000),
                    security: security
                )
                let before = server.messages.count
                let sent = await Sent { try await transport.send(.small()) }
                let comment = Comment(rawValue: "cut \(direction) after \(cut) of \(octets): \(sent)")
                switch sent.certainty {
                case nil:
                    #expect(sent.receipt?.isComplete == true, comment)
                    #expect(server.messages.count == before + 1, comment)
                    counts.accepted += 1
                case .notTaken?:
                    #expect(server.messages.count == before, comment)
                    #expect(sent.error?.isRetryable == true || sent.error?.code == .tlsFailed, comment)
                    counts.notTaken += 1
                case .unknown?:
                    #expect(sent.error?.code == .outcomeUnknown, comment)
                    // What passed the relay may still be under way to the server.
                    try await server.waitForDisconnects()
                    counts.unknown += 1
                default: Issue.record(comment)
                }
            }
            #expect(counts.accepted > 10 && counts.notTaken > 200 && counts.unknown > 10, "\(counts)")
            #expect(server.violations.allSatisfy { !$0.contains("pipelin") }, "\(server.violations)")
        }
    }

    private static func lengths(
        _ server: SMTPTestServer,
        _ authority: String,
        _ security: String
    ) async throws -> CuttingRelay.Passed {
        let relay = try CuttingRelay(to: server.port, cuts: [])
        defer { relay.stop() }
        let transport = try makeTransport(
            port: relay.port,
            "username: info, password: secret, tls: { trust: '\(authority)' }",
            security: security
        )
        _ = try await transport.send(.small())
        try await server.waitForDisconnects()
        return try #require(relay.passed.first)
    }
}
