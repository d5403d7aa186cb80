import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("LMTP straight into Dovecot", .undisturbed)
struct LMTPTests {
    @Test("A known recipient gets the message, an unknown one is refused by name", arguments: ["none", "starttls"])
    func delivery(security: String) async throws {
        let servers = try await MailServers.shared()
        let (user, other) = (try servers.addUser(), try servers.addUser())
        var way = Way(name: "store", port: servers.lmtpPort, security: security, lines: ["protocol: lmtp"])
        if security != "none" { way.lines.append("tls: { trust: \(quoted(try #require(servers.authority).path)) }") }
        let mail = try await Workstation(way, sender: "someone@elsewhere.test").client()
        let unknown = "nobody-\(user.name)@posthorn.test"
        let message = try Message(to: [user.address, unknown, other.address], subject: "LMTP", text: "direkt\n")
        let receipt = try await mail.send(message)
        #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForGood, .accepted])
        #expect(receipt.recipients[1].reply?.code == 550)
        #expect(receipt.recipients[1].reply?.enhancedStatus == EnhancedStatus(5, 1, 1))
        // The reply of each is about itself.
        #expect(receipt.recipients[0].reply?.code == 250)
        #expect(receipt.recipients[0].reply?.text.contains(user.address) == true, "\(receipt.recipients)")
        #expect(receipt.recipients[2].reply?.text.contains(other.address) == true, "\(receipt.recipients)")
        for user in [user, other] {
            let messages = try await servers.mailbox(of: user).messages(1)
            #expect(messages.count == 1)
            let read = try await PythonParser.parse(messages[0])
            #expect(read.subject == "LMTP")
            #expect(read.parts.map(\.text) == ["direkt\r\n"])
        }
    }

    @Test("A full mailbox is told after the message, and the other recipients have it")
    func fullMailbox() async throws {
        var options = ServerOptions()
        options.dovecot = """
            plugin {
              quota = maildir:User quota
              quota_rule = *:storage=20K
              quota_grace = 0
            }
            protocol lmtp {
              mail_plugins = quota
            }
            """
        let servers = try await MailServers.start(options)
        do {
            let users = try (0..<3).map { _ in try servers.addUser() }
            let way = Way(name: "store", port: servers.lmtpPort, security: "none", lines: ["protocol: lmtp"])
            let mail = try await Workstation(way, sender: "someone@elsewhere.test").client()
            let text = String(repeating: "twelve octets\n", count: 1_000)
            _ = try await mail.send(Message(to: [users[1].address], subject: "fills", text: text))
            let receipt = try await mail.send(Message(to: users.map(\.address), subject: "for all", text: text))
            #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForGood, .accepted])
            #expect(receipt.recipients[1].reply?.enhancedStatus == EnhancedStatus(5, 2, 2), "\(receipt.recipients)")
            #expect(receipt.recipients[1].reply?.text.contains(users[1].address) == true)
            #expect(try users.map { try servers.mailbox(of: $0).messages().count } == [1, 1, 1])
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    @Test("LMTP on a server that speaks SMTP is an error that says what came")
    func wrongProtocol() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        var way = Way.relay(servers)
        way.lines = ["protocol: lmtp"]
        let mail = try await Workstation(way, sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x")) }
        #expect(error.code == .refused)
        #expect(error.message.contains("LHLO"), "\(error)")
        #expect(error.certainty == .notTaken)
    }
}
