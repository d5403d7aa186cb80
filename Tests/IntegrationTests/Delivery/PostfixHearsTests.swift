import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

/// A Postfix that logs every command shows what is used of what it offers.
@Suite(.undisturbed) struct PostfixHearsTests {
    /// Starts a Postfix of one's own whose log holds the conversations, and stops it in any case.
    private func withServers(
        _ postfix: [String: String] = [:],
        _ body: (MailServers, MailUser) async throws -> Void
    ) async throws {
        var options = ServerOptions()
        options.postfix = ["debug_peer_list": "127.0.0.1", "debug_peer_level": "1"].merging(postfix) { $1 }
        let servers = try await MailServers.start(options)
        do {
            try await body(servers, try servers.addUser())
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    /// The commands that Postfix has logged, without those of its own LMTP client.
    private func commands(_ servers: MailServers) -> [String] {
        servers.postfixLog().split(separator: "\n").compactMap { line in
            guard line.contains("/smtpd["), let mark = line.firstRange(of: "]: < ") else { return nil }
            return line[mark.upperBound...].firstRange(of: ": ").map { String(line[$0.upperBound...]) }
        }
    }

    private func client(_ servers: MailServers, _ user: MailUser, _ lines: [String] = []) async throws -> HostProgram {
        var way = Way.relay(servers)
        way.lines += lines
        return try await Workstation(way, sender: user.address).client()
    }

    /// A ready message from the workstation's sender.
    private func raw(_ text: String, to recipients: [String]) throws -> RawMessage {
        RawMessage(bytes: Array("To: \(recipients.joined(separator: ", "))\r\n\(text)".utf8))
    }

    @Test func `CHUNKING is used where Postfix offers it, and DATA where the settings pass over it`() async throws {
        try await withServers { servers, user in
            let text = "Subject: chunks\r\n\r\n.\r\n..\r\nend\r\n"
            var mail = try await client(servers, user)
            _ = try await mail.send(raw(text, to: [user.address]))
            #expect(commands(servers).contains { $0.hasPrefix("BDAT ") && $0.hasSuffix(" LAST") })
            #expect(!commands(servers).contains("DATA"))

            mail = try await client(servers, user, ["ignored-extensions: [CHUNKING]"])
            _ = try await mail.send(raw(text, to: [user.address]))
            #expect(commands(servers).count { $0.hasPrefix("BDAT") } == 1 && commands(servers).contains("DATA"))

            for octets in try await servers.mailbox(of: user).messages(2) {
                #expect(String(decoding: octets, as: UTF8.self).hasSuffix("\r\n\r\n.\r\n..\r\nend\r\n"))
            }
        }
    }

    @Test func `8BITMIME, SIZE and SMTPUTF8 are declared where they are needed`() async throws {
        try await withServers { servers, user in
            let mail = try await client(servers, user)
            _ = try await mail.send(raw("Subject: 7\r\n\r\nplain\r\n", to: [user.address]))
            _ = try await mail.send(raw("Subject: 8\r\n\r\nGrüße\r\n", to: [user.address]))
            let greek = try servers.addUser("παράδειγμα-\(user.name)")
            _ = try await mail.send(Message(to: [greek.utf8Address], subject: "Ωμέγα", text: "γειά σου\n"))
            let lines = commands(servers).filter { $0.hasPrefix("MAIL") }
            try #require(lines.count == 3, "\(lines)")
            #expect(lines.allSatisfy { $0.contains(" SIZE=") })
            #expect(lines.map { $0.contains(" BODY=8BITMIME") } == [false, true, true], "\(lines)")
            #expect(lines.map { $0.contains(" SMTPUTF8") } == [false, false, true], "\(lines)")
            #expect(try await servers.mailbox(of: user).messages(2).count == 2)
            #expect(try await servers.mailbox(of: greek).messages(1).count == 1)
        }
    }

    @Test func `a delivery notification comes back with all that was asked for`() async throws {
        try await withServers { servers, user in
            let sender = try servers.addUser()
            let mail = try await client(servers, sender)
            var options = SendOptions()
            options.require(
                DeliveryNotification.self,
                DeliveryNotification(
                    on: [.success, .failure, .delay],
                    returnsFullMessage: false,
                    envelopeID: "order+4711"
                )
            )
            let text = "Subject: notify\r\nMessage-ID: <n@posthorn.test>\r\n\r\nnot in the report\r\n"
            let receipt = try await mail.client.send(raw(text, to: [user.address]), options: options)
            #expect(receipt.isComplete && receipt.ignoredOptions.isEmpty)
            let lines = commands(servers)
            #expect(lines.contains { $0.hasPrefix("MAIL") && $0.contains(" RET=HDRS ENVID=order+2B4711") }, "\(lines)")
            let wanted = "RCPT TO:<\(user.address)> NOTIFY=DELAY,FAILURE,SUCCESS ORCPT=rfc822;\(user.address)"
            #expect(lines.contains(wanted), "\(lines)")

            let report = String(decoding: try await servers.mailbox(of: sender).messages(1)[0], as: UTF8.self)
            #expect(report.contains("\r\nOriginal-Envelope-Id: order+4711\r\n"), "\(report)")
            #expect(report.contains("\r\nOriginal-Recipient: rfc822;\(user.address)\r\n"))
            #expect(report.contains("<n@posthorn.test>") && !report.contains("not in the report"))
        }
    }

    @Test func `refused recipients in one flight never lead to an empty message`() async throws {
        try await withServers { servers, user in
            let unknown = (0..<2).map { "nobody-\($0)-\(user.name)@posthorn.test" }
            for lines in [[], ["ignored-extensions: [CHUNKING]"], ["ignored-extensions: [CHUNKING, PIPELINING]"]] {
                let mail = try await client(servers, user, lines)
                let error = try await mailError { try await mail.send(raw("Subject: a\r\n\r\nx\r\n", to: unknown)) }
                #expect(error.certainty == .rejected && error.recipients.count == 2)
                let some = try await mail.send(
                    raw("Subject: b\r\n\r\nx\r\n", to: [unknown[0], user.address, unknown[1]])
                )
                #expect(some.recipients.map(\.status) == [.rejectedForGood, .accepted, .rejectedForGood])
                await mail.client.close()
            }
            try await eventually("Postfix to deliver everything") { servers.queueLength() == 0 ? true : nil }
            let messages = try servers.mailbox(of: user).messages().map { String(decoding: $0, as: UTF8.self) }
            #expect(messages.count == 3)
            #expect(messages.allSatisfy { $0.contains("\r\nSubject: b\r\n") && $0.hasSuffix("\r\n\r\nx\r\n") })
            // Nothing else has been in the queue.
            #expect(servers.postfixLog().split(separator: "\n").count { $0.contains(": removed") } == 3)
        }
    }

    @Test func `one connection serves many messages, one after the other and in a batch`() async throws {
        try await withServers { servers, user in
            let mail = try await client(servers, user, ["connections: 1"])
            for number in 0..<5 {
                _ = try await mail.send(raw("Subject: \(number)\r\n\r\nx\r\n", to: [user.address]))
            }
            let batch = try (5..<25).map { try raw("Subject: \($0)\r\n\r\nx\r\n", to: [user.address]) }
            let outcomes = try await mail.client.send(batch: batch)
            #expect(outcomes.allSatisfy { (try? $0.get())?.isComplete == true })
            #expect(try await servers.mailbox(of: user).messages(25).count == 25)
            let lines = commands(servers)
            #expect(lines.count { $0.hasPrefix("EHLO") } == 1 && lines.count { $0.hasPrefix("MAIL") } == 25)
        }
    }

    @Test func `a connection that Postfix has ended for idleness is replaced unheard`() async throws {
        try await withServers(["smtpd_timeout": "3s"]) { servers, user in
            let mail = try await client(servers, user)
            for round in 1...2 {
                let receipt = try await mail.send(raw("Subject: \(round)\r\n\r\nx\r\n", to: [user.address]))
                #expect(receipt.isComplete)
                try await eventually("Postfix to end the connection") {
                    let lines = servers.postfixLog().split(separator: "\n")
                    return lines.count { $0.contains("timeout after") } == round ? true : nil
                }
            }
            #expect(try await servers.mailbox(of: user).messages(2).count == 2)
            #expect(commands(servers).count { $0.hasPrefix("EHLO") } == 2)
        }
    }
}
