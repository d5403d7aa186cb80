import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("A message with everything, through Postfix into mailboxes", .undisturbed)
struct RichMessageTests {
    @Test(
        "All parts arrive octet by octet, all names and headers as written, and nobody sees Bcc",
        arguments: [
            "tls", "starttls",
        ]
    )
    func everything(security: String) async throws {
        let servers = try await MailServers.shared()
        let (sender, to, second) = (try servers.addUser(), try servers.addUser(), try servers.addUser())
        let (copy, blind) = (try servers.addUser(), try servers.addUser())
        let station = try Workstation(
            .submission(servers, sender, security: security),
            sender: "Küchenstudio Müßig <\(sender.address)>"
        )
        let mail = try await station.client()
        let message = try RichMessage.make(
            in: station.directory,
            to: ["Jürgen Größer <\(to.address)>", "\"Nachname, Vorname\" <\(second.address)>"],
            cc: ["Ольга Петрова 🪆 <\(copy.address)>"],
            bcc: [blind.address]
        )
        let receipt = try await mail.send(message)

        #expect(receipt.kind == .acceptedByServer)
        #expect(receipt.isComplete)
        #expect(receipt.recipients.map(\.address.description) == [to, second, copy, blind].map(\.address))
        #expect(receipt.recipients.allSatisfy { $0.status == .accepted && $0.reply?.code == 250 })
        #expect(receipt.transport == "smtp")
        #expect(servers.postfixLog().contains(" \(try #require(receipt.remoteQueueID)): "))

        for user in [to, second, copy, blind] {
            let messages = try await servers.mailbox(of: user).messages(1)
            #expect(messages.count == 1)
            let octets = try #require(messages.first)
            let text = String(decoding: octets, as: UTF8.self)
            #expect(!text.lowercased().contains("\nbcc:"))
            if user != blind { #expect(!text.contains(blind.name)) }
            try await check(octets, sender: sender, to: [to, second], copy: copy, id: receipt.messageID)
        }
    }

    private func check(
        _ octets: [UInt8],
        sender: MailUser,
        to: [MailUser],
        copy: MailUser,
        id: String
    ) async throws {
        let read = try await PythonParser.parse(octets)
        // An encoded word as `name`, which RFC 2047 forbids and Outlook needs, beside the `filename` of RFC 2231.
        #expect(read.defects.filter { $0 != "InvalidHeaderDefect" } == [])
        #expect(read.subject == RichMessage.subject)
        #expect(read["Message-ID"] == id)
        #expect(read["MIME-Version"] == "1.0")
        #expect(shown(read.from) == ["Küchenstudio Müßig <\(sender.address)>"])
        #expect(
            shown(read.to) == ["Jürgen Größer <\(to[0].address)>", "Nachname, Vorname <\(to[1].address)>"]
        )
        #expect(shown(read.cc) == ["Ольга Петрова 🪆 <\(copy.address)>"])
        #expect(
            read.tree == [
                "multipart/mixed", "multipart/related", "multipart/alternative", "text/plain", "text/html",
                "text/calendar", "image/png", "application/pdf", "text/csv", "application/octet-stream",
                "application/ics",
            ]
        )
        let names = RichMessage.attachments.map(\.name)
        #expect(read.parts.map(\.filename) == [nil, nil, nil, "logo.png"] + names + ["invite.ics"])
        #expect(
            read.parts.map(\.disposition) == [nil, nil, nil, "inline"] + Array(repeating: "attachment", count: 4)
        )
        #expect(read.parts.map(\.contentID) == [nil, nil, nil, "<logo@posthorn.test>", nil, nil, nil, nil])
        #expect(read.parts.prefix(3).map(\.charset) == ["utf-8", "utf-8", "utf-8"])
        let contents =
            [RichMessage.text, RichMessage.html, RichMessage.calendar].map { Array($0.utf8) } + [RichMessage.image]
            + RichMessage.attachments.map(\.octets) + [Array(RichMessage.calendar.utf8)]
        try #require(read.parts.count == contents.count)
        for (part, content) in zip(read.parts, contents) {
            #expect(part.size == content.count, "\(part)")
            #expect(part.sha256 == (try await sha256(content)), "\(part)")
        }
    }

    @Test(
        "The names of files arrive in each form that a message can choose",
        arguments: [FileNameEncoding.compatible, .rfc2231]
    )
    func fileNames(encoding: FileNameEncoding) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let station = try Workstation(.submission(servers, user), sender: user.address)
        var message = try RichMessage.make(in: station.directory, to: [user.address], cc: [], bcc: [])
        message.fileNameEncoding = encoding
        let long = "日本語の長いファイル名" + String(repeating: "-дальше-", count: 12) + ".txt"
        message.attachments.append(.bytes([1, 2, 3], name: long, contentType: "application/octet-stream"))
        let mail = try await station.client()
        _ = try await mail.send(message)
        let octets = try #require(try await servers.mailbox(of: user).messages(1).first)
        let read = try await PythonParser.parse(octets)
        #expect(read.parts.dropFirst(4).prefix(4).map(\.filename) == RichMessage.attachments.map(\.name) + [long])
        #expect(!read.defects.contains("UndecodableBytesDefect"))
        if encoding == .rfc2231 { #expect(read.defects == []) }
    }
}
