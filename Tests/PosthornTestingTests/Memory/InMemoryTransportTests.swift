import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite(.computing) struct InMemoryTransportTests {
    private let text = "Subject: Order\r\n\r\nPlease find our order attached.\r\n"

    private func request(to recipients: [String] = ["a@example.org"]) throws -> SendRequest {
        SendRequest(
            envelope: Envelope(
                sender: try EmailAddress("info@example.org"),
                recipients: try recipients.map { try EmailAddress($0) }
            ),
            content: .text(text),
            messageID: "<1@example.org>"
        )
    }

    @Test func `A message is kept with envelope, octets and options`() async throws {
        let transport = InMemoryTransport()
        var request = try request(to: ["a@example.org", "b@example.org"])
        request.options[DeliveryNotification.self] = DeliveryNotification(on: [.failure])
        let receipt = try await transport.send(request)
        #expect(receipt.isComplete && receipt.kind.isAcceptedByServer)
        #expect(receipt.remoteQueueID == "memory-1" && receipt.ignoredOptions.isEmpty)
        let sent = try #require(transport.sent.first)
        #expect(sent.text == text)
        #expect(sent.envelope == request.envelope)
        #expect(sent.messageID == "<1@example.org>")
        #expect(sent.options[DeliveryNotification.self]?.events == [.failure])
    }

    @Test func `Refusals for now and for good are told apart`() async throws {
        let transport = InMemoryTransport()
        let busy = try EmailAddress("busy@example.org")
        let gone = try EmailAddress("gone@example.org")
        transport.setAnswer(
            .refusing([gone]).refusing([busy], with: ServerReply(code: 450, text: "Mailbox busy"))
        )
        let receipt = try await transport.send(request(to: ["busy@example.org", "a@example.org", "gone@example.org"]))
        #expect(receipt.recipients.map(\.status) == [.rejectedForNow, .accepted, .rejectedForGood])
        #expect(transport.sent[0].acceptedRecipients.map(\.description) == ["a@example.org"])

        let now = await #expect(throws: MailError.self) { try await transport.send(request(to: ["busy@example.org"])) }
        #expect(now?.certainty == .notTaken && now?.isRetryable == true)
        let good = await #expect(throws: MailError.self) { try await transport.send(request(to: ["gone@example.org"])) }
        #expect(good?.certainty == .rejected && good?.isRetryable == false)
        #expect(transport.sent.count == 1)
    }

    @Test func `An error that was asked for is thrown, and then things go on`() async throws {
        let transport = InMemoryTransport()
        transport.setNextAnswers([
            .failing(MailError(.connectionFailed, "no way")),
            .failing(MailError(.outcomeUnknown, "broke off", certainty: .unknown)),
        ])
        let first = await #expect(throws: MailError.self) { try await transport.send(request()) }
        #expect(first?.code == .connectionFailed)
        let second = await #expect(throws: MailError.self) { try await transport.send(request()) }
        #expect(second?.certainty == .unknown)
        _ = try await transport.send(request())
        #expect(transport.attempts == 3 && transport.sent.count == 1)
        transport.reset()
        #expect(transport.attempts == 0 && transport.sent.isEmpty)
    }

    @Test func `A slow answer can be cancelled`() async throws {
        let transport = InMemoryTransport()
        transport.setAnswer(.accepting.after(.seconds(3_600)))
        let request = try request()
        let task = Task { try await transport.send(request) }
        while transport.attempts == 0 { await Task.yield() }
        task.cancel()
        let error = await #expect(throws: MailError.self) { try await task.value }
        #expect(error?.code == .cancelled && error?.certainty == .notTaken)
    }

    @Test func `A message that is too large is refused`() async throws {
        let transport = InMemoryTransport(contentLimit: 10)
        let error = await #expect(throws: MailError.self) { try await transport.send(request()) }
        #expect(error?.code == .tooLarge && error?.certainty == .rejected)
    }

    @Test func `Waiting ends with the message, or with an error when none comes`() async throws {
        let transport = InMemoryTransport()
        let request = try request()
        async let messages = transport.waitForMessages(count: 1)
        _ = try await transport.send(request)
        #expect(try await messages.count == 1)
        let error = await #expect(throws: MailError.self) {
            try await transport.waitForMessages(count: 2, timeout: .milliseconds(10))
        }
        #expect(error?.code == .timedOut)
    }

    @Test func `Waiting can be cancelled`() async throws {
        let transport = InMemoryTransport()
        let task = Task { try await transport.waitForMessages(count: 1, timeout: .seconds(3_600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
