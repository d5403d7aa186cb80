import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// The store against a real Dovecot.
@Suite struct DovecotTests {
    @Test(arguments: ["tls", "starttls"])
    func `The store keeps the contract`(security: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mailbox = servers.mailbox(of: user)
        let (store, directory) = try makeStore(servers, user, security: security)
        var suite = StoreConformance(store) { _ = try mailbox.deliver($0) }
        suite.secrets = [user.password]
        // A large message takes Dovecot half a minute in a build with checks on two busy cores.
        suite.largeContentSize = 4 << 20
        try await suite.run()
        directory.remove()
    }

    @Test func `The contract holds without pipelining, too`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mailbox = servers.mailbox(of: user)
        let (store, directory) = try makeStore(servers, user, "ignored-capabilities: [PIPELINING]")
        var suite = StoreConformance(store) { _ = try mailbox.deliver($0) }
        suite.largeContentSize = 1 << 20
        try await suite.run()
        directory.remove()
    }

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"])
    func `Every mechanism signs in`(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser(password: "sécret 'with\" spaces\\")
        let (store, directory) = try makeStore(servers, user, "mechanisms: [\(mechanism)]")
        do {
            #expect(try await store.withSession { try await $0.messages().isEmpty })
        } catch let error as MailError where mechanism == "SCRAM-SHA-256-PLUS" {
            // Dovecot 2.3 has no channel bindings: the list must be kept to all the same.
            #expect(error.code == .authenticationUnavailable)
        }
        directory.remove()
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"], [0, 3_000])
    func `A token signs in, long or short`(mechanism: String, padding: Int) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let token = try await servers.oauthToken(for: user, padding: padding)
        let plugin = POP3Plugin(tokenProvider: { Secret(token) })
        let authority = try #require(servers.authority)
        let settings = "username: \(user.name), mechanisms: [\(mechanism)], tls: { trust: \(authority.path) }"
        let store = try makeStore(port: servers.pop3sPort, settings, security: "tls", plugin: plugin)
        #expect(try await store.withSession { try await $0.messages().isEmpty })
    }

    @Test func `A wrong password is told as such`() async throws {
        let servers = try await MailServers.shared()
        var user = try servers.addUser()
        user.password = "wrong-canary"
        let (store, directory) = try makeStore(servers, user)
        let error = await #expect(throws: MailError.self) { try await store.withSession { try await $0.messages() } }
        #expect(error?.code == .authenticationFailed)
        #expect(error?.description.contains("wrong-canary") == false)
        #expect(error?.description.contains("check `username` and `password`") == true)
        directory.remove()
    }

    @Test func `A diagnosis goes through all steps`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        try servers.mailbox(of: user).deliver(Array("Subject: x\r\n\r\ny\r\n".utf8))
        for security in ["tls", "starttls"] {
            let (store, directory) = try makeStore(servers, user, security: security)
            let steps = await store.diagnose(DiagnosisRequest())
            #expect(
                steps.map(\.name).sorted()
                    == ["capabilities", "connect", "dry-run", "greeting", "sign-in", "tls"]
            )
            #expect(steps.allSatisfy { $0.verdict == .ok }, "\(steps)")
            #expect(steps.last?.finding.contains("1 message (17 octets)") == true, "\(steps.last?.finding ?? "")")
            directory.remove()
        }
    }

    @Test func `Ten thousand messages come in one session, and are deleted in one`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mailbox = servers.mailbox(of: user)
        let count = 10_000
        for number in 0..<count {
            try mailbox.deliver(Array("Subject: \(number)\r\n\r\n.dotted \(number)\r\n".utf8))
        }
        let (store, directory) = try makeStore(servers, user)
        let bodies = try await store.withSession { session in
            let ids = try await session.messages().map(\.id)
            #expect(ids.count == count)
            var bodies: [String] = []
            try await session.readEach(ids) { _, reader in
                var octets: [UInt8] = []
                while try await reader.read(into: &octets) {}
                bodies.append(String(decoding: octets, as: UTF8.self))
            }
            try await session.delete(ids)
            return bodies
        }
        #expect(bodies == (0..<count).map { "Subject: \($0)\r\n\r\n.dotted \($0)\r\n" })
        #expect(try mailbox.files().isEmpty)
        directory.remove()
    }
}
