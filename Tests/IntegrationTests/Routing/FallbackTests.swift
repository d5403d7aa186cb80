import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import PosthornTesting
import TestSupport
import Testing

@Suite("Ways that the settings choose", .undisturbed)
struct FallbackTests {
    @Test("If one way is closed the next is taken, with the same Message-ID, and the receipt tells")
    func fallback() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let dead = try Way.dead()
        let way = try Way.submission(servers, user)
        let station = try Workstation(
            "sender: \(user.address)\nuse: { outgoing: [dead, smtp] }\noutgoing:\n\(dead.yaml)\(way.yaml)",
            secrets: way.secrets
        )
        var message = try Message(to: [user.address], subject: "second way", text: "x\n")
        message.messageID = "<own-\(user.name)@posthorn.test>"
        let receipt = try await station.client().send(message)
        #expect(receipt.transport == "smtp")
        #expect(receipt.failedAttempts.map(\.transport) == ["dead"])
        #expect(receipt.failedAttempts.first?.error.code == .connectionFailed)
        #expect(receipt.failedAttempts.first?.error.account == "dead")
        #expect(receipt.messageID == "<own-\(user.name)@posthorn.test>")
        let messages = try await servers.mailbox(of: user).messages(1)
        #expect(messages.count == 1)
        #expect(try await PythonParser.parse(messages[0])["Message-ID"] == receipt.messageID)
    }

    @Test("A message that one server may have is not given to another")
    func noDouble() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        // Takes the message, and goes away without the final reply.
        let silent = try TranscriptServer([
            .send("220 peer.test\r\n"), .expect("EHLO"), .send("250 peer.test\r\n"), .expect("MAIL"),
            .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"), .send("354 go on\r\n"),
            .receive(through: "\r\n.\r\n"), .close,
        ])
        let first = Way(name: "first", host: "127.0.0.1", port: silent.port, security: "none", lines: ["role: relay"])
        let second = Way.relay(servers)
        let station = try Workstation(
            "sender: \(user.address)\nuse: { outgoing: [first, relay] }\noutgoing:\n\(first.yaml)\(second.yaml)"
        )
        let mail = try await station.client()
        let error = try await mailError { try await mail.send(Message(to: [user.address], text: "once\n")) }
        #expect(error.code == .outcomeUnknown)
        #expect(error.certainty == .unknown)
        #expect(try servers.mailbox(of: user).messages().isEmpty)
        try await silent.finished()
        silent.stop()
    }

    @Test("A message that is refused for good is not tried elsewhere")
    func noSecondOpinion() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let way = try Way.submission(servers, user)
        let memory = InMemoryPlugin()
        let station = try Workstation(
            "sender: \(user.address)\nuse: { outgoing: [smtp, memory] }\noutgoing:\n\(way.yaml)  memory: {}\n",
            secrets: way.secrets
        )
        let mail = try await station.client(plugins: [.smtp, memory])
        let error = try await mailError {
            try await mail.send(Message(to: ["nobody-\(user.name)@posthorn.test"], text: "x"))
        }
        #expect(error.certainty == .rejected)
        #expect(memory.transport().attempts == 0)
    }

    @Test("If every way is closed the error names them all")
    func nothing() async throws {
        let (one, two) = (try Way.dead(name: "one"), try Way.dead(name: "two"))
        let station = try Workstation(
            "sender: a@posthorn.test\nuse: { outgoing: [one, two] }\noutgoing:\n\(one.yaml)\(two.yaml)"
        )
        let mail = try await station.client()
        let error = try await mailError { try await mail.send(Message(to: ["b@posthorn.test"], text: "x")) }
        #expect(error.code == .connectionFailed)
        #expect(error.certainty == .notTaken)
        #expect(error.isRetryable)
        #expect(error.message.contains("one: ") && error.message.contains("two: "), "\(error)")
    }

    @Test("A function of the program goes its own way, and gets its copies")
    func functions() async throws {
        let servers = try await MailServers.shared()
        let (user, folder) = (try servers.addUser(), try servers.addUser())
        let way = try Way.submission(servers, user)
        let memory = InMemoryPlugin()
        let station = try Workstation(
            """
            sender: \(user.address)
            use: { outgoing: memory }
            outgoing:
              memory: {}
            \(way.yaml)functions:
              order: { outgoing: smtp, copy-to: \(folder.address) }

            """,
            secrets: way.secrets
        )
        let mail = try await station.client(plugins: [.smtp, memory])
        let ordered = try await mail.send(Message(to: [user.address], subject: "order", text: "x\n"), for: "order")
        #expect(ordered.transport == "smtp")
        #expect(ordered.copiedTo.map(\.description) == [folder.address])
        #expect(ordered.recipients.map(\.address.description) == [user.address, folder.address])
        let copies = try await servers.mailbox(of: folder).messages(1)
        let read = try await PythonParser.parse(try #require(copies.first))
        #expect(read.subject == "order")
        #expect(read.to.map(\.address) == [user.address])
        #expect(read.cc.isEmpty)

        let other = try await mail.send(Message(to: [user.address], subject: "other", text: "x\n"), for: "reminder")
        #expect(other.transport == "memory")
        #expect(other.copiedTo.isEmpty)
        #expect(memory.transport().sent.count == 1)
        #expect(try await servers.mailbox(of: user).messages(1).count == 1)
    }
}
