import Posthorn
import PosthornNet
import Testing

@testable import PosthornPOP3

/// A sign-in without a connection.
private func signIn(
    _ lines: [String]? = ["SASL PLAIN LOGIN", "USER"],
    username: String = "info",
    password: String? = "canary-password",
    token: String? = nil,
    allowed: [String] = [],
    apop: POP3SignIn.APOP? = nil,
    isEncrypted: Bool = true
) -> POP3SignIn {
    let credentials = SASLCredentials(
        username: username,
        password: password.map { Secret($0) },
        token: token.map { Secret($0) }
    )
    return POP3SignIn(
        capabilities: lines.map { POP3Capabilities(lines: $0.map { Array($0.utf8) }) } ?? POP3Capabilities(),
        credentials: credentials,
        apop: apop,
        server: "mail.example.org:995"
    ) { offered in
        SASLNegotiator(
            offered: offered,
            allowed: allowed,
            credentials: credentials,
            endpoint: Endpoint(host: "mail.example.org", port: 995),
            isEncrypted: isEncrypted,
            security: .tls,
            bindings: nil
        )
    }
}

extension POP3SignIn.Step {
    fileprivate var wire: String? {
        if case .send(let text) = self { String(decoding: text.octets, as: UTF8.self) } else { nil }
    }
    fileprivate var transcript: String? { if case .send(let text) = self { text.transcript } else { nil } }
    fileprivate var error: MailError? { if case .failed(let error) = self { error } else { nil } }
    fileprivate var isSignedIn: Bool { if case .signedIn = self { true } else { false } }
}

private func reply(_ status: POP3Reply.Status, _ text: String = "") -> POP3Reply {
    POP3Reply(status: status, text: Array(text.utf8))
}

@Suite struct POP3SignInTests {
    @Test func `PLAIN takes one turn, and the transcript hides it`() {
        var exchange = signIn()
        let first = exchange.start()
        #expect(first.wire == "AUTH PLAIN AGluZm8AY2FuYXJ5LXBhc3N3b3Jk\r\n")
        #expect(first.transcript == "AUTH PLAIN <secret>")
        #expect(exchange.received(reply(.ok)).isSignedIn)
        #expect(exchange.mechanism == "PLAIN")
    }

    @Test func `A response that does not fit into a command comes after the challenge`() {
        let password = String(repeating: "x", count: 300)
        var exchange = signIn(password: password)
        #expect(exchange.start().wire == "AUTH PLAIN\r\n")
        #expect(exchange.received(reply(.challenge)).wire?.count ?? 0 > 400)
        #expect(exchange.received(reply(.ok)).isSignedIn)
    }

    @Test func `XOAUTH2 takes two lines, as Exchange wants it`() {
        var exchange = signIn(["SASL XOAUTH2"], password: nil, token: "short")
        #expect(exchange.start().wire == "AUTH XOAUTH2\r\n")
        let second = exchange.received(reply(.challenge))
        #expect(second.wire == "dXNlcj1pbmZvAWF1dGg9QmVhcmVyIHNob3J0AQE=\r\n")
        #expect(exchange.received(reply(.ok)).isSignedIn)
    }

    @Test(arguments: [[], ["UIDL"], ["USER", "TOP"], ["SASL CRAM-MD5"], nil] as [[String]?])
    func `USER and PASS are used where there is nothing better`(lines: [String]?) {
        var exchange = signIn(lines, allowed: lines?.contains("SASL CRAM-MD5") == true ? ["CRAM-MD5"] : [])
        let first = exchange.start()
        if lines?.contains("SASL CRAM-MD5") == true {
            #expect(first.wire == "AUTH CRAM-MD5\r\n")
            return
        }
        #expect(first.wire == "USER info\r\n")
        let second = exchange.received(reply(.ok))
        #expect(second.wire == "PASS canary-password\r\n")
        #expect(second.transcript == "PASS <secret>")
        #expect(exchange.received(reply(.ok, "welcome")).isSignedIn)
        #expect(exchange.mechanism == "USER")
    }

    @Test func `A password never goes without TLS`() {
        var exchange = signIn(["USER"], isEncrypted: false)
        let error = exchange.start().error
        #expect(error?.code == .authenticationUnavailable)
    }

    @Test func `APOP is done only when asked for, and only with a timestamp`() {
        let stamp = Array("<1896.697170952@dbc.mtview.ca.us>".utf8)
        // The example of RFC 1939 section 7.
        var exchange = signIn(username: "mrose", password: "tanstaaf", apop: POP3SignIn.APOP(timestamp: stamp))
        #expect(exchange.start().wire == "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n")
        #expect(exchange.received(reply(.ok)).isSignedIn)
        var without = signIn(apop: POP3SignIn.APOP(timestamp: nil))
        #expect(without.start().error?.code == .authenticationUnavailable)
    }

    @Test(arguments: ["a\r\nDELE 1", "a\u{0}b", "\n"])
    func `No line break gets into a command`(text: String) {
        var name = signIn(["USER"], username: text)
        #expect(name.start().error?.code == .authenticationUnavailable)
        var password = signIn(["USER"], password: text)
        #expect(password.start().error?.code == .authenticationUnavailable)
        var apop = signIn(username: text, apop: POP3SignIn.APOP(timestamp: Array("<a@b>".utf8)))
        #expect(apop.start().error?.code == .authenticationUnavailable)
    }

    @Test func `A name beyond ASCII needs a server that says so`() {
        var old = signIn(["USER"], username: "müller")
        #expect(old.start().error?.message.contains("RFC 6856") == true)
        var new = signIn(["USER", "UTF8 USER"], username: "müller")
        #expect(new.start().wire == "USER müller\r\n")
    }

    @Test(arguments: [
        ("[AUTH] wrong", MailError.Code.authenticationFailed), ("[IN-USE] busy", .unavailable),
        ("[LOGIN-DELAY] too soon", .unavailable), ("[SYS/TEMP] later", .unavailable), ("[SYS/PERM] broken", .refused),
        ("[WHATEVER] no", .authenticationFailed), ("no", .authenticationFailed), ("", .authenticationFailed),
    ])
    func `A refusal is told by its code`(text: String, code: MailError.Code) {
        for lines in [["USER"], ["SASL PLAIN"]] {
            var exchange = signIn(lines)
            _ = exchange.start()
            let error = exchange.received(reply(.error, text)).error
            #expect(error?.code == code)
            #expect(error?.description.contains("canary") == false)
            #expect(error?.isRetryable == (code == .unavailable))
        }
    }

    @Test func `With AUTH-RESP-CODE a refusal without the code is not about the password`() {
        var exchange = signIn(["SASL PLAIN", "AUTH-RESP-CODE"])
        _ = exchange.start()
        #expect(exchange.received(reply(.error, "mailbox disabled")).error?.code == .refused)
    }

    @Test func `A password that the server repeats is not shown`() {
        var exchange = signIn(["USER"])
        _ = exchange.start()
        _ = exchange.received(reply(.ok))
        let error = exchange.received(reply(.error, "no user with canary-password")).error
        #expect(error?.detailedDescription().contains("canary") == false)
    }

    @Test func `A mechanism that the server does not have after all is passed over`() {
        var exchange = signIn(["SASL SCRAM-SHA-256 PLAIN"])
        #expect(exchange.start().wire?.hasPrefix("AUTH SCRAM-SHA-256 ") == true)
        let next = exchange.received(reply(.error, "Unsupported authentication mechanism."))
        #expect(next.wire?.hasPrefix("AUTH PLAIN ") == true)
    }

    @Test func `Success before the server has proved itself is refused`() {
        var exchange = signIn(["SASL SCRAM-SHA-256"])
        _ = exchange.start()
        #expect(exchange.received(reply(.ok)).error?.code == .protocolViolation)
    }

    @Test func `A challenge that makes no sense is given up politely`() {
        var exchange = signIn(["SASL SCRAM-SHA-256"])
        _ = exchange.start()
        #expect(exchange.received(reply(.challenge, "not base64!")).wire == "*\r\n")
        #expect(exchange.received(reply(.error, "cancelled")).error?.code == .protocolViolation)
    }

    @Test func `A challenge where none belongs is refused`() {
        var exchange = signIn(["USER"])
        _ = exchange.start()
        #expect(exchange.received(reply(.challenge)).error?.code == .protocolViolation)
    }
}
