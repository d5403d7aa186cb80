import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.undisturbed) struct DiagnosisTests {
    private func diagnose(
        _ configuration: SMTPServerConfiguration,
        _ settings: String,
        security: String,
        trusts: Bool = true
    ) async throws -> [DiagnosisStep] {
        try await SMTPTestServer.withServer(configuration) { server in
            let trust = trusts ? server.authorityFile.map { ", tls: { trust: '\($0)' }" } ?? "" : ""
            let transport = try makeTransport(port: server.port, settings + trust, security: security)
            let diagnosis = try #require(transport.interface(.diagnosis))
            let steps = await diagnosis.diagnose(DiagnosisRequest(sender: address("a@example.org")))
            #expect(server.messages.isEmpty)
            return steps
        }
    }

    private var configuration: SMTPServerConfiguration {
        var configuration = SMTPServerConfiguration()
        configuration.users = ["info": "PosthornSecretCanary"]
        return configuration
    }

    private func words(_ steps: [DiagnosisStep]) -> [String] { steps.map { "\($0.name) \($0.verdict)" } }

    private static let account = "username: info, password: PosthornSecretCanary"

    @Test func `a good server passes every step`() async throws {
        var server = configuration
        server.security = .implicitTLS
        let steps = try await diagnose(server, Self.account, security: "tls")
        #expect(
            words(steps) == ["connect ok", "tls ok", "greeting ok", "capabilities ok", "sign-in ok", "dry-run ok"],
            "\(steps)"
        )
        server.security = .startTLS
        let others = try await diagnose(server, Self.account, security: "starttls")
        #expect(
            words(others) == ["connect ok", "greeting ok", "tls ok", "capabilities ok", "sign-in ok", "dry-run ok"],
            "\(others)"
        )
    }

    @Test func `each step that fails is the last one`() async throws {
        var server = configuration
        server.security = .implicitTLS
        let untrusted = try await diagnose(server, Self.account, security: "tls", trusts: false)
        #expect(words(untrusted) == ["connect ok", "tls failed"], "\(untrusted)")

        let wrong = try await diagnose(server, "username: info, password: wrong-password", security: "tls")
        #expect(words(wrong).last == "sign-in failed", "\(wrong)")
        #expect(!"\(wrong)".contains("wrong-password"))

        server.rules.refuseSender("a@example.org")
        let sender = try await diagnose(server, Self.account, security: "tls")
        #expect(words(sender).last == "dry-run failed", "\(sender)")

        let plain = try await diagnose(configuration, Self.account, security: "starttls")
        #expect(words(plain) == ["connect ok", "greeting ok", "tls failed"], "\(plain)")

        var closed = configuration
        closed.rules.onConnection = { "554 5.7.1 go away" }
        let refused = try await diagnose(closed, Self.account, security: "none")
        #expect(
            words(refused) == ["connect ok", "capabilities failed"]
                || words(refused) == ["connect ok", "greeting failed"]
        )
    }

    @Test func `a server that nobody runs`() async throws {
        let transport = try makeTransport(port: try FreePort.allocate(), limits(500))
        let steps = await transport.diagnose(DiagnosisRequest())
        #expect(words(steps) == ["connect failed"])
    }

    @Test func `without sign-in and sender there are warnings`() async throws {
        try await SMTPTestServer.withServer { server in
            let transport = try makeTransport(port: server.port)
            let steps = await transport.diagnose(DiagnosisRequest())
            #expect(words(steps).suffix(2) == ["sign-in warning", "dry-run warning"])
            #expect(steps.suffix(2).allSatisfy { $0.advice != nil })
        }
    }
}
