import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("Envelopes, ready messages and large ones", .undisturbed)
struct EnvelopeTests {
    @Test("The envelope may differ from the header: who is in it gets the message, and nobody else")
    func differentEnvelope() async throws {
        let servers = try await MailServers.shared()
        let (user, named, bounces) = (try servers.addUser(), try servers.addUser(), try servers.addUser())
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        var message = try Message(to: [named.address], subject: "a list", text: "x\n")
        message.envelope = Envelope(
            sender: try EmailAddress(bounces.address),
            recipients: [try EmailAddress(user.address), try EmailAddress("gone-\(user.name)@posthorn.test")]
        )
        let receipt = try await mail.send(message)
        #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForGood])
        let octets = try #require(try await servers.mailbox(of: user).messages(1).first)
        let read = try await PythonParser.parse(octets)
        #expect(read["Return-Path"] == "<\(bounces.address)>")
        #expect(read.to.map(\.address) == [named.address])
        #expect(try servers.mailbox(of: named).messages().isEmpty)
    }

    @Test("A bounce comes to the envelope's sender, and none comes for the null reverse path")
    func nullReversePath() async throws {
        let servers = try await MailServers.shared()
        let (user, bounces) = (try servers.addUser(), try servers.addUser())
        // Postfix takes this address, and Dovecot's LMTP, which has no SMTPUTF8, cannot take it from Postfix.
        let undeliverable = try servers.addUser("μη-\(user.name)")
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        let recipients = [try EmailAddress(user.utf8Address), try EmailAddress(undeliverable.address)]
        let header = "From: \(user.address)\r\nTo: \(user.address)\r\nSubject: automatic\r\n\r\n"
        for sender in [nil, try EmailAddress(bounces.utf8Address)] {
            let message = RawMessage(
                bytes: Array("\(header)x\r\n".utf8),
                envelope: Envelope(sender: sender, recipients: recipients)
            )
            #expect(try await mail.send(message).isComplete)
        }
        let messages = try await servers.mailbox(of: user).messages(2)
        let paths = messages.map { octets in
            String(decoding: octets, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("Return-Path:") }
        }
        // Dovecot's delivery program writes the null reverse path so.
        #expect(Set(paths) == ["Return-Path: <MAILER-DAEMON>", "Return-Path: <\(bounces.utf8Address)>"])
        let bounced = try await servers.mailbox(of: bounces).messages(1)
        #expect(bounced.count == 1)
        let bounce = String(decoding: bounced[0], as: UTF8.self)
        #expect(bounce.contains(undeliverable.address))
    }

    @Test("A ready message in 8 bits arrives in 8 bits, without a change but for the added fields")
    func eightBit() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let station = try Workstation(.submission(servers, user), sender: user.address)
        let body = "Grüße, до свидания, 再見\r\n.\r\n..\r\n.x\r\n" + String(repeating: "ü", count: 499) + "\r\nend\r\n"
        let header =
            "From: =?utf-8?q?K=C3=BCche?= <\(user.address)>\r\nTo: \(user.address)\r\nBcc: \(user.address)\r\n"
            + "X-Odd:   spaces\tand\r\n\tfolds\r\nMessage-ID: <fixed-\(user.name)@posthorn.test>\r\n"
            + "Date: Mon, 01 Jun 2026 10:00:00 +0200\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n"
        let file = try station.directory.write(header + "\r\n" + body, to: "ready.eml")
        let receipt = try await station.client().send(RawMessage(file: file.path))
        #expect(receipt.messageID == "<fixed-\(user.name)@posthorn.test>")
        let octets = try #require(try await servers.mailbox(of: user).messages(1).first)
        let sent = header.replacing("Bcc: \(user.address)\r\n", with: "") + "\r\n" + body
        #expect(String(decoding: octets, as: UTF8.self).hasSuffix("\r\n" + sent))
    }

    @Test("Lone LF and CR become line ends, and dots at the beginning of lines stay")
    func lineEnds() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        let body = "one\ntwo\rthree\r\n.\n.\r..four\r\r\n\n.five\r\n.\nMAIL FROM:<evil@posthorn.test>\r.\rDATA\r"
        let text = "From: \(user.address)\nTo: \(user.address)\nSubject: line ends\n\n\(body)"
        _ = try await mail.send(RawMessage(bytes: Array(text.utf8)))
        let messages = try await servers.mailbox(of: user).messages(1)
        #expect(messages.count == 1)
        let arrived = String(decoding: messages[0], as: UTF8.self)
        let expected =
            "one\r\ntwo\r\nthree\r\n.\r\n.\r\n..four\r\n\r\n\r\n.five\r\n.\r\nMAIL FROM:<evil@posthorn.test>\r\n"
            + ".\r\nDATA\r\n"
        #expect(arrived.hasSuffix("\r\n\r\n" + expected), "\(arrived.debugDescription)")
        #expect(arrived.contains("\r\nSubject: line ends\r\n"))
    }

    @Test("An attachment of 30 MB arrives octet by octet, and its progress is told")
    func large() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let station = try Workstation(.submission(servers, user), sender: user.address)
        let file = station.directory.file("large.bin")
        // Octets that are no pattern: a keystream.
        let stream = "head -c 30000000 /dev/zero | openssl enc -aes-128-ctr -nosalt -K 00 -iv 00"
        try await run("sh", ["-c", "\(stream) >large.bin"], directory: station.directory.url).check("openssl")
        let progress = ProgressLog()
        let receipt = try await station.client().send(
            Message(to: [user.address], text: "x\n", attachments: [.file(file.path)]),
            progress: progress.listener
        )
        #expect(receipt.isComplete)
        let delivered = try #require(try await servers.mailbox(of: user).files(1, within: .seconds(60)).first)
        let read = try await PythonParser.parse(delivered)
        let expected = try await run("sha256sum", [file.path]).check().output.prefix(64)
        #expect(read.parts.last?.size == 30_000_000)
        #expect(read.parts.last?.sha256 == String(expected))
        let steps = progress.steps
        #expect(steps.count > 10)
        #expect(steps == steps.sorted())
        #expect(steps.last == progress.total)
        #expect(try #require(steps.last) > 40_000_000)
    }

    @Test("A domain beyond ASCII and a local part beyond ASCII are delivered")
    func international() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let greek = try servers.addUser("παράδειγμα-\(UInt32.random(in: 0 ... .max))")
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()

        // A domain has an ASCII form: no extension is needed.
        let first = try await mail.send(Message(to: [user.internationalAddress], subject: "Bücher", text: "x\n"))
        #expect(first.isComplete)
        let message = try #require(try await servers.mailbox(of: user).messages(1).first)
        #expect(String(decoding: message, as: UTF8.self).contains("To: \(user.name)@xn--bcher-kva.posthorn.test\r\n"))

        let second = try await mail.send(
            Message(to: ["Πάρις <\(greek.utf8Address)>"], subject: "Ωμέγα", text: "γειά σου\n")
        )
        #expect(second.isComplete)
        #expect(second.recipients.map(\.address.description) == [greek.utf8Address])
        let octets = try #require(try await servers.mailbox(of: greek).messages(1).first)
        // Python's `email` does not read headers in UTF-8: they are looked for in the file.
        let text = String(decoding: octets, as: UTF8.self)
        #expect(text.contains("\r\nTo: Πάρις <\(greek.utf8Address)>\r\n"), "\(text)")
        #expect(text.contains("\r\nSubject: Ωμέγα\r\n"), "\(text)")
        #expect(try await PythonParser.parse(octets).parts.map(\.text) == ["γειά σου\r\n"])
    }
}
