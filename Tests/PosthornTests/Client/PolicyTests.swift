import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite("The settings have their say about every message", .computing)
struct PolicyTests {
    private static let one = "use: { outgoing: memory }\noutgoing: { memory: {} }\n"

    private func send(
        _ message: RawMessage,
        _ yaml: String = "",
        sender: String = "sender: Küchenstudio <info@kuechen.example>",
        for function: String? = nil
    ) async throws -> (SentMessage, SendReceipt) {
        let fixture = try await ClientFixture(Self.one + yaml, sender: sender)
        let receipt = try await fixture.mail.send(message, for: function)
        return (try #require(fixture.sent(by: "memory").first), receipt)
    }

    @Test("The default sender is used only where the message names none")
    func defaultSender() async throws {
        let (without, _) = try await send(rawMessage())
        #expect(try await field("From", of: without) == "Küchenstudio <info@kuechen.example>")
        #expect(without.envelope.sender?.description == "info@kuechen.example")

        let (with, _) = try await send(rawMessage("From: Eva <eva@kuechen.example>\r\n"))
        #expect(try await field("From", of: with) == "Eva <eva@kuechen.example>")
        #expect(try await field("Reply-To", of: with) == nil)
        #expect(with.envelope.sender?.description == "eva@kuechen.example")
    }

    @Test("An enforced sender takes the place of the message's own, which gets the answers")
    func enforcedSender() async throws {
        let enforced = "sender: { address: 'Studio <info@kuechen.example>', enforce: true }"
        let (message, _) = try await send(rawMessage("From: Eva <eva@kuechen.example>\r\n"), sender: enforced)
        #expect(try await field("From", of: message) == "Studio <info@kuechen.example>")
        #expect(try await field("Reply-To", of: message) == "Eva <eva@kuechen.example>")
        #expect(message.envelope.sender?.description == "info@kuechen.example")

        let (kept, _) = try await send(
            rawMessage("From: eva@kuechen.example\r\nReply-To: service@kuechen.example\r\n"),
            sender: enforced
        )
        #expect(try await field("Reply-To", of: kept) == "service@kuechen.example")
    }

    @Test("A message that must not bounce keeps its null reverse-path under an enforced sender")
    func nullReversePath() async throws {
        var raw = rawMessage("From: eva@kuechen.example\r\n")
        raw.envelope = Envelope(sender: nil, recipients: [try EmailAddress("a@example.org")])
        let (message, _) = try await send(
            raw,
            sender: "sender: { address: info@kuechen.example, enforce: true }"
        )
        #expect(message.envelope.sender == nil)
    }

    @Test("A function's copy goes to its address, in the envelope alone")
    func copyTo() async throws {
        let (message, receipt) = try await send(
            rawMessage(),
            "functions: { order: { copy-to: ordner@kuechen.example } }",
            for: "order"
        )
        #expect(message.envelope.recipients.map(\.description) == ["a@example.org", "ordner@kuechen.example"])
        #expect(receipt.copiedTo.map(\.description) == ["ordner@kuechen.example"])
        #expect(!message.text.contains("ordner@"))
    }

    @Test("A recipient that is there already gets no second copy")
    func copyToRecipient() async throws {
        let (message, receipt) = try await send(
            rawMessage(),
            "functions: { order: { copy-to: a@EXAMPLE.org } }",
            for: "order"
        )
        #expect(message.envelope.recipients.count == 1)
        #expect(receipt.copiedTo.isEmpty)
    }

    @Test("Bcc never leaves, and its addresses get the message")
    func blindCopies() async throws {
        let (message, _) = try await send(rawMessage("Bcc: secret@example.org,\r\n other@example.org\r\n"))
        #expect(message.envelope.recipients.count == 3)
        #expect(!message.text.lowercased().contains("\nbcc:"))
        #expect(!message.text.contains("secret@example.org"))
    }

    @Test("On a test system every message goes to one address only, and shows whom it was meant for")
    func redirect() async throws {
        let (message, receipt) = try await send(
            rawMessage("Cc: c@example.org\r\nBcc: b@example.org\r\n"),
            "redirect-all: test@kuechen.example\nfunctions: { order: { copy-to: ordner@kuechen.example } }",
            for: "order"
        )
        #expect(message.envelope.recipients.map(\.description) == ["test@kuechen.example"])
        #expect(try await field("To", of: message) == "test@kuechen.example")
        #expect(try await field("Cc", of: message) == nil)
        #expect(try await field("Bcc", of: message) == nil)
        let original = ["a@example.org", "c@example.org", "b@example.org", "ordner@kuechen.example"]
        #expect(receipt.redirectedFrom.map(\.description) == original)
        #expect(
            try await field("X-Posthorn-Original-Recipients", of: message) == original.joined(separator: ", ")
        )
    }

    @Test("The body passes untouched through every policy")
    func body() async throws {
        let body = "Line one\r\n\r\n..dots\r\nBcc: not a header\r\n"
        let (message, _) = try await send(
            rawMessage("From: eva@kuechen.example\r\nBcc: b@example.org\r\n", body: body),
            "redirect-all: test@kuechen.example",
            sender: "sender: { address: info@kuechen.example, enforce: true }"
        )
        #expect(message.text.hasSuffix("\r\n\r\n" + body))
    }

    @Test("A message without any recipient is refused before it goes anywhere")
    func nobody() async throws {
        let fixture = try await ClientFixture(Self.one)
        let error = await #expect(throws: MailError.self) {
            try await fixture.mail.send(RawMessage(bytes: Array("Subject: x\r\n\r\nx".utf8)))
        }
        #expect(error?.code == .invalidMessage)
        #expect(fixture.memory.transport().attempts == 0)
    }
}
