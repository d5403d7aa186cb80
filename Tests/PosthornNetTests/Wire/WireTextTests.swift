import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Text for the wire and for the transcript", .undisturbed)
struct WireTextTests {
    @Test("Secrets go to the wire and not into the transcript")
    func secrets() {
        var text = WireText(.plain("AUTH PLAIN "), .secret(Secret("canary")))
        text.appendSecret(Array("more".utf8))
        text.append(" x")
        text.appendLineEnd()
        #expect(String(decoding: text.octets, as: UTF8.self) == "AUTH PLAIN canarymore x\r\n")
        #expect(text.transcript == "AUTH PLAIN <secret> x")
        #expect(text.secretRanges == [11..<21])
        var dumped = ""
        dump(text, to: &dumped)
        dump(WireText.Piece.secret(Secret("canary")), to: &dumped)
        dumped += "\(WireText.Piece.secret(Secret("canary")))"
        #expect(!dumped.contains("99"))
        for shown in ["\(text)", String(reflecting: text), dumped] { #expect(!shown.contains("canary")) }
    }

    @Test("Texts are joined with their secrets; lines are shown one by one")
    func joined() {
        var text = WireText.line("MAIL FROM:<a@example.org>")
        text.append(WireText.line(.plain("X "), .secret(Array("s1".utf8)), .plain(" "), .secret(Array("s2".utf8))))
        text.append(WireText.line("\u{1B}[2J"))
        #expect(text.transcriptLines() == ["MAIL FROM:<a@example.org>", "X <secret> <secret>", "\\x1B[2J"])
    }

    @Test("A secret that holds a line end stays one secret")
    func lineEndInSecret() {
        let text = WireText(.plain("A"), .secret(Array("x\r\ncanary\n".utf8)), .plain("B\r\nC"))
        #expect(text.transcriptLines() == ["A<secret>B", "C"])
    }

    @Test("Nothing gives nothing")
    func empty() {
        #expect(WireText().transcriptLines().isEmpty)
        #expect(WireText(.secret([])).secretRanges.isEmpty)
        #expect(WireText.line("").transcriptLines() == [""])
    }
}

@Suite("The transcript", .undisturbed)
struct TranscriptTests {
    @Test("What the server says is escaped and cut")
    func escaped() {
        let ear = Ear()
        let transcript = ear.transcript
        transcript.received(Array("250 \u{1B}[31mred\u{7}\r\n".utf8))
        transcript.received(Array(String(repeating: "x", count: 5_000).utf8))
        #expect(ear.lines[0] == "S: 250 \\x1B[31mred\\x07")
        #expect(ear.lines[1].count < 600)
    }

    @Test("During a sign-in the payload of challenges is left out, in every protocol")
    func challenges() {
        let ear = Ear()
        var transcript = ear.transcript
        transcript.beginSignIn(masking: [])
        for line in ["334 c2VjcmV0", "+ c2VjcmV0", "+ ", "334 ", "250 fine"] { transcript.received(Array(line.utf8)) }
        transcript.endSignIn()
        transcript.received(Array("334 shown".utf8))
        #expect(
            ear.lines == ["S: 334 <secret>", "S: + <secret>", "S: + ", "S: 334 ", "S: 250 fine", "S: 334 shown"]
        )
    }

    @Test("A server that repeats a secret, plain or in base64, does not get it into the transcript")
    func echo() {
        let ear = Ear()
        var transcript = ear.transcript
        transcript.beginSignIn(masking: [Secret("PosthornSecretCanary")])
        let response = Base64.encode(Array("\0info\0PosthornSecretCanary".utf8))
        transcript.sent(.line(.plain("AUTH PLAIN "), .secret(response)))
        let encoded = String(decoding: Base64.encode(Array("PosthornSecretCanary".utf8)), as: UTF8.self)
        transcript.received(Array("535 wrong: PosthornSecretCanary!".utf8))
        transcript.received(Array("535 wrong: \(encoded)".utf8))
        transcript.endSignIn()
        transcript.received(Array("500 \(String(decoding: response, as: UTF8.self)) unknown".utf8))
        #expect(
            ear.lines == [
                "C: AUTH PLAIN <secret>", "S: 535 wrong: <secret>!", "S: 535 wrong: <secret>",
                "S: 500 <secret> unknown",
            ]
        )
    }

    @Test("Nobody who listens means no work")
    func disabled() { #expect(!Transcript().isEnabled) }
}
