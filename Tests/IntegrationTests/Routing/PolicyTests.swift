import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("What the settings do to messages before they leave", .undisturbed)
struct PolicyTests {
    @Test("A sender that is enforced takes the author's place, who gets the answers")
    func enforced() async throws {
        let servers = try await MailServers.shared()
        let (user, author) = (try servers.addUser(), try servers.addUser())
        let station = try Workstation(
            .submission(servers, user),
            more: "sender: { address: \"Küchenstudio <\(user.address)>\", enforce: true }\n"
        )
        let message = try Message(from: "Jörg <\(author.address)>", to: [user.address], text: "x\n")
        _ = try await station.client().send(message)
        let octets = try #require(try await servers.mailbox(of: user).messages(1).first)
        let read = try await PythonParser.parse(octets)
        #expect(shown(read.from) == ["Küchenstudio <\(user.address)>"])
        #expect(shown(read.replyTo) == ["Jörg <\(author.address)>"])
        #expect(read["Return-Path"] == "<\(user.address)>")
        #expect(read.fields.count { $0.name.lowercased() == "from" } == 1)
    }

    @Test("A sender that is only the default leaves the author's own alone")
    func defaultSender() async throws {
        let servers = try await MailServers.shared()
        let (user, author) = (try servers.addUser(), try servers.addUser())
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        _ = try await mail.send(Message(from: author.address, to: [user.address], text: "x\n"))
        _ = try await mail.send(Message(to: [user.address], text: "x\n"))
        var senders: [[String]] = []
        for octets in try await servers.mailbox(of: user).messages(2) {
            let read = try await PythonParser.parse(octets)
            #expect(read.replyTo.isEmpty)
            senders.append(read.from.map(\.address))
        }
        #expect(senders == [[author.address], [user.address]])
    }

    @Test("On a test system everything goes to one mailbox, and nobody else gets anything")
    func redirection() async throws {
        let servers = try await MailServers.shared()
        let test = try servers.addUser()
        let (to, cc, bcc, copy) = (
            try servers.addUser(), try servers.addUser(), try servers.addUser(), try servers.addUser()
        )
        let station = try Workstation(
            .submission(servers, test),
            sender: test.address,
            more: "redirect-all: \(test.address)\nfunctions: { order: { copy-to: \(copy.address) } }\n"
        )
        let message = try Message(
            to: ["Empfänger <\(to.address)>"],
            cc: [cc.address],
            bcc: [bcc.address],
            subject: "redirected",
            text: "x\n"
        )
        let receipt = try await station.client().send(message, for: "order")
        let meant = [to, cc, bcc, copy].map(\.address)
        #expect(receipt.redirectedFrom.map(\.description) == meant)
        #expect(receipt.recipients.map(\.address.description) == [test.address])

        let messages = try await servers.mailbox(of: test).messages(1)
        #expect(messages.count == 1)
        let read = try await PythonParser.parse(messages[0])
        #expect(read.to.map(\.address) == [test.address])
        #expect(read.cc.isEmpty)
        #expect(read["Cc"] == nil && read["Bcc"] == nil)
        let original = try #require(read["X-Posthorn-Original-Recipients"])
        #expect(original.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init) == meant)
        for user in [to, cc, bcc, copy] { #expect(try servers.mailbox(of: user).messages().isEmpty) }
    }
}
