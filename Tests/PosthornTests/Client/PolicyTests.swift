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

    @Test("An enforced sender leaves no other sender in the header, even where From is right already")
    func enforcedSenderFields() async throws {
        for from in ["info@kuechen.example", "eva@kuechen.example"] {
            let (message, _) = try await send(
                rawMessage(
                    "From: \(from)\r\nSender: eva@kuechen.example\r\nResent-From: r@kuechen.example\r\n"
                        + "Resent-Sender: s@kuechen.example\r\n"
                ),
                sender: "sender: { address: info@kuechen.example, enforce: true }"
            )
            for name in ["Sender", "Resent-From", "Resent-Sender"] {
                #expect(try await field(name, of: message) == nil)
            }
            #expect(message.envelope.sender?.description == "info@kuechen.example")
        }
    }

    @Test("Nobody gets two copies, in whatever form the domain is written")
    func copiesOnce() async throws {
        let (message, receipt) = try await send(
            rawMessage("Cc: b@grüße.example\r\n"),
            "functions: { order: { copy-to: [b@xn--gre-6ka8l.example, c@grüße.example, c@XN--gre-6ka8l.example] } }",
            for: "order"
        )
        #expect(message.envelope.recipients.count == 3)
        #expect(receipt.copiedTo.map(\.description) == ["c@grüße.example"])
    }

    @Test("An envelope keeps each recipient once, whenever it is added")
    func envelopeOnce() throws {
        let (first, second) = (try EmailAddress("a@x.example"), try EmailAddress("b@x.example"))
        var envelope = Envelope(sender: nil, recipients: [first, first])
        envelope.recipients.append(try EmailAddress("a@X.example"))
        envelope.recipients += [second, second]
        #expect(envelope.recipients == [first, second])
        envelope.recipients = [second, first, second]
        #expect(envelope.recipients == [second, first])
    }

    @Test("A redirected message asks nobody outside for receipts or answers")
    func redirectAnswers() async throws {
        let header =
            "From: eva@kuechen.example\r\nReply-To: service@example.org\r\nReturn-Receipt-To: r@example.org\r\n"
            + "Disposition-Notification-To: d@example.org\r\n"
        let (message, receipt) = try await send(
            rawMessage(header),
            "redirect-all: test@kuechen.example\nfunctions: { order: { copy-to: ordner@kuechen.example } }",
            for: "order"
        )
        for name in ["Reply-To", "Return-Receipt-To", "Disposition-Notification-To"] {
            #expect(try await field(name, of: message) == nil)
        }
        #expect(try await field("X-Posthorn-Original-Reply-To", of: message) == "service@example.org")
        #expect(receipt.copiedTo.isEmpty)

        // The one that an enforced sender makes is no better.
        let (enforced, _) = try await send(
            rawMessage("From: eva@kuechen.example\r\n"),
            "redirect-all: test@kuechen.example",
            sender: "sender: { address: info@kuechen.example, enforce: true }"
        )
        #expect(try await field("Reply-To", of: enforced) == nil)
        #expect(try await field("X-Posthorn-Original-Reply-To", of: enforced) == "eva@kuechen.example")
    }
}
