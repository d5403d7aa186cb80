import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// Servers that break the protocol.
@Suite(.undisturbed) struct HostileServerTests {
    private func send(
        _ script: [TranscriptStep],
        _ request: SendRequest = .small(),
        settings: String = limits(60_000)
    ) async throws -> (sent: Sent, connection: TranscriptServer.Connection) {
        let server = try TranscriptServer(script)
        let transport = try makeTransport(port: server.port, settings)
        let sent = await Sent { try await transport.send(request) }
        let connection = try await eventually("the end of the script") {
            server.connections.first.flatMap { $0.isFinished ? $0 : nil }
        }
        return (sent, connection)
    }

    private let start: [TranscriptStep] = [.send("220 t\r\n"), .expect("EHLO"), .send("250 t\r\n")]

    // MARK: Too many replies

    @Test func `a second greeting before EHLO is refused`() async throws {
        let (sent, connection) = try await send([.send("220 t\r\n220 t\r\n"), .drain])
        #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
        #expect(connection.received.isEmpty)
    }

    @Test func `a reply before MAIL is refused`() async throws {
        let (sent, connection) = try await send(
            [.send("220 t\r\n"), .expect("EHLO"), .send("250 t\r\n250 surplus\r\n"), .drain]
        )
        #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
        #expect(!connection.receivedText.contains("MAIL"))
    }

    @Test func `half a reply before MAIL is refused`() async throws {
        let (sent, connection) = try await send(
            [.send("220 t\r\n"), .expect("EHLO"), .send("250 t\r\n25"), .drain]
        )
        #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
        #expect(!connection.receivedText.contains("MAIL"))
    }

    @Test func `421 between commands is told as such`() async throws {
        let (sent, _) = try await send(
            [.send("220 t\r\n"), .expect("EHLO"), .send("250 t\r\n421 4.3.2 maintenance\r\n"), .drain]
        )
        #expect(sent.error?.code == .unavailable && sent.error?.reply?.code == 421, "\(sent)")
        #expect(sent.error?.isRetryable == true)
    }

    @Test func `two replies to MAIL at once are no reply to RCPT`() async throws {
        let (sent, connection) = try await send(start + [.expect("MAIL"), .send("250 ok\r\n250 ok\r\n"), .drain])
        #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
        #expect(!connection.receivedText.contains("RCPT"))
    }

    @Test(arguments: ["250 ok", "250", "250-a\r\n250 b"])
    func `a success together with 354 is no success`(_ early: String) async throws {
        let (sent, connection) = try await send(
            start + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"),
                .send("354 go\r\n\(early)\r\n"), .drain,
            ]
        )
        #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
        #expect(!connection.receivedText.contains("\r\n.\r\n"))
    }

    @Test(arguments: ["25", "250 O", "250-a\r\n", "250-a\r\n250"])
    func `the beginning of a success together with 354 is waited for and then refused`(_ early: String) async throws {
        let rest = String("250-a\r\n250 OK\r\n".dropFirst(early.hasPrefix("250-") ? early.count : 0))
        let completion = early.hasPrefix("250-") ? rest : String("250 OK\r\n".dropFirst(early.count))
        let (sent, connection) = try await send(
            start + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"),
                .send("354 go\r\n\(early)"), .pause(.milliseconds(200)), .send(completion), .drain,
            ]
        )
        #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
        #expect(!connection.receivedText.contains("\r\n.\r\n"))
    }

    @Test func `a second reply to the message changes nothing`() async throws {
        let (sent, _) = try await send(
            start + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"),
                .send("354 go\r\n"), .receive(through: "\r\n.\r\n"), .send("250 ok\r\n550 no, after all\r\n"), .drain,
            ]
        )
        #expect(sent.receipt?.isComplete == true, "\(sent)")
    }

    @Test(arguments: ["354 again", "334 x"])
    func `an intermediate reply to the whole message leaves it unknown`(_ last: String) async throws {
        let (sent, _) = try await send(
            start + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"),
                .send("354 go\r\n"), .receive(through: "\r\n.\r\n"), .send("\(last)\r\n"), .drain,
            ]
        )
        #expect(sent.certainty == .unknown && sent.error?.code == .outcomeUnknown, "\(sent)")
    }

    @Test(arguments: ["2500 ok", "OK", "250-a\r\n550 b", "\u{1B}[31m", ""])
    func `garbage after the whole message leaves it unknown`(_ last: String) async throws {
        let (sent, _) = try await send(
            start + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"),
                .send("354 go\r\n"), .receive(through: "\r\n.\r\n"), .send("\(last)\r\n"), .drain,
            ]
        )
        #expect(sent.certainty == .unknown && sent.error?.code == .outcomeUnknown, "\(sent)")
        #expect(sent.error?.detailedDescription().utf8.contains(0x1B) == false)
    }

    // MARK: Refused recipients

    @Test func `when nobody is accepted and the server still wants a message nothing of it is sent`() async throws {
        let (sent, connection) = try await send(
            [
                .send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250 PIPELINING\r\n"),
                .receive(through: "DATA\r\n"), .send("250 ok\r\n550 5.1.1 nobody\r\n354 go\r\n"), .drain,
            ]
        )
        #expect(sent.certainty == .rejected && sent.error?.reply?.code == 550, "\(sent)")
        #expect(connection.receivedText.hasSuffix("DATA\r\n"))
    }

    // MARK: Early refusals

    @Test(arguments: [(552, "5.3.4 too large", DeliveryCertainty.rejected), (421, "4.3.2 going down", .notTaken)])
    func `a refusal in the middle of a message and then the end is told`(
        _ code: Int,
        _ text: String,
        _ certainty: DeliveryCertainty
    ) async throws {
        for end in [[TranscriptStep.drain], [.halfClose, .drain], [.close]] {
            let dialogue = Dialogue.session()
            let (sent, connection) = try await send(
                dialogue.script(before: dialogue.content)
                    + [.receive(through: "xxxx\r\nxxx"), .send("\(code) \(text)\r\n"), .pause(.milliseconds(50))] + end,
                .large(24 << 20),
                settings: limits(60_000)
            )
            #expect(sent.error?.reply?.code == code, "\(end): \(sent)")
            #expect(sent.certainty == certainty, "\(end): \(sent)")
            #expect(!connection.receivedText.contains("\r\n.\r\n"))
        }
    }

    // MARK: Content

    private func sendContent(_ content: GeneratedContent) async throws -> (Sent, TranscriptServer.Connection?) {
        let dialogue = Dialogue.session()
        let server = try TranscriptServer(dialogue.script(before: dialogue.content) + [.drain])
        let transport = try makeTransport(port: server.port, limits(60_000))
        let sent = await Sent { try await transport.send(.with(MessageContent(content))) }
        await transport.close()
        if server.connections.isEmpty { return (sent, nil) }
        let connection = try await eventually("the end of the script") {
            server.connections.first.flatMap { $0.isFinished ? $0 : nil }
        }
        return (sent, connection)
    }

    @Test func `content that cannot be read is told before anybody is contacted`() async throws {
        let (sent, connection) = try await sendContent(GeneratedContent(failsAtOnce: true))
        #expect(sent.error?.code == .contentUnavailable && sent.certainty == .notTaken, "\(sent)")
        #expect(connection == nil)
    }

    @Test(arguments: [0, 1, 3, 30, 99])
    func `content that breaks off was not taken, and no dot was sent`(_ piece: Int) async throws {
        let (sent, connection) = try await sendContent(GeneratedContent(pieces: 100, failsAt: piece))
        #expect(sent.error?.code == .contentUnavailable && sent.certainty == .notTaken, "\(sent)")
        #expect(sent.error?.account == "smtp")
        // What fails near its beginning, the server never hears of.
        let received = try #require(connection).receivedText
        #expect(!received.contains("\r\n.\r\n"))
        #expect(piece < 3 ? !received.contains("MAIL") : received.contains("DATA\r\n") && !received.contains("QUIT"))
    }

    @Test func `a file that is gone is named`() async throws {
        let dialogue = Dialogue.session()
        let server = try TranscriptServer(dialogue.script)
        let transport = try makeTransport(port: server.port)
        let sent = await Sent { try await transport.send(.with(.file("/nowhere/message.eml"))) }
        #expect(sent.error?.code == .contentUnavailable, "\(sent)")
        #expect(sent.error?.message.contains("/nowhere/message.eml") == true)
        #expect(server.connections.isEmpty)
    }

    // MARK: STARTTLS

    @Test(arguments: [
        "250-t\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",  // stripped
        "250-t\r\n250-XSTARTTLS\r\n250 AUTH PLAIN\r\n", "250 STARTTLS\r\n", "500 what\r\n", "502 no\r\n", "250 t\r\n",
    ])
    func `without STARTTLS nothing but EHLO leaves, fifty times`(_ answer: String) async throws {
        let scripts = Array(
            repeating: [TranscriptStep.send("220 t\r\n"), .expect("EHLO"), .send(answer), .drain],
            count: 50
        )
        try await expectNothing(scripts, sent: "EHLO [127.0.0.1]\r\n", tlsOctets: false)
    }

    @Test(arguments: [
        "454 no\r\n", "220-go\r\n", "250 go\r\n", "530 5.7.0 no\r\n", "220 go\r\n250 t\r\n", "220 go\r\n2",
        "220 go\r\n235 2.7.0 welcome\r\n250 ok\r\n", "220 go\r\n\r\n", "334 \r\n",
    ])
    func `an odd answer to STARTTLS, or text behind it, ends everything, fifty times`(_ answer: String) async throws {
        let scripts = Array(
            repeating: [
                TranscriptStep.send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"),
                .expect("STARTTLS"), .send(answer), answer == "220-go\r\n" ? .close : .drain,
            ],
            count: 50
        )
        try await expectNothing(scripts, sent: "EHLO [127.0.0.1]\r\nSTARTTLS\r\n", tlsOctets: false)
    }

    @Test func `text that is injected a moment later ends the handshake, fifty times`() async throws {
        let scripts = Array(
            repeating: [
                TranscriptStep.send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"),
                .expect("STARTTLS"), .send("220 go\r\n"), .pause(.milliseconds(2)),
                .send("250-t\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n"), .drain,
            ],
            count: 50
        )
        try await expectNothing(scripts, sent: "EHLO [127.0.0.1]\r\nSTARTTLS\r\n", tlsOctets: true)
    }

    private func expectNothing(_ scripts: [[TranscriptStep]], sent expected: String, tlsOctets: Bool) async throws {
        let server = try TranscriptServer(scripts: scripts)
        let transport = try makeTransport(
            port: server.port,
            "username: info, password: PosthornSecretCanary, " + limits(60_000),
            security: "starttls"
        )
        for _ in scripts {
            let sent = await Sent { try await transport.send(.small()) }
            #expect(sent.certainty == .notTaken, "\(sent)")
            #expect(
                sent.error.map {
                    [.encryptionUnavailable, .protocolViolation, .tlsFailed, .connectionLost].contains($0.code)
                } == true,
                "\(sent)"
            )
        }
        for connection in try await server.finished(connections: scripts.count) {
            let received = connection.receivedText
            #expect(tlsOctets ? received.hasPrefix(expected) : received == expected)
            for word in ["AUTH", "MAIL", "Canary", "AGluZm8A", "QUIT"] { #expect(!received.contains(word)) }
        }
    }
}
