import Logging
import Posthorn
import PosthornNet
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornSMTP

/// One known password goes every way that there is; it must come out at none.
@Suite(.undisturbed) struct SecretCanaryTests {
    static let canary = "PosthornSecretCanary"

    /// Everything that a program, a log or a person could see.
    private final class Ear: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func hear(_ text: String) { texts.withLock { $0.append(text) } }

        func hear(everythingOf value: Any) {
            var dumped = ""
            dump(value, to: &dumped)
            hear("\(value)")
            hear(String(reflecting: value))
            hear(dumped)
        }

        func hear(_ sent: Sent) {
            hear(everythingOf: sent)
            if let error = sent.error {
                hear(everythingOf: error)
                hear(error.detailedDescription())
                if let cause = error.cause { hear(everythingOf: cause) }
            }
            if let receipt = sent.receipt { hear(everythingOf: receipt) }
        }

        /// The forms in which the secret could be there.
        static let forms: [String] = {
            func base64(_ text: String) -> String { String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self) }
            return [
                SecretCanaryTests.canary, base64(SecretCanaryTests.canary),
                base64("\0info\0" + SecretCanaryTests.canary),
                base64("user=info\u{1}auth=Bearer \(SecretCanaryTests.canary)\u{1}\u{1}"),
                // What the secret looks like inside of any other base64.
                "UG9zdGhvcm5TZWNy", "Bvc3Rob3JuU2VjcmV0", "Qb3N0aG9yblNlY3Jl",
            ]
        }()

        func expectSilence(_ comment: Comment) {
            let all = all
            #expect(all.contains { $0.contains("AUTH") }, comment)
            for text in all {
                for form in Self.forms where text.contains(form) {
                    Issue.record("\(comment): '\(form)' is in: \(text)")
                }
            }
        }
    }

    private struct Handler: LogHandler {
        let ear: Ear
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            ear.hear("\(event.message) \(event.metadata ?? [:])")
        }
    }

    private func transport(
        _ ear: Ear,
        port: Int,
        _ settings: String,
        security: String = "none"
    ) throws -> SMTPTransport {
        let plugin = SMTPPlugin(transcript: { ear.hear($0) })
        ear.hear(everythingOf: plugin)
        let logger = Logger(label: "test", factory: { _ in Handler(ear: ear) })
        let transport = try makeTransport(
            port: port,
            settings + ", timeouts: { connect: 60 s, reply: 60 s }",
            security: security,
            plugin: plugin,
            logger: logger
        )
        ear.hear(everythingOf: transport)
        ear.hear(everythingOf: transport.settings)
        ear.hear(everythingOf: transport.dialer)
        return transport
    }

    private static func settings(_ mechanism: String) -> String {
        let usesToken = mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER"
        return "username: info, \(usesToken ? "token" : "password"): \(canary), mechanisms: [\(mechanism)]"
    }

    // MARK: Servers that know the mechanism

    @Test(
        arguments: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN"],
        [true, false]
    )
    func `a sign-in, good or refused, shows nothing`(_ mechanism: String, _ isGood: Bool) async throws {
        for security in ["tls", "starttls"] {
            var configuration = SMTPServerConfiguration()
            configuration.security = security == "tls" ? .implicitTLS : .startTLS
            configuration.users = ["info": isGood ? Self.canary : "another"]
            configuration.requiresAuthentication = true
            try await SMTPTestServer.withServer(configuration) { server in
                let ear = Ear()
                let transport = try transport(
                    ear,
                    port: server.port,
                    Self.settings(mechanism) + ", tls: { trust: '\(try #require(server.authorityFile))' }",
                    security: security
                )
                let sent = await Sent { try await transport.send(.small()) }
                ear.hear(sent)
                if isGood {
                    #expect(sent.receipt?.isComplete == true, "\(sent)")
                    #expect(server.messages.first?.mechanism == mechanism && server.messages.first?.user == "info")
                } else {
                    #expect(sent.error?.code == .authenticationFailed, "\(sent)")
                }
                for step in await transport.diagnose(DiagnosisRequest(sender: address("a@example.org"))) {
                    ear.hear(everythingOf: step)
                }
                ear.expectSilence("\(mechanism) \(security)")
            }
        }
    }

    // MARK: Servers that repeat what they hear

    private static func base64(_ text: String) -> String {
        String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
    }

    private static let echo =
        "\(canary) \(base64(canary)) \(base64("\0info\0" + canary)) \(base64("xx\0info\0" + canary)) x\(base64("y" + canary))"

    private static let ends: [[TranscriptStep]] = {
        let refusals = ["535 5.7.8", "454 4.7.0", "421 4.3.2", "250", "235", "334", "999"].map { code in
            [TranscriptStep.send("\(code) \(echo)\r\n"), .receive(through: "\r\n"), .send("501 \(echo)\r\n")]
        }
        let later = [
            TranscriptStep.send("235 \(echo)\r\n"), .expect("MAIL"), .send("250 \(echo)\r\n"), .expect("RCPT"),
            .send("250 \(echo)\r\n"), .expect("DATA"),
        ]
        return refusals + [
            [.send("AUTH \(echo)\r\n"), .drain],
            [.send("535-\(echo)\r\n535-a\r\n535 \(echo)\r\n"), .drain],
            [.send("535-\(echo)\r\n550 \(echo)\r\n"), .drain],
            [.send("235 ok\r\n"), .expect("MAIL"), .send("550 \(echo)\r\n"), .drain],
            [.send("235 ok\r\n\(echo)\r\n"), .drain],
            [.send("235 ok\r\n"), .expect("MAIL"), .send("\(echo)\r\n"), .drain],
            later + [.send("554 \(echo)\r\n"), .drain],
            later + [.send("354 \(echo)\r\n"), .receive(through: "\r\n.\r\n"), .send("250 queued as \(canary)\r\n")],
            later + [.send("354 \(echo)\r\n"), .receive(through: "\r\n.\r\n"), .send("550 \(echo)\r\n")],
            later + [.send("354 go\r\n"), .receive(through: "\r\n.\r\n"), .send("250 ok\r\n\(echo)\r\n")],
        ]
    }()

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-512"])
    func `a server that repeats the secret anywhere shows nothing`(_ mechanism: String) async throws {
        let dialogue: [TranscriptStep] =
            switch mechanism {
            case "LOGIN":
                [
                    .send("334 VXNlcm5hbWU6\r\n"), .receive(through: "\r\n"), .send("334 UGFzc3dvcmQ6\r\n"),
                    .receive(through: "\r\n"),
                ]
            case "CRAM-MD5": [.send("334 PDFAeD4=\r\n"), .receive(through: "\r\n")]
            default: []
            }
        let scripts = Self.ends.map { end in
            [
                TranscriptStep.send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250 AUTH \(mechanism)\r\n"),
                .expect("AUTH \(mechanism)"),
            ] + dialogue + end
        }
        let server = try TranscriptServer(scripts: scripts)
        let ear = Ear()
        let transport = try transport(ear, port: server.port, Self.settings(mechanism))
        for _ in scripts { ear.hear(await Sent { try await transport.send(.small()) }) }
        ear.expectSilence("\(mechanism)")
        #expect(server.connections.count == scripts.count)
    }

    @Test func `a settings file that is wrong around the secret shows nothing`() {
        let ear = Ear()
        ear.hear("AUTH")
        for settings in [
            "password: \(Self.canary)", "password: { env: \(Self.canary), file: x }", "password: [\(Self.canary)]",
            "username: info, password: \(Self.canary), port: 25",
            "proxy: { host: p, port: x, password: \(Self.canary) }", "tls: { passphrase: [\(Self.canary)] }",
        ] {
            do {
                _ = try makeTransport(port: 4_711, settings)
            } catch {
                ear.hear(everythingOf: error)
            }
        }
        // Names of variables and files are no secrets: only values are.
        let texts = ear.all.filter { !$0.contains("variable") && !$0.contains("environment") }
        for text in texts where text.contains(Self.canary) { Issue.record("it is in: \(text)") }
    }
}
