import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct RawMessageTests {
    private let context = MessageContext(defaultSender: nil, clientName: "planung-3")

    @Test("The envelope comes from the header, and the secret copy goes")
    func derived() async throws {
        let text =
            "From: Anna <a@x.example>, b@x.example\r\nSender: s@x.example\r\nTo: c@x.example,\r\n \"D, d\" <d@x.example>\r\n"
            + "Cc: team: e@x.example;\r\nBcc: f@x.example\r\nResent-To: no@x.example\r\nMessage-ID: <1@x>\r\nDate: now\r\n\r\nbody\r\n"
        let prepared = try await RawMessage(bytes: Array(text.utf8)).prepare(context)
        #expect(prepared.envelope.sender?.localPart == "s")
        #expect(prepared.envelope.recipients.map(\.localPart) == ["c", "d", "e", "f"])
        #expect(prepared.messageID == "<1@x>")
        #expect(prepared.header[.bcc] == nil)
        let sent = String(decoding: try await prepared.content.collect(upTo: 10_000), as: UTF8.self)
        #expect(sent == text.replacing("Bcc: f@x.example\r\n", with: ""))
    }

    @Test("What every message needs is added")
    func added() async throws {
        var context = context
        context.defaultSender = try Mailbox("Küche <k@grüße.example>")
        let prepared = try await RawMessage(bytes: Array("To: a@x.example\nSubject: x\n\nbody\n".utf8)).prepare(context)
        let sent = try await prepared.content.collect(upTo: 10_000)
        let block = try await HeaderBlock.read(from: .bytes(sent))
        #expect(try block.addresses(.from).addresses.map(\.localPart) == ["k"])
        #expect(block[.messageID] == prepared.messageID)
        #expect(prepared.messageID.hasSuffix("@xn--gre-6ka8l.example>"))
        #expect(block[.date]?.hasSuffix("+0000") == true)
        #expect(prepared.header[.from]?.contains("Küche") == true)
        #expect(prepared.envelope.sender == context.defaultSender?.address)
    }

    @Test(
        "What is missing is said",
        arguments: [
            ("To: a@x.example\r\n\r\n", "set 'sender'"), ("From: a@x.example\r\n\r\n", "no recipient"),
            ("<?xml version=\"1.0\"?>\r\n", "not a ready mail message"), ("", "not a ready mail message"),
            ("From: a@x.example\r\nTo: Anna\r\n\r\n", "'To'"),
        ]
    )
    func missing(_ text: String, _ reason: String) async throws {
        let error = await #expect(throws: MailError.self) {
            try await RawMessage(bytes: Array(text.utf8)).prepare(context)
        }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("A given envelope wins over the header")
    func envelope() async throws {
        let envelope = Envelope(sender: nil, recipients: [try EmailAddress("z@x.example")])
        let text = "From: a@x.example\r\nTo: b@x.example\r\nMessage-ID: not an id\r\n\r\n"
        let prepared = try await RawMessage(.text(text), envelope: envelope).prepare(context)
        #expect(prepared.envelope == envelope)
        #expect(prepared.messageID.hasSuffix("@x.example>"))
    }

    @Test(
        "A broken line with header fields below is refused, so that no Bcc becomes text",
        arguments: ["\r\n", "\n", "\r"]
    )
    func brokenLine(_ lineEnd: String) async throws {
        func prepare(_ lines: [String]) async throws -> PreparedMessage {
            try await RawMessage(bytes: Array(lines.joined(separator: lineEnd).utf8)).prepare(context)
        }
        let top = ["From: a@x.example", "To: b@x.example", "Subject: x"]
        let error = await #expect(throws: MailError.self) {
            try await prepare(top + ["oops no colon", "Bcc: secret@x.example", "", "body"])
        }
        #expect(error?.code == .invalidMessage)
        #expect(error?.message.contains("line 4 of") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("secret") == false)
        for good in [top, top + ["", "oops", "Bcc: text", ""], top + ["text at once", "", "Note: this", ""]] {
            #expect(try await prepare(good).envelope.recipients.count == 1)
        }
    }
}
