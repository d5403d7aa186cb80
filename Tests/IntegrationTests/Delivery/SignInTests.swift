import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("Signing in to Postfix with Dovecot's passwords", .undisturbed)
struct SignInTests {
    @Test(
        "Each mechanism that the settings force signs in, over TLS from the start and STARTTLS",
        arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"],
        ["tls", "starttls"]
    )
    func forced(mechanism: String, security: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser(password: "pass, wörd: \"quoted\" ✉")
        let token = mechanism.contains("AUTH") ? try await servers.oauthToken(for: user) : nil
        let lines = ["mechanisms: \(mechanism)"]
        let way = try Way.submission(servers, user, security: security, token: token, lines: lines)
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers)
        #expect(servers.postfixLog().contains("sasl_method=\(mechanism), sasl_username=\(user.name)\n"))
    }

    @Test("Without a setting the strongest mechanism that the server offers is taken", arguments: ["tls", "starttls"])
    func automatic(security: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let way = try Way.submission(servers, user, security: security)
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers)
        #expect(servers.postfixLog().contains("sasl_method=SCRAM-SHA-256, sasl_username=\(user.name)\n"))
    }

    @Test("A token is used by the stronger mechanism for tokens")
    func automaticToken() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let way = try Way.submission(servers, user, token: await servers.oauthToken(for: user))
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers)
        #expect(servers.postfixLog().contains("sasl_method=OAUTHBEARER, sasl_username=\(user.name)\n"))
    }

    @Test("A token that is longer than a command line signs in", arguments: ["XOAUTH2", "OAUTHBEARER"])
    func longToken(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let token = try await servers.oauthToken(for: user, padding: 2_000)
        #expect(token.utf8.count > 2_000)
        let way = try Way.submission(servers, user, token: token, lines: ["mechanisms: \(mechanism)"])
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers)
        #expect(servers.postfixLog().contains("sasl_method=\(mechanism), sasl_username=\(user.name)\n"))
    }

    @Test("The program's own token provider is asked at each sign-in")
    func tokenProvider() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user)
        way.lines.removeAll { $0.hasPrefix("password") }
        let token = try await servers.oauthToken(for: user)
        let plugin = SMTPPlugin(tokenProvider: { Secret(token) })
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers, plugin)
    }

    @Test("The password may come from an environment variable")
    func environment() async throws {
        let servers = try await MailServers.shared()
        // A variable that is there already: setting one is not safe while other tests run.
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        let user = try servers.addUser(password: path)
        var way = try Way.submission(servers, user)
        way.lines = way.lines.map { $0.replacing("{ file: password.secret }", with: "{ env: PATH }") }
        way.secrets = [:]
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers)
    }

    @Test("The password may come from a command")
    func command() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user)
        way.lines = way.lines.map {
            $0.replacing("{ file: password.secret }", with: "{ command: [printf, '%s\\n', \(quoted(user.password))] }")
        }
        way.secrets = [:]
        try await expectDelivery(Workstation(way, sender: user.address), to: user, on: servers)
    }

    @Test(
        "A wrong password is an error that says what to check, and nobody has the message",
        arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
    )
    func wrongPassword(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user, lines: ["mechanisms: \(mechanism)"])
        way.secrets["password.secret"] = "not the password"
        let mail = try await Workstation(way, sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x")) }
        #expect(error.code == .authenticationFailed)
        #expect(error.certainty == .notTaken)
        #expect(error.account == "smtp")
        #expect(error.reply?.code == 535)
        #expect(error.message.contains("'\(user.name)' by \(mechanism): 535 5.7.8"), "\(error)")
        #expect(error.message.hasSuffix("check `username` and `password`"), "\(error)")
        #expect(!error.detailedDescription().contains("not the password"))
        #expect(try servers.mailbox(of: user).messages().isEmpty)
    }

    @Test(
        "A token that has expired is refused with what the server says about it",
        arguments: ["XOAUTH2", "OAUTHBEARER"]
    )
    func expiredToken(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let token = try await servers.oauthToken(for: user, lifetime: .seconds(-60))
        let way = try Way.submission(servers, user, token: token, lines: ["mechanisms: \(mechanism)"])
        let mail = try await Workstation(way, sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x")) }
        #expect(error.code == .authenticationFailed, "\(error.detailedDescription())")
        #expect(!error.detailedDescription().contains(token))
    }

    @Test("Credentials for a server that offers no sign-in are an error, and are not sent")
    func noSignInOffered() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = Way.relay(servers)
        way.lines += ["username: \(user.name)", "password: { file: password.secret }"]
        way.secrets["password.secret"] = user.password
        let mail = try await Workstation(way, sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x")) }
        #expect(error.code == .authenticationUnavailable)
        #expect(error.message.contains("offers no sign-in"))
        #expect(error.message.contains("465 or 587"))
        #expect(try servers.mailbox(of: user).messages().isEmpty)
    }

    @Test("A mechanism that the server does not offer is an error that names those it does")
    func notOffered() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let way = try Way.submission(servers, user, lines: ["mechanisms: [SCRAM-SHA-512]"])
        let mail = try await Workstation(way, sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x")) }
        #expect(error.code == .authenticationUnavailable)
        #expect(error.message.contains("SCRAM-SHA-512") && error.message.contains("SCRAM-SHA-256"), "\(error)")
    }

    @Test("Submission without credentials is refused by the server, and the error shows its words")
    func noCredentials() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = try Way.submission(servers, user)
        way.lines.removeAll { $0.hasPrefix("username") || $0.hasPrefix("password") }
        let mail = try await Workstation(way, sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x")) }
        #expect(error.code == .refused, "\(error.detailedDescription())")
        #expect(error.certainty == .rejected)
        #expect(error.message.contains("554 5.7.1"), "\(error)")
    }

    private func expectDelivery(
        _ station: Workstation,
        to user: MailUser,
        on servers: MailServers,
        _ plugin: SMTPPlugin = .smtp
    ) async throws {
        let mail = try await station.client(plugins: [plugin])
        let receipt = try await mail.send(Message(to: [user.address], subject: "signed in", text: "Hallo\n"))
        #expect(receipt.isComplete)
        let messages = try await servers.mailbox(of: user).messages(1)
        #expect(messages.count == 1)
        #expect(String(decoding: messages[0], as: UTF8.self).contains("\r\nSubject: signed in\r\n"))
    }
}
