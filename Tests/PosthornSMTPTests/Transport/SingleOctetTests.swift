import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.undisturbed) struct SingleOctetTests {
    /// Whatever a reply is cut into, it is the same reply; encrypted, each octet is a record of its own.
    @Test(arguments: [ServerSecurity.none, .startTLS, .implicitTLS])
    func `a session in which every octet of the server comes alone goes as any other`(
        _ security: ServerSecurity
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security
        configuration.users = ["info": "secret"]
        configuration.faults = [
            .at(.anyReply, .drip(every: .milliseconds(1))), .at(.handshake, .drip(every: .microseconds(100))),
        ]
        try await SMTPTestServer.withServer(configuration) { server in
            let trust = server.authorityFile.map { ", tls: { trust: '\($0)' }" } ?? ""
            let transport = try makeTransport(
                port: server.port,
                "username: info, password: secret" + trust,
                security: security == .none ? "none" : security == .startTLS ? "starttls" : "tls"
            )
            for _ in 0..<2 {
                let sent = await Sent { try await transport.send(.small()) }
                #expect(sent.receipt?.isComplete == true, "\(sent)")
            }
            await transport.close()
            #expect(server.messages.count == 2 && server.violations.isEmpty)
        }
    }
}
