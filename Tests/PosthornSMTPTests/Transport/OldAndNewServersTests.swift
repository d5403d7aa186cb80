import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// What is used of what a server offers, and how the client does without.
@Suite(.undisturbed) struct OldAndNewServersTests {
    @Test(arguments: ["500 5.5.1 what?", "502 5.5.1 not implemented", "550 no such command"])
    func `a server that refuses EHLO gets HELO and the message`(_ reply: String) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = [.at(.ehlo, .first, .answer(SMTPServerReply(reply)))]
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try makeTransport(port: server.port, limits(60_000))
            let receipt = try await transport.send(.small(to: ["b@example.org", "c@example.org"]))
            #expect(receipt.isComplete)
            await transport.close()
            try await server.waitForDisconnects()
            // Nothing is used that only EHLO offers: neither parameters nor PIPELINING nor BDAT.
            #expect(server.messages[0].parameters.isEmpty && !server.messages[0].usedChunking)
            let verbs = ["EHLO", "HELO", "MAIL", "RCPT", "RCPT", "DATA", "QUIT"]
            #expect(server.connections[0].commands.map { String($0.prefix(4)) } == verbs)
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `smtp-sink that knows no EHLO gets HELO and the message`() async throws {
        let sink = try await SMTPSink.start(["-f", "ehlo"])
        let transport = try makeTransport(port: sink.port, limits(60_000))
        #expect(try await transport.send(.small()).isComplete)
        await transport.close()
        let messages = try sink.messages()
        #expect(messages.count == 1)
        let text = String(decoding: messages[0], as: UTF8.self)
        #expect(text.contains("X-Helo-Args: [127.0.0.1]\n") && text.contains("\nSubject: x\n\nhi\n"), "\(text)")
        await sink.stop()
    }

    /// The server answers nothing before everything is there: a client that waits for replies waits for ever.
    @Test func `the whole envelope travels in one flight where PIPELINING is offered`() async throws {
        let server = try TranscriptServer([
            .send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250-8BITMIME\r\n250 PIPELINING\r\n"),
            .expectExactly(
                "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n"
            ),
            .send("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
            .expectExactly("Subject: x\r\n\r\nhi\r\n.\r\n"), .send("250 ok\r\n"), .expect("QUIT"),
        ])
        let transport = try makeTransport(port: server.port, limits(60_000))
        #expect(try await transport.send(.small(to: ["b@example.org", "c@example.org"])).isComplete)
        try await server.finished()
    }

    @Test func `envelope and message travel in one flight where CHUNKING is offered too`() async throws {
        let server = try TranscriptServer([
            .send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250-CHUNKING\r\n250 PIPELINING\r\n"),
            .expectExactly(
                "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 18 LAST\r\nSubject: x\r\n\r\nhi\r\n"
            ),
            .send("250 ok\r\n250 ok\r\n250 ok\r\n"), .expect("QUIT"),
        ])
        let transport = try makeTransport(port: server.port, limits(60_000))
        #expect(try await transport.send(.small()).isComplete)
        try await server.finished()
    }

    /// A server may want a message although everybody was refused. A lone dot would deliver an empty one.
    @Test(arguments: [
        ("250 ok\r\n550 5.1.1 nobody\r\n550 5.1.1 nobody\r\n354 go\r\n", 0),
        ("250 ok\r\n550 5.1.1 nobody\r\n550 5.1.1 nobody\r\n554 5.5.1 no valid recipients\r\n", 0),
        ("550 5.7.1 not you\r\n503 5.5.1 MAIL first\r\n503 5.5.1 MAIL first\r\n354 go\r\n", 0),
        ("250 ok\r\n550 5.1.1 nobody\r\n250 ok\r\n354 go\r\n", 1),
    ])
    func `refusals in one flight never lead to an empty message`(_ replies: String, _ accepted: Int) async throws {
        let end: [TranscriptStep] =
            accepted == 0
            ? [.drain] : [.expectExactly("Subject: x\r\n\r\nhi\r\n.\r\n"), .send("250 2.0.0 taken\r\n"), .drain]
        let server = try TranscriptServer(
            [
                .send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250 PIPELINING\r\n"), .expect("MAIL"),
                .expect("RCPT"), .expect("RCPT"), .expect("DATA"), .send(replies),
            ] + end
        )
        let transport = try makeTransport(port: server.port, limits(60_000))
        let sent = await Sent {
            try await transport.send(
                .small(to: ["gone@example.org", accepted == 0 ? "lost@example.org" : "b@example.org"])
            )
        }
        await transport.close()
        try await server.finished()
        if accepted == 0 {
            #expect(sent.certainty == .rejected, "\(sent)")
            #expect(!server.received.contains("\r\n.\r\n"), "\(server.received)")
        } else {
            #expect(sent.receipt?.recipients.map(\.status) == [.rejectedForGood, .accepted], "\(sent)")
        }
    }
}
