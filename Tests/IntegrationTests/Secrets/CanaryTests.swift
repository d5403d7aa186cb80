import Foundation
import Logging
import Posthorn
import PosthornMIME
import PosthornSMTP
import Synchronization
import TestSupport
import Testing

@Suite("A secret on its way through everything", .undisturbed)
struct CanaryTests {
    private static let canary = "PosthornSecretCanary"

    @Test(
        "A password leaves no trace in logs, transcripts, errors, receipts and descriptions",
        arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"],
        ["tls", "starttls"]
    )
    func password(mechanism: String, security: String) async throws {
        let servers = try await MailServers.shared()
        let secret = "\(Self.canary)-\(UInt64.random(in: 0 ... .max))"
        let user = try servers.addUser(password: secret)
        let way = try Way.submission(servers, user, security: security, lines: ["mechanisms: \(mechanism)"])
        try await expectSilence(way, secret: secret, user: user, mechanism: mechanism)
    }

    @Test("A token leaves no trace either", arguments: ["XOAUTH2", "OAUTHBEARER"], [false, true])
    func token(mechanism: String, hasExpired: Bool) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let token = try await servers.oauthToken(for: user, lifetime: .seconds(hasExpired ? -60 : 3600))
        let way = try Way.submission(servers, user, token: token, lines: ["mechanisms: \(mechanism)"])
        try await expectSilence(way, secret: token, user: user, mechanism: mechanism, isRefused: hasExpired)
    }

    @Test(
        "A wrong password leaves no trace, though the server refuses it",
        arguments: ["PLAIN", "LOGIN", "SCRAM-SHA-256"]
    )
    func wrongPassword(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let secret = "\(Self.canary)-wrong-\(UInt64.random(in: 0 ... .max))"
        var way = try Way.submission(servers, user, lines: ["mechanisms: \(mechanism)"])
        way.secrets["password.secret"] = secret
        try await expectSilence(way, secret: secret, user: user, mechanism: mechanism, isRefused: true)
    }

    /// Sends and diagnoses with the loudest logger, and looks for the secret in all that can be seen.
    private func expectSilence(
        _ way: Way,
        secret: String,
        user: MailUser,
        mechanism: String,
        isRefused: Bool = false
    ) async throws {
        let log = LogKeeper()
        let transcript = LogKeeper()
        var logger = Logger(label: "canary", factory: { _ in log })
        logger.logLevel = .trace
        let plugin = SMTPPlugin(transcript: { transcript.keep($0) })
        let program = try await Workstation(way, sender: user.address).client(plugins: [plugin], logger: logger)
        var seen = [String(reflecting: plugin), dumped(plugin)]
        for value in [program.client.settings as Any, try program.client.transport("smtp"), program.client] {
            seen += ["\(value)", String(reflecting: value), dumped(value)]
        }
        let text = "the body of a message is no part of a transcript"
        do {
            let receipt = try await program.send(Message(to: [user.address], subject: "canary", text: text))
            #expect(!isRefused)
            seen += ["\(receipt)", String(reflecting: receipt), dumped(receipt)]
        } catch let error as MailError {
            #expect(isRefused, "\(error.detailedDescription())")
            #expect(error.code == .authenticationFailed)
            seen += ["\(error)", String(reflecting: error), dumped(error), error.detailedDescription()]
        }
        let diagnosis = try #require(try program.client.transport("smtp").interface(.diagnosis))
        let steps = await diagnosis.diagnose(DiagnosisRequest(sender: try EmailAddress(user.address)))
        #expect(steps.contains { $0.verdict == .failed } == isRefused, "\(steps)")
        seen += ["\(steps)", dumped(steps)]

        // Something was written down: the sign-in itself, without what is secret in it.
        #expect(transcript.text.contains("AUTH \(mechanism)"), "\(transcript.text)")
        #expect(!log.text.isEmpty)
        for place in seen + [log.text, transcript.text] {
            for form in forms(of: secret, user: user) { #expect(!place.contains(form), "\(form) in: \(place)") }
            #expect(!place.contains(text))
        }
    }

    /// The secret as it is, and as it travels.
    private func forms(of secret: String, user: MailUser) -> [String] {
        let texts = [
            secret, "\0\(user.name)\0\(secret)", "user=\(user.name)\u{1}auth=Bearer \(secret)\u{1}\u{1}",
        ]
        let encoded = texts.map { Data($0.utf8).base64EncodedString() }
        let hexadecimal = secret.utf8.map { String($0, radix: 16) }.joined()
        return [secret, hexadecimal] + encoded
    }

    private func dumped(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }
}

/// Keeps all that is logged, metadata included.
private final class LogKeeper: LogHandler {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func keep(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    func log(event: LogEvent) {
        keep("\(event.level) \(event.message) \(event.metadata ?? [:]) \(event.source)")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
}
