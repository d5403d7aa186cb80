import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Sign-ins that are bound to their TLS connection, with somebody in the middle who ends TLS.
@Suite(.undisturbed) struct ChannelBindingTests {
    /// A server with a certificate, and a relay in front of it.
    private func withRelay(
        _ version: DecryptingRelay.Version,
        isServersOwn: Bool,
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        let authority = try CertificateAuthority.shared
        let request = CertificateRequest(names: ["localhost"], addresses: ["127.0.0.1"])
        let certificate = try authority.issue(request)
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.certificate = .files(certificate: certificate.chain.path, key: certificate.key.path)
        configuration.users = ["info": "secret"]
        configuration.requiresAuthentication = true
        try await SMTPTestServer.withServer(configuration) { server in
            let shown = try isServersOwn ? certificate : authority.issue(request)
            let relay = try await DecryptingRelay.start(to: server.port, showing: shown, version)
            let trust = "tls: { trust: '\(authority.certificate.path)' }"
            let transport = try makeTransport(
                port: relay.port,
                "username: info, password: secret, \(trust), \(limits(60_000))",
                security: "tls"
            )
            try await body(server, transport)
            await relay.stop()
        }
    }

    @Test(arguments: DecryptingRelay.Version.allCases)
    func `somebody in the middle with a certificate that is trusted gets no sign-in`(
        _ version: DecryptingRelay.Version
    ) async throws {
        try await withRelay(version, isServersOwn: false) { server, transport in
            let sent = await Sent { try await transport.send(.small()) }
            #expect(sent.error?.code == .authenticationFailed && sent.certainty == .notTaken, "\(sent)")
            // It reads along, and no weaker sign-in gives it anything to read.
            let commands = server.connections.flatMap(\.commands).filter { $0.hasPrefix("AUTH") }
            #expect(commands == ["AUTH SCRAM-SHA-256-PLUS <hidden>"], "\(commands)")
            #expect(server.messages.isEmpty)
        }
    }

    /// A relay with the key of the server is the server, as far as TLS 1.2 goes: its certificate is what is bound.
    @Test func `below TLS 1_3 the server's certificate is bound`() async throws {
        try await withRelay(.tls12, isServersOwn: true) { server, transport in
            let receipt = try await transport.send(.small())
            #expect(receipt.isComplete)
            #expect(server.messages.first?.mechanism == "SCRAM-SHA-256-PLUS")
        }
        // With TLS 1.3 it is the connection itself.
        try await withRelay(.tls13, isServersOwn: true) { server, transport in
            let sent = await Sent { try await transport.send(.small()) }
            #expect(sent.error?.code == .authenticationFailed, "\(sent)")
            #expect(server.messages.isEmpty)
        }
    }
}
