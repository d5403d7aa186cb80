import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

/// A sign-in without a connection.
private func signIn(
    _ words: [String] = ["IMAP4rev1", "SASL-IR", "AUTH=PLAIN", "AUTH=LOGIN"],
    password: String? = "canary-password",
    token: String? = nil,
    allowed: [String] = [],
    isEncrypted: Bool = true
) -> IMAPSignIn {
    let credentials = SASLCredentials(
        username: "info",
        password: password.map { Secret($0) },
        token: token.map { Secret($0) }
    )
    return IMAPSignIn(
        capabilities: IMAPCapabilities(words),
        credentials: credentials,
        server: "mail.example.org:993"
    ) { offered in
        SASLNegotiator(
            offered: offered,
            allowed: allowed,
            credentials: credentials,
            endpoint: Endpoint(host: "mail.example.org", port: 993),
            isEncrypted: isEncrypted,
            security: .tls,
            bindings: nil
        )
    }
}

extension IMAPSignIn.Step {
    fileprivate var command: String? {
        if case .command(let command) = self { try? command.written(.plus) } else { nil }
    }
    fileprivate var line: String? {
        if case .line(let text) = self { String(decoding: text.octets, as: UTF8.self) } else { nil }
    }
    fileprivate var transcript: String? { if case .line(let text) = self { text.transcript } else { nil } }
    fileprivate var error: MailError? { if case .failed(let error) = self { error } else { nil } }
    fileprivate var isSignedIn: Bool { if case .signedIn = self { true } else { false } }
}

private func status(_ kind: IMAPStatus.Kind, _ text: String = "", code: IMAPResponseCode? = nil) -> IMAPStatus {
    IMAPStatus(kind: kind, code: code, text: text)
}

@Suite struct IMAPSignInTests {
    @Test func `PLAIN takes one turn with SASL-IR and two without`() {
        var exchange = signIn()
        #expect(exchange.start().command == "AUTHENTICATE PLAIN AGluZm8AY2FuYXJ5LXBhc3N3b3Jk")
        #expect(exchange.answered(status(.ok)).isSignedIn && exchange.mechanism == "PLAIN")
        var other = signIn(["IMAP4rev1", "AUTH=PLAIN"])
        #expect(other.start().command == "AUTHENTICATE PLAIN")
        let line = other.challenged([])
        #expect(line.line == "AGluZm8AY2FuYXJ5LXBhc3N3b3Jk\r\n" && line.transcript?.contains("AGlu") == false)
        #expect(other.answered(status(.ok)).isSignedIn)
    }

    @Test func `A response that is too long for a command comes after the challenge`() {
        var exchange = signIn(password: String(repeating: "x", count: 7_000))
        #expect(exchange.start().command == "AUTHENTICATE PLAIN")
        #expect(exchange.challenged([]).line?.count ?? 0 > 9_000)
        #expect(exchange.answered(status(.ok)).isSignedIn)
    }

    @Test func `LOGIN stands in where no mechanism takes a password, and not where it is disabled`() {
        var exchange = signIn(["IMAP4rev1"])
        #expect(exchange.start().command?.hasPrefix("LOGIN") == true)
        #expect(exchange.mechanism == "LOGIN")
        #expect(exchange.answered(status(.ok)).isSignedIn)
        var disabled = signIn(["IMAP4rev1", "LOGINDISABLED"])
        #expect(disabled.start().error?.code == .authenticationUnavailable)
        var clear = signIn(["IMAP4rev1"], isEncrypted: false)
        #expect(clear.start().command == nil, "a password does not go over the network in the clear")
    }

    @Test func `A mechanism that the server does not know after all is passed over`() {
        var exchange = signIn(["IMAP4rev1", "SASL-IR", "AUTH=PLAIN", "AUTH=SCRAM-SHA-256"])
        #expect(exchange.start().command?.hasPrefix("AUTHENTICATE SCRAM-SHA-256 ") == true)
        #expect(exchange.answered(status(.bad, "what")).command?.hasPrefix("AUTHENTICATE PLAIN ") == true)
        #expect(exchange.answered(status(.bad, "what")).error != nil)
    }

    @Test func `A refusal is final, and repeats no secret`() {
        var exchange = signIn()
        _ = exchange.start()
        let text = "no canary-password, no AGluZm8AY2FuYXJ5LXBhc3N3b3Jk for info"
        let error = exchange.answered(status(.no, text, code: .word("AUTHENTICATIONFAILED"))).error
        #expect(error?.code == .authenticationFailed && error?.message.contains("[AUTHENTICATIONFAILED]") == true)
        let shown = "\(String(describing: error)) \(error?.detailedDescription() ?? "")"
        #expect(!shown.contains("canary") && !shown.contains("AGlu") && shown.contains("for info"))
    }

    @Test func `A challenge that cannot be answered ends the exchange politely, once`() {
        var exchange = signIn(["IMAP4rev1", "AUTH=SCRAM-SHA-256"])
        _ = exchange.start()
        _ = exchange.challenged([])
        #expect(exchange.challenged(Array("!!! no base64".utf8)).line == "*\r\n")
        var stubborn = exchange
        #expect(stubborn.challenged([]).error?.code == .protocolViolation)
        #expect(exchange.answered(status(.bad, "cancelled")).error != nil)
    }

    @Test func `OK before the server has proved itself is no sign-in`() {
        var exchange = signIn(["IMAP4rev1", "SASL-IR", "AUTH=SCRAM-SHA-256"], allowed: ["SCRAM-SHA-256"])
        _ = exchange.start()
        let step = exchange.answered(status(.ok))
        #expect(step.error != nil && !step.isSignedIn)
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
    func `The error challenge of a token is answered, and told`(_ mechanism: String) {
        var exchange = signIn(["IMAP4rev1", "SASL-IR", "AUTH=\(mechanism)"], password: nil, token: "canary-token")
        #expect(exchange.start().command?.hasPrefix("AUTHENTICATE \(mechanism) ") == true)
        let details = Base64.encode(Array(#"{"status":"400","schemes":"bearer"}"#.utf8))
        #expect(exchange.challenged(details).line != nil)
        let error = exchange.answered(status(.no, "no")).error
        #expect(error?.code == .authenticationFailed && error?.message.contains("canary") == false)
    }
}
