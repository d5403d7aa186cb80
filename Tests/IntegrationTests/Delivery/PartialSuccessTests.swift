import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("Servers that take a message for some, or for nobody", .undisturbed)
struct PartialSuccessTests {
    @Test("Each recipient has a result of its own, and those who were accepted get the message whole and once")
    func some() async throws {
        let servers = try await MailServers.shared()
        let (user, busy, other) = (try servers.addUser(), try servers.addUser(), try servers.addUser())
        servers.refuse(busy.address, with: "450 4.2.1 The mailbox is busy")
        let unknown = "nobody-\(user.name)@posthorn.test"
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        let message = try Message(to: [unknown, user.address, busy.address, other.address], text: "für manche\n")
        let receipt = try await mail.send(message)

        #expect(receipt.kind == .acceptedByServer)
        #expect(!receipt.isComplete)
        #expect(receipt.recipients.map(\.address.description) == [unknown, user.address, busy.address, other.address])
        #expect(receipt.recipients.map(\.status) == [.rejectedForGood, .accepted, .rejectedForNow, .accepted])
        #expect(receipt.recipients[0].reply?.code == 550)
        #expect(receipt.recipients[0].reply?.enhancedStatus == EnhancedStatus(5, 1, 1))
        #expect(receipt.recipients[2].reply?.code == 450)
        #expect(receipt.recipients[2].reply?.enhancedStatus == EnhancedStatus(4, 2, 1))
        #expect(receipt.recipients[2].reply?.text.hasSuffix("The mailbox is busy") == true)
        #expect(receipt.failedRecipients.map(\.address.description) == [unknown, busy.address])

        for user in [user, other] {
            let messages = try await servers.mailbox(of: user).messages(1)
            #expect(messages.count == 1)
            let read = try await PythonParser.parse(messages[0])
            #expect(read.parts.map(\.text) == ["für manche\r\n"])
        }
        #expect(try servers.mailbox(of: busy).messages().isEmpty)
    }

    @Test("A message that nobody gets is an error with a result for each")
    func none() async throws {
        let servers = try await MailServers.shared()
        let (user, busy) = (try servers.addUser(), try servers.addUser())
        servers.refuse(busy.address, with: "450 4.2.1 The mailbox is busy")
        let unknown = "nobody-\(user.name)@posthorn.test"
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        let error = try await mailError { try await mail.send(Message(to: [unknown, busy.address], text: "x")) }
        #expect(error.code == .refused)
        #expect(error.recipients.map(\.status) == [.rejectedForGood, .rejectedForNow])
        #expect(error.message.contains(unknown) || error.message.contains("550 5.1.1"), "\(error)")
        #expect(try servers.mailbox(of: busy).messages().isEmpty)
    }

    @Test("One unknown recipient is an error for good; one busy mailbox is one for now")
    func certainty() async throws {
        let servers = try await MailServers.shared()
        let (user, busy) = (try servers.addUser(), try servers.addUser())
        servers.refuse(busy.address, with: "450 4.2.1 The mailbox is busy")
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        let forGood = try await mailError {
            try await mail.send(Message(to: ["nobody-\(user.name)@posthorn.test"], text: "x"))
        }
        #expect(forGood.certainty == .rejected)
        #expect(!forGood.isRetryable)
        let forNow = try await mailError { try await mail.send(Message(to: [busy.address], text: "x")) }
        #expect(forNow.certainty == .notTaken)
        #expect(forNow.isRetryable)
    }

    @Test("A sender that is refused at MAIL FROM, and a message that is too large, are told before the message goes")
    func ownLimits() async throws {
        var options = ServerOptions()
        options.messageSizeLimit = 20_000
        options.postfix = [
            "smtpd_delay_reject": "no",
            "smtpd_sender_restrictions":
                "check_sender_access inline:{ {blocked@posthorn.test = 550 5.7.1 not from you} {slow@posthorn.test ="
                + " 451 4.7.1 not just now} }",
        ]
        let servers = try await MailServers.start(options)
        do {
            try await checkLimits(servers)
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    private func checkLimits(_ servers: MailServers) async throws {
        let user = try servers.addUser()
        let mail = try await Workstation(.relay(servers), sender: user.address).client()

        let blocked = try await mailError {
            try await mail.send(Message(from: "blocked@posthorn.test", to: [user.address], text: "x"))
        }
        #expect(blocked.code == .refused)
        #expect(blocked.certainty == .rejected)
        #expect(blocked.reply?.enhancedStatus == EnhancedStatus(5, 7, 1))
        #expect(blocked.message.contains("blocked@posthorn.test"), "\(blocked)")
        let slow = try await mailError {
            try await mail.send(Message(from: "slow@posthorn.test", to: [user.address], text: "x"))
        }
        #expect(slow.certainty == .notTaken)
        #expect(slow.isRetryable, "\(slow.detailedDescription())")

        let large = try Message(
            to: [user.address],
            text: "x",
            attachments: [.bytes(octets(20_000, seed: 4), name: "large.bin")]
        )
        let error = try await mailError { try await mail.send(large) }
        #expect(error.code == .tooLarge)
        #expect(error.certainty == .rejected)
        #expect(error.message.contains("at most 20000"), "\(error)")
        // Not even MAIL was said: Postfix would have logged that it refused it.
        #expect(!servers.postfixLog().contains("5.3.4"), "\(servers.postfixLog())")

        _ = try await mail.send(Message(to: [user.address], text: "small enough\n"))
        #expect(try await servers.mailbox(of: user).messages(1).count == 1)
    }
}
