import Posthorn
import PosthornNet
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPAuthenticationTests {
    static let canary = "PosthornSecretCanary"

    private func make(
        _ offered: [String],
        allowed: [String] = [],
        credentials: SASLCredentials? = nil,
        isEncrypted: Bool = true
    ) -> SMTPAuthentication {
        let credentials = credentials ?? SASLCredentials(username: "info", password: Secret(Self.canary))
        return SMTPAuthentication(
            negotiator: SASLNegotiator(
                offered: offered,
                allowed: allowed,
                credentials: credentials,
                endpoint: Endpoint(host: "mail.example.org", port: 465),
                isEncrypted: isEncrypted,
                security: .tls,
                bindings: nil
            ),
            credentials: credentials,
            server: "mail.example.org:465"
        )
    }

    private func line(_ step: SMTPAuthentication.Step) -> String? {
        guard case .send(let text) = step else { return nil }
        return String(decoding: text.octets, as: UTF8.self)
    }

    private func error(_ step: SMTPAuthentication.Step) -> MailError? {
        guard case .failed(let error) = step else { return nil }
        return error
    }

    private func isSignedIn(_ step: SMTPAuthentication.Step) -> Bool {
        if case .signedIn = step { true } else { false }
    }

    private func base64(_ text: String) -> String { String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self) }

    private func expectNoCanary(_ error: MailError?, _ extra: [String] = []) {
        guard let error else {
            Issue.record("there is no error")
            return
        }
        var dumped = ""
        dump(error, to: &dumped)
        let text = [error.description, error.debugDescription, error.detailedDescription(), dumped].joined()
        for secret in [Self.canary, base64(Self.canary), base64("\0info\0" + Self.canary)] + extra {
            #expect(!text.contains(secret))
        }
    }

    // MARK: The dialogue

    @Test func `PLAIN in one line`() {
        var authentication = make(["PLAIN", "LOGIN"])
        #expect(line(authentication.start()) == "AUTH PLAIN \(base64("\0info\0" + Self.canary))\r\n")
        #expect(isSignedIn(authentication.received(reply(235))))
        #expect(authentication.mechanism == "PLAIN")
    }

    @Test func `LOGIN in two challenges`() {
        var authentication = make(["LOGIN"])
        #expect(line(authentication.start()) == "AUTH LOGIN\r\n")
        #expect(line(authentication.received(reply(334, "VXNlcm5hbWU6"))) == base64("info") + "\r\n")
        #expect(line(authentication.received(reply(334, "UGFzc3dvcmQ6"))) == base64(Self.canary) + "\r\n")
        #expect(isSignedIn(authentication.received(reply(235))))
    }

    @Test func `the initial response travels only in a line of at most 512 octets`() throws {
        for length in 1...800 {
            let token = String(repeating: "t", count: length)
            var authentication = make(
                ["XOAUTH2"],
                credentials: SASLCredentials(username: "info@example.org", token: Secret(token))
            )
            let response = base64("user=info@example.org\u{1}auth=Bearer \(token)\u{1}\u{1}")
            let full = "AUTH XOAUTH2 \(response)\r\n"
            let first = line(authentication.start())
            if full.utf8.count <= 512 {
                #expect(first == full)
            } else {
                #expect(first == "AUTH XOAUTH2\r\n")
                #expect(line(authentication.received(reply(334, ""))) == response + "\r\n")
            }
            #expect(isSignedIn(authentication.received(reply(235))))
        }
    }

    @Test func `504 leads to the next mechanism, once each`() {
        var authentication = make(["SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5"])
        #expect(line(authentication.start())?.hasPrefix("AUTH SCRAM-SHA-256 ") == true)
        #expect(line(authentication.received(reply(504)))?.hasPrefix("AUTH PLAIN ") == true)
        #expect(line(authentication.received(reply(504))) == "AUTH LOGIN\r\n")
        #expect(line(authentication.received(reply(504))) == "AUTH CRAM-MD5\r\n")
        let end = error(authentication.received(reply(504)))
        #expect(end?.code == .authenticationUnavailable)
        #expect(end?.message.contains("SCRAM-SHA-256") == true)
    }

    @Test(arguments: [535, 534, 538, 500, 501, 502, 530, 550, 432, 454, 421])
    func `no refusal but 504 leads to a weaker mechanism`(_ code: Int) {
        var authentication = make(["SCRAM-SHA-256", "PLAIN"])
        _ = authentication.start()
        let failure = error(authentication.received(reply(code, "no")))
        #expect(failure?.code == (code < 500 ? .unavailable : .authenticationFailed))
        #expect(failure?.isRetryable == (code < 500))
        #expect(failure?.reply?.code == code && failure?.certainty == .notTaken)
        #expect(failure?.message.contains("'info'") == true)
    }

    @Test func `504 after a challenge is a refusal`() {
        var authentication = make(["LOGIN", "PLAIN"], allowed: ["LOGIN", "PLAIN"])
        _ = authentication.start()
        _ = authentication.received(reply(334, "VXNlcm5hbWU6"))
        #expect(error(authentication.received(reply(504)))?.code == .authenticationFailed)
    }

    @Test(arguments: ["not base64!", "YQ", "=", "VXNlcm5hbWU6 x", "\u{1B}[2J"])
    func `a challenge that is none is answered by a star, and the server's last word ends it`(_ challenge: String) {
        for last in [501, 235, 334, 535, 250] {
            var authentication = make(["LOGIN"])
            _ = authentication.start()
            #expect(line(authentication.received(reply(334, challenge))) == "*\r\n")
            let failure = error(authentication.received(reply(last)))
            #expect(failure?.code == .protocolViolation)
            expectNoCanary(failure)
        }
    }

    @Test func `endless challenges end`() {
        var authentication = make(["LOGIN"])
        _ = authentication.start()
        var answers = 0
        while let text = line(authentication.received(reply(334, "VXNlcm5hbWU6"))), answers < 100 {
            answers += 1
            if text == "*\r\n" { break }
        }
        #expect(answers <= 12)
        #expect(error(authentication.received(reply(501))) != nil)
    }

    @Test func `a challenge of a megabyte is not answered`() {
        var authentication = make(["LOGIN"])
        _ = authentication.start()
        let text = String(repeating: "QUFB", count: 250_000)
        #expect(line(authentication.received(reply(334, text))) == "*\r\n")
    }

    @Test(arguments: [220, 250, 354, 200])
    func `other positive replies are violations`(_ code: Int) {
        var authentication = make(["PLAIN"])
        _ = authentication.start()
        #expect(error(authentication.received(reply(code)))?.code == .protocolViolation)
    }

    @Test func `a reply before the beginning is a violation`() {
        var authentication = make(["PLAIN"])
        #expect(error(authentication.received(reply(235)))?.code == .protocolViolation)
    }

    @Test func `a SCRAM server that does not prove itself is refused`() {
        var early = make(["SCRAM-SHA-256"])
        _ = early.start()
        let failure = error(early.received(reply(235, "welcome")))
        #expect(failure?.code == .protocolViolation)
        #expect(failure?.message.contains("SCRAM-SHA-256") == true)

        var wrongNonce = make(["SCRAM-SHA-256"])
        _ = wrongNonce.start()
        let challenge = base64("r=anothernonce,s=c2FsdHNhbHQ=,i=4096")
        #expect(line(wrongNonce.received(reply(334, challenge))) == "*\r\n")
    }

    @Test func `without TLS the password stays here`() {
        var authentication = make(["PLAIN", "LOGIN"], isEncrypted: false)
        let failure = error(authentication.start())
        #expect(failure?.code == .authenticationUnavailable)
        expectNoCanary(failure)
    }

    // MARK: Advice

    @Test(arguments: [
        ("5.7.9 Application-specific password required", "app password"),
        ("5.7.139 Authentication unsuccessful, basic authentication is disabled", "OAuth 2"),
        ("5.7.14 <https://example.org> Please log in via your web browser", "web browser"),
        ("5.7.8 Error: authentication failed", "check `username` and `password`"),
    ])
    func `the error says what to do`(_ text: String, _ advice: String) {
        var authentication = make(["PLAIN"])
        _ = authentication.start()
        #expect(error(authentication.received(reply(535, text)))?.message.contains(advice) == true)
    }

    // MARK: Servers that repeat what they heard

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5"])
    func `a server that repeats the secret finds no way into the error`(_ mechanism: String) {
        let plain = base64("\0info\0" + Self.canary)
        for code in [535, 454, 504, 250, 501] {
            for echo in [
                Self.canary, base64(Self.canary), plain, "a\n\(Self.canary)\nb", String(plain.prefix(30)),
                String(repeating: "x", count: 990) + Self.canary, String(repeating: "y", count: 985) + plain,
            ] {
                var authentication = make([mechanism])
                _ = authentication.start()
                if mechanism != "PLAIN" { _ = authentication.received(reply(334, "VXNlcm5hbWU6")) }
                if mechanism == "LOGIN" { _ = authentication.received(reply(334, "UGFzc3dvcmQ6")) }
                let failure = error(authentication.received(reply(code, "5.7.8 you sent \(echo) which is wrong")))
                expectNoCanary(failure, [String(plain.prefix(30)), "PosthornSecret", "UG9zdGhvcm5TZWNy"])
            }
        }
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
    func `a server that repeats the token finds no way into the error`(_ mechanism: String) {
        let credentials = SASLCredentials(username: "info", token: Secret(Self.canary))
        for reason in ["{\"status\":\"401\",\"token\":\"\(Self.canary)\"}", "{\"t\":\"\(base64(Self.canary))\"}"] {
            var authentication = make([mechanism], credentials: credentials)
            let first = line(authentication.start()) ?? ""
            let sent = String(first.split(separator: " ").last ?? "").trimmingPrefix("x").dropLast(2)
            _ = authentication.received(reply(334, base64(reason)))
            let failure = error(authentication.received(reply(535, "5.7.8 \(Self.canary) \(sent)")))
            #expect(failure?.code == .authenticationFailed)
            expectNoCanary(failure, [String(sent)])
        }
    }
}
