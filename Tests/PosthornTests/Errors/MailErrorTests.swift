import Posthorn
import TestSupport
import Testing

@Suite("Errors and texts of peers", .computing)
struct MailErrorTests {
    @Test("Only what certainly was not taken, and may pass, is worth another try")
    func retryable() {
        #expect(MailError(.connectionFailed, "x").isRetryable)
        #expect(!MailError(.connectionLost, "x", certainty: .unknown).isRetryable)
        #expect(!MailError(.authenticationFailed, "x").isRetryable)
        #expect(MailError(.refused, "x", reply: ServerReply(code: 451, text: "later")).isRetryable)
        #expect(!MailError(.refused, "x", reply: ServerReply(code: 550, text: "no")).isRetryable)
        #expect(
            !MailError(.refused, "x", certainty: .rejected, reply: ServerReply(code: 451, text: "later")).isRetryable
        )
    }

    @Test("The description is the sentence; the detailed one holds everything, causes included")
    func descriptions() throws {
        let inner = MailError(.timedOut, "no reply after 30 s")
        let error = MailError(
            .outcomeUnknown,
            "it may have been taken",
            certainty: .unknown,
            account: "smtp",
            reply: ServerReply(code: 250, text: "ok"),
            recipients: [RecipientResult(try EmailAddress("a@example.org"), .unknown)],
            cause: inner
        )
        #expect(error.description == "smtp: it may have been taken")
        let detailed = error.detailedDescription()
        for part in ["outcome-unknown", "unknown", "250 ok", "a@example.org", "no reply after 30 s", "MailErrorTests"] {
            #expect(detailed.contains(part))
        }
    }

    @Test(
        "Text of a peer is escaped and cut",
        arguments: [
            ("\u{1B}[31mred", "\\x1B[31mred"), ("a\r\nb", "a\\x0D\\x0Ab"), ("x\u{7F}\u{85}\u{9B}", "x\\x7F\\x85\\x9B"),
            ("a\u{202E}b", "a\\u{202E}b"), ("Grüße 📯", "Grüße 📯"), ("\0", "\\x00"),
        ]
    )
    func peerText(_ text: String, _ shown: String) {
        #expect(PeerText.shown(text) == shown)
        #expect(PeerText.shown(text.utf8) == shown)
    }

    @Test("Long text is cut with a mark")
    func cut() {
        #expect(PeerText.shown(String(repeating: "a", count: 600)).count == 501)
        #expect(PeerText.shown([UInt8](repeating: 0x41, count: 1 << 20), limit: 10) == "AAAAAAAAAA…")
    }

    @Test("A secret never prints")
    func secrets() {
        let secret = Secret("PosthornSecretCanary")
        struct Holder { let password: Secret }
        var dumped = ""
        dump(Holder(password: secret), to: &dumped)
        let texts = [
            "\(secret)", String(reflecting: secret), dumped, String(describing: [secret]),
            String(describing: Optional(secret)),
        ]
        for text in texts { #expect(!text.contains("Canary")) }
        #expect(secret.withBytes { Array($0) } == Array("PosthornSecretCanary".utf8))
        #expect(Secret("").isEmpty)
    }

    @Test("Of a cause that is no error of Posthorn the detailed description shows the type alone")
    func foreignCause() {
        struct Foreign: Error, CustomStringConvertible { let description = "PosthornSecretCanary" }
        let error = MailError(.refused, "x", cause: MailError(.refused, "y", cause: Foreign()))
        let detailed = error.detailedDescription()
        #expect(detailed.contains("caused by: y"))
        #expect(detailed.contains("caused by: Foreign"))
        #expect(!detailed.contains("Canary"))
    }
}
