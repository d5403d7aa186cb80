import Posthorn
import PosthornMIME
import PosthornSMTP
import PosthornTesting
import Testing

/// The test of a host program, as docs/testing.md shows it.
@Suite struct OrderDeskTests {
    /// What the program under test does.
    private func sendOrder(_ mail: PosthornClient) async throws -> SendReceipt {
        try await mail.send(
            Message(to: ["orders@supplier.example"], subject: "Order 4711", text: "Two of them, please.")
        )
    }

    @Test func `An order whose fate is unknown is not sent again`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = [
            // The first message is taken, and the connection breaks before the reply.
            .at(.endOfMessage, .end(.reset)).onConnection(.first),
            // On the second connection, the server is busy at first.
            .at(.mail, .first, .answer("451 4.3.2 Try again later")).onConnection(.nth(2)),
        ]
        try await SMTPTestServer.withServer(configuration) { server in
            let mail = try await PosthornClient(
                settings: .text(
                    """
                    client: desk
                    sender: desk@kitchen.example
                    use: { outgoing: smtp }
                    outgoing: { smtp: { host: 127.0.0.1, port: \(server.port), security: none } }
                    """
                ),
                plugins: [.smtp],
                client: "desk"
            )
            let lost = await #expect(throws: MailError.self) { try await sendOrder(mail) }
            #expect(lost?.certainty == .unknown && lost?.isRetryable == false)
            let busy = await #expect(throws: MailError.self) { try await sendOrder(mail) }
            #expect(busy?.certainty == .notTaken && busy?.isRetryable == true)
            #expect(try await sendOrder(mail).isComplete)
            // The truth: the first was taken although nobody said so, the second was not.
            #expect(server.messages.map(\.connection) == [1, 2] && server.violations.isEmpty)
        }
    }
}
