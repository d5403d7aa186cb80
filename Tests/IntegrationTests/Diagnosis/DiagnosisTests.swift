import Foundation
import Posthorn
import PosthornSMTP
import Synchronization
import TestSupport
import Testing

@Suite("The diagnosis of a transport", .undisturbed)
struct DiagnosisTests {
    @Test(
        "Of a good server every step is well, each is told as it ends, and nothing is sent",
        arguments: [
            "tls", "starttls",
        ]
    )
    func good(security: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let program = try await Workstation(.submission(servers, user, security: security)).client()
        let heard = Mutex<[DiagnosisStep]>([])
        let steps = try await diagnose(program, sender: user.address) { step in heard.withLock { $0.append(step) } }
        #expect(steps.allSatisfy { $0.verdict == .ok }, "\(steps)")
        // The order is that in which they happen: STARTTLS comes after the first capabilities.
        #expect(
            Set(steps.map(\.name)).isSuperset(of: ["connect", "tls", "greeting", "capabilities", "sign-in", "dry-run"])
        )
        #expect(heard.withLock { $0 } == steps)
        #expect(find("tls", steps)?.finding.contains("TLS 1.3") == true, "\(steps)")
        #expect(find("greeting", steps)?.finding.contains("220 mail.posthorn.test") == true, "\(steps)")
        #expect(find("capabilities", steps)?.finding.contains("PIPELINING") == true, "\(steps)")
        #expect(find("sign-in", steps)?.finding.contains("SCRAM-SHA-256") == true, "\(steps)")
        #expect(find("dry-run", steps)?.finding.contains(user.address) == true, "\(steps)")
        #expect(try servers.mailbox(of: user).messages().isEmpty)
    }

    @Test("A wrong password fails at the sign-in, and what was well before is told")
    func wrongPassword() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user)
        way.secrets["password.secret"] = "not the password"
        let steps = try await diagnose(Workstation(way).client(), sender: user.address)
        #expect(steps.dropLast().allSatisfy { $0.verdict == .ok }, "\(steps)")
        try expect(steps, failed: "sign-in", "535 5.7.8", "password")
        #expect(!"\(steps)".contains("not the password"))
    }

    @Test("TLS on a port for STARTTLS fails, and the text names the right setting")
    func tlsOnSTARTTLSPort() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user)
        way.port = servers.submissionPort
        let steps = try await diagnose(Workstation(way).client(), sender: user.address)
        #expect(find("connect", steps)?.verdict == .ok)
        try expect(steps, failed: "tls", "security: starttls", "plain SMTP")
    }

    @Test("STARTTLS on a port for TLS fails within the limit, and the text names the right setting")
    func startTLSOnTLSPort() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user, security: "starttls", lines: ["timeouts: { reply: 1 s }"])
        way.port = servers.submissionsPort
        let steps = try await diagnose(Workstation(way).client(), sender: user.address)
        #expect(find("connect", steps)?.verdict == .ok)
        try expect(steps, failed: "greeting", "security: tls")
    }

    @Test("A closed port fails at the connection")
    func closedPort() async throws {
        let way = try Way.dead()
        let steps = try await diagnose(Workstation(way).client(), "dead", sender: "a@posthorn.test")
        try expect(steps, failed: "connect", "127.0.0.1:\(way.port)")
    }

    @Test("A host that does not exist fails at its name")
    func unknownHost() async throws {
        let way = Way(host: "no-such-host.invalid", port: 465)
        let steps = try await diagnose(Workstation(way).client(), sender: "a@posthorn.test")
        let last = try #require(steps.last)
        #expect(last.verdict == .failed)
        #expect(["name", "connect"].contains(last.name))
        #expect(last.finding.contains("no-such-host.invalid"), "\(last)")
    }

    @Test("A certificate that has expired fails at TLS, with the sentence of an attempt to send")
    func expiredCertificate() async throws {
        let peers = try await Peers.start(["expired": RefusedCase.expired.behaviour(.tls)])
        let client = TLSClient(port: try peers.port("expired"), security: .tls)
        let program = try await client.makeProgram()
        let steps = try await diagnose(program, sender: "a@posthorn.test")
        #expect(find("connect", steps)?.verdict == .ok)
        try expect(steps, failed: "tls", "expired on 3 May 2025", "renew")
        let error = try await mailError { try await client.send(by: program) }
        #expect(steps.last?.finding == error.message)
    }

    @Test("Without a sender the dry run is left out with a warning; one that is refused fails")
    func senders() async throws {
        var options = ServerOptions()
        options.postfix = [
            "smtpd_delay_reject": "no",
            "smtpd_sender_restrictions":
                "check_sender_access inline:{ {blocked@posthorn.test = 550 5.7.1 not from you} }",
        ]
        let servers = try await MailServers.start(options)
        let (missing, refused): ([DiagnosisStep], [DiagnosisStep])
        do {
            let program = try await Workstation(.relay(servers)).client()
            missing = try await diagnose(program, "relay", sender: nil)
            refused = try await diagnose(program, "relay", sender: "blocked@posthorn.test")
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
        #expect(missing.last?.name == "dry-run")
        #expect(missing.last?.verdict == .warning)
        #expect(missing.last?.advice == "set `sender`")
        try expect(refused, failed: "dry-run", "blocked@posthorn.test", "5.7.1")
        #expect(refused.last?.advice?.contains("sender") == true)
    }

    @Test("A submission server without credentials gets a warning")
    func noCredentials() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user)
        way.lines.removeAll { $0.hasPrefix("username") || $0.hasPrefix("password") }
        let steps = try await diagnose(Workstation(way).client(), sender: nil)
        #expect(find("sign-in", steps)?.verdict == .warning)
        #expect(find("sign-in", steps)?.advice?.contains("username") == true)
    }

    private func diagnose(
        _ program: HostProgram,
        _ name: String = "smtp",
        sender: String?,
        onStep: (@Sendable (DiagnosisStep) -> Void)? = nil
    ) async throws -> [DiagnosisStep] {
        let transport = try program.client.transport(name)
        let diagnosis = try #require(transport.interface(.diagnosis))
        let request = DiagnosisRequest(sender: try sender.map { try EmailAddress($0) }, onStep: onStep)
        return await diagnosis.diagnose(request)
    }

    private func find(_ name: String, _ steps: [DiagnosisStep]) -> DiagnosisStep? {
        steps.first { $0.name == name }
    }

    /// The last step is the one that failed, and its texts hold these words.
    private func expect(_ steps: [DiagnosisStep], failed name: String, _ words: String...) throws {
        let last = try #require(steps.last)
        #expect(last.name == name, "\(steps)")
        #expect(last.verdict == .failed)
        #expect(steps.count { $0.verdict == .failed } == 1)
        let text = last.finding + (last.advice.map { "; \($0)" } ?? "")
        for word in words { #expect(text.contains(word), "\(text)") }
    }
}
