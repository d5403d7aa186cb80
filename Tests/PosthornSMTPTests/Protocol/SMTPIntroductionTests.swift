import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPIntroductionTests {
    /// Plays replies; says what was sent and how it ended.
    private func play(
        _ replies: [SMTPReply],
        startTLS: Bool = false,
        lmtp: Bool = false
    ) -> (sent: [String], capabilities: SMTPCapabilities?, error: MailError?) {
        var introduction = SMTPIntroduction(
            helloName: "[127.0.0.1]",
            isLMTP: lmtp,
            usesSTARTTLS: startTLS,
            server: "mail.example.org:587"
        )
        var sent: [String] = []
        var rest = replies[...]
        while let next = rest.popFirst() {
            var step = introduction.received(next)
            if case .startTLS = step {
                sent.append("<TLS>")
                step = introduction.encrypted()
            }
            switch step {
            case .send(let line): sent.append(line)
            case .established(let capabilities): return (sent, capabilities, nil)
            case .failed(let error): return (sent, nil, error)
            case .startTLS: sent.append("<TLS again>")
            }
        }
        return (sent, nil, nil)
    }

    @Test func `greeting and EHLO`() {
        let (sent, capabilities, _) = play([reply(220, "hi"), reply(250, "x\nSIZE 5")])
        #expect(sent == ["EHLO [127.0.0.1]"])
        #expect(capabilities?.sizeLimit == 5)
    }

    @Test func `LMTP says LHLO and knows no HELO`() {
        #expect(play([reply(220), reply(250, "x\nPIPELINING")], lmtp: true).sent == ["LHLO [127.0.0.1]"])
        let refused = play([reply(220), reply(500)], lmtp: true)
        #expect(refused.sent.count == 1 && refused.error?.code == .refused)
    }

    @Test(arguments: [500, 501, 502, 504, 550])
    func `a server that does not know EHLO gets HELO, and no capabilities`(_ code: Int) {
        let (sent, capabilities, _) = play([reply(220), reply(code), reply(250, "hello\nSIZE 1\nAUTH PLAIN")])
        #expect(sent == ["EHLO [127.0.0.1]", "HELO [127.0.0.1]"])
        #expect(capabilities == SMTPCapabilities())
    }

    @Test(arguments: [(421, MailError.Code.unavailable), (554, .refused), (451, .unavailable), (521, .refused)])
    func `another refusal of EHLO is the end`(_ code: Int, _ kind: MailError.Code) {
        let result = play([reply(220), reply(code, "go away")])
        #expect(result.sent == ["EHLO [127.0.0.1]"])
        #expect(result.error?.code == kind && result.error?.reply?.code == code)
        #expect(result.error?.message.contains("go away") == true)
    }

    @Test(arguments: [(550, MailError.Code.refused), (421, .unavailable), (354, .protocolViolation)])
    func `a refusal of HELO is the end`(_ code: Int, _ kind: MailError.Code) {
        #expect(play([reply(220), reply(500), reply(code)]).error?.code == kind)
    }

    @Test(arguments: [
        (421, MailError.Code.unavailable, true), (450, .unavailable, true), (554, .refused, false),
        (521, .refused, false), (250, .protocolViolation, false), (221, .protocolViolation, false),
        (354, .protocolViolation, false),
    ])
    func `greetings that are no welcome`(_ code: Int, _ kind: MailError.Code, _ isRetryable: Bool) {
        let result = play([reply(code, "no \u{1B}[2J")])
        #expect(result.sent.isEmpty)
        #expect(result.error?.code == kind && result.error?.isRetryable == isRetryable)
        #expect(result.error?.certainty == .notTaken)
        #expect(result.error?.description.utf8.contains(0x1B) == false)
        #expect(result.error?.message.contains("mail.example.org:587") == true)
    }

    @Test(arguments: [220, 221, 251, 354, 334])
    func `EHLO is answered by 250 and by nothing else that is positive`(_ code: Int) {
        #expect(play([reply(220), reply(code, "x\nSTARTTLS")]).error?.code == .protocolViolation)
        #expect(play([reply(220), reply(code, "x\nSTARTTLS")], startTLS: true).error?.code == .protocolViolation)
    }

    // MARK: STARTTLS

    @Test func `STARTTLS forgets what came before it`() {
        let (sent, capabilities, _) = play(
            [reply(220), reply(250, "x\nSTARTTLS\nAUTH PLAIN\nSIZE 1"), reply(220), reply(250, "y\nDSN")],
            startTLS: true
        )
        #expect(sent == ["EHLO [127.0.0.1]", "STARTTLS", "<TLS>", "EHLO [127.0.0.1]"])
        #expect(capabilities?.extensions.keys.sorted() == ["DSN"] && capabilities?.serverName == "y")
    }

    @Test func `without an offer of STARTTLS nothing more is said`() {
        let result = play([reply(220), reply(250, "x\nAUTH PLAIN")], startTLS: true)
        #expect(result.sent == ["EHLO [127.0.0.1]"])
        #expect(result.error?.code == .encryptionUnavailable)
        #expect(result.error?.message.contains("does not offer STARTTLS") == true)
    }

    @Test(arguments: [500, 502, 550, 421, 454])
    func `a refused EHLO with STARTTLS leads to no HELO`(_ code: Int) {
        let result = play([reply(220), reply(code)], startTLS: true)
        #expect(result.sent == ["EHLO [127.0.0.1]"])
        #expect(result.error?.code == .encryptionUnavailable)
    }

    @Test(arguments: [250, 200, 235, 221, 354, 334, 421, 454, 500, 501, 502, 530, 554])
    func `every answer to STARTTLS but 220 is the end`(_ code: Int) {
        let result = play([reply(220), reply(250, "x\nSTARTTLS"), reply(code, "odd")], startTLS: true)
        #expect(result.sent == ["EHLO [127.0.0.1]", "STARTTLS"])
        #expect(result.error?.code == .encryptionUnavailable && result.error?.certainty == .notTaken)
        #expect(result.error?.message.contains("odd") == true)
    }

    @Test(arguments: [(500, MailError.Code.refused), (421, .unavailable), (220, .protocolViolation)])
    func `a refusal of the second EHLO leads to no HELO`(_ code: Int, _ kind: MailError.Code) {
        let result = play(
            [reply(220), reply(250, "x\nSTARTTLS"), reply(220), reply(code)],
            startTLS: true
        )
        #expect(result.sent.last == "EHLO [127.0.0.1]" && result.sent.count == 4)
        #expect(result.error?.code == kind)
    }

    @Test func `TLS that was not asked for is misuse, and replies after the end are violations`() {
        var introduction = SMTPIntroduction(helloName: "x", isLMTP: false, usesSTARTTLS: false, server: "s:1")
        guard case .failed(let error) = introduction.encrypted() else {
            Issue.record("TLS was accepted")
            return
        }
        #expect(error.code == .misuse)
        guard case .failed(let late) = introduction.received(reply(250)) else {
            Issue.record("a late reply was accepted")
            return
        }
        #expect(late.code == .protocolViolation)
    }
}
