import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Connections over which nothing was heard for long, and which look alive: the server is asked before a message is begun.
@Suite(.undisturbed) struct PoolSilenceTests {
    /// What becomes of RSET on the first connection; `nil` for its usual reply.
    private static let answers: [SMTPServerFault.Act?] = [
        nil, .end(.close), .end(.reset), .lose, .answer("421 4.4.2 idle for too long"),
    ]

    /// The silence is waited for once, with all servers at the same time.
    @Test func `after long silence the server is asked, and only one that answers gets the message`() async throws {
        try await withThrowingTaskGroup { group in
            for answer in Self.answers {
                group.addTask { try await check(answer) }
            }
            try await group.waitForAll()
        }
    }

    private func check(_ answer: SMTPServerFault.Act?) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = answer.map { [.at(.rset, $0).onConnection(.first)] } ?? []
        try await SMTPTestServer.withServer(configuration) { server in
            let settings = "connections: 1, messages-per-connection: 1000, " + limits(60_000)
            let transport = try makeTransport(port: server.port, settings)
            for number in 0..<2 { _ = try await transport.send(Numbered.request(number)) }
            try await Task.sleep(for: SMTPSession.probedSilence + .seconds(1))
            let sent = await Sent { try await transport.send(Numbered.request(2)) }
            #expect(sent.receipt?.isComplete == true, "\(sent)")
            #expect(Numbered.taken(server.messages) == [0, 1, 2])
            await transport.close()
            try await server.waitForDisconnects()

            let verbs = server.connections.map { $0.commands.map { String($0.prefix(4)) } }
            let message = ["MAIL", "RCPT", "BDAT"]
            // Not asked between the first two: there was no silence.
            let before = ["EHLO"] + message + message + ["RSET"]
            if answer == nil {
                #expect(verbs == [before + message + ["QUIT"]])
            } else {
                #expect(verbs.first?.starts(with: before) == true, "\(verbs)")
                #expect(verbs.first?.count { $0 == "MAIL" } == 2, "\(verbs)")
                #expect(verbs.dropFirst() == [["EHLO"] + message + ["QUIT"]], "\(verbs)")
            }
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }
}
