import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Sign-ins that the mail servers of IntegrationTests do not have, each with a message behind it.
@Suite(.undisturbed) struct SignInDeliveryTests {
    /// Sends one message over a server with an account, and gives what the server has of it.
    private func signedIn(
        _ settings: String,
        _ security: ServerSecurity = .implicitTLS,
        _ change: (inout SMTPServerConfiguration) throws -> Void = { _ in }
    ) async throws -> (message: ReceivedMessage, commands: [String]) {
        var configuration = SMTPServerConfiguration()
        configuration.security = security
        configuration.users = ["info": "secret"]
        configuration.requiresAuthentication = true
        try change(&configuration)
        return try await SMTPTestServer.withServer(configuration) { server in
            let transport = try transport(server, settings)
            let receipt = try await transport.send(.small())
            #expect(receipt.isComplete)
            #expect(server.violations.isEmpty, "\(server.violations)")
            return (try await server.waitForMessages(count: 1)[0], server.connections[0].commands)
        }
    }

    private func transport(_ server: SMTPTestServer, _ settings: String, tls: String = "") throws -> SMTPTransport {
        let hasTLS = server.configuration.security != .none
        let trust = try hasTLS ? ", tls: { trust: '\(#require(server.authorityFile))'\(tls) }" : ""
        let security = server.configuration.security == .startTLS ? "starttls" : hasTLS ? "tls" : "none"
        return try makeTransport(port: server.port, "\(settings), \(limits(60_000))\(trust)", security: security)
    }

    @Test(arguments: [ServerSecurity.implicitTLS, .startTLS])
    func `the sign-in that is bound to the connection is taken before all others`(
        _ security: ServerSecurity
    ) async throws {
        // The server compares the binding with its own side of the connection.
        let sent = try await signedIn("username: info, password: secret", security)
        #expect(sent.message.mechanism == "SCRAM-SHA-256-PLUS" && sent.message.user == "info")
    }

    @Test func `each of the server's mechanisms is taken when it is the strongest that is left`() async throws {
        // In the order of SASLNegotiator; the server offers the weakest first.
        let order = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5"]
        for (number, mechanism) in order.enumerated() {
            let sent = try await signedIn("username: info, password: secret") {
                $0.mechanisms = order[number...].reversed() + ["XOAUTH2", "OAUTHBEARER", "ANONYMOUS"]
            }
            #expect(sent.message.mechanism == mechanism)
        }
    }

    @Test func `without encryption a hash of the password goes before the password`() async throws {
        let sent = try await signedIn("username: info, password: secret", .none) {
            $0.mechanisms = ["PLAIN", "LOGIN", "CRAM-MD5"]
        }
        #expect(sent.message.mechanism == "CRAM-MD5")
    }

    @Test func `a client certificate signs in by EXTERNAL`() async throws {
        let authority = try CertificateAuthority.shared
        let client = try authority.issue(CertificateRequest(commonName: "info", purpose: .client))
        for security in [ServerSecurity.implicitTLS, .startTLS] {
            var configuration = SMTPServerConfiguration()
            configuration.security = security
            configuration.clientAuthorityFile = authority.certificate.path
            configuration.mechanisms = ["PLAIN", "EXTERNAL"]
            configuration.users = ["info": "secret"]
            configuration.requiresAuthentication = true
            try await SMTPTestServer.withServer(configuration) { server in
                let identity = ", certificate: '\(client.chain.path)', key: '\(client.key.path)'"
                // Without a password in the settings no list of mechanisms is needed.
                let transport = try transport(server, "username: info", tls: identity)
                #expect(try await transport.send(.small()).isComplete)
                #expect(server.messages.first?.mechanism == "EXTERNAL" && server.messages.first?.user == "info")
                #expect(server.violations.isEmpty, "\(server.violations)")
            }
        }
    }

    @Test func `ANONYMOUS is used where the settings say so, and only there`() async throws {
        let sent = try await signedIn("username: guest, mechanisms: [ANONYMOUS]") {
            $0.mechanisms = ["PLAIN", "ANONYMOUS"]
        }
        #expect(sent.message.mechanism == "ANONYMOUS")
        let other = try await signedIn("username: info, password: secret") { $0.mechanisms = ["ANONYMOUS", "PLAIN"] }
        #expect(other.message.mechanism == "PLAIN")
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
    func `a token that is too long for one line follows the server's challenge`(_ mechanism: String) async throws {
        for (length, isInline) in [(200, true), (4_000, false)] {
            let token = String(repeating: "t", count: length)
            let sent = try await signedIn("username: info, token: \(token), mechanisms: [\(mechanism)]") {
                $0.users = ["info": token]
            }
            #expect(sent.message.mechanism == mechanism)
            let command = try #require(sent.commands.first { $0.hasPrefix("AUTH") })
            #expect(command == (isInline ? "AUTH \(mechanism) <hidden>" : "AUTH \(mechanism)"))
        }
    }

    @Test(arguments: [
        ("534 5.7.9 Application-specific password required. Learn more at provider.example", "app password"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "OAuth 2"),
        ("534 5.7.14 Please log in with your web browser and then try again.", "web browser"),
        ("535 5.7.8 wrong", "`username` and `password`"),
    ])
    func `what large providers answer leads to advice`(_ reply: String, _ advice: String) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.users = ["info": "secret"]
        configuration.mechanisms = ["PLAIN"]
        configuration.faults = [.at(.auth, .answer(SMTPServerReply(reply)))]
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try transport(server, "username: info, password: secret")
            let sent = await Sent { try await transport.send(.small()) }
            #expect(sent.error?.code == .authenticationFailed && sent.certainty == .notTaken, "\(sent)")
            #expect(sent.error?.message.contains(advice) == true, "\(sent)")
            #expect(server.messages.isEmpty)
        }
    }
}
