import Posthorn
import Synchronization

/// One rule's work with one transport: makes messages, sends them, looks at the far side.
struct TransportVisit: Sendable {
    /// Stands in the body of every message, and must never stand in a receipt or an error.
    static let canary = "PosthornContentCanary"

    private static let counter = Atomic<UInt64>(0)

    let suite: TransportConformance
    let transport: any OutgoingTransport
    let list: FindingList

    var isWatched: Bool { suite.delivered != nil }

    /// A request with a small message of its own.
    func request(
        recipients: [EmailAddress]? = nil,
        hasSender: Bool = true,
        subject: String = "Conformance",
        body: String = "The quick brown fox.\r\n",
        shape: (inout ProbeContent) -> Void = { _ in }
    ) -> (request: SendRequest, content: ProbeContent) {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let messageID = "<conformance-\(number)-\(UInt32.random(in: 0...UInt32.max))@posthorn.example>"
        let head = """
            From: <\(suite.sender)>\r
            To: <\(suite.recipients[0])>\r
            Subject: \(subject)\r
            Date: Mon, 02 Mar 2026 10:00:00 +0000\r
            Message-ID: \(messageID)\r
            \r
            \(Self.canary)\r

            """
        var content = ProbeContent(head: Array((head + body).utf8))
        shape(&content)
        let envelope = Envelope(
            sender: hasSender ? suite.sender : nil,
            recipients: recipients ?? [suite.recipients[0]]
        )
        return (SendRequest(envelope: envelope, content: MessageContent(content), messageID: messageID), content)
    }

    /// Sends what must succeed.
    func send(_ request: SendRequest, _ what: String) async throws -> SendReceipt {
        do {
            return try await transport.send(request)
        } catch {
            list.add("\(what) was expected to be taken, and the transport threw: \(Self.text(of: error))")
            throw RuleAborted()
        }
    }

    /// Sends what must fail, and gives the error.
    func sendExpectingError(_ request: SendRequest, _ what: String) async throws -> MailError {
        do {
            _ = try await transport.send(request)
        } catch let error as MailError {
            return error
        } catch {
            list.add("\(what) must lead to a MailError, and the transport threw \(type(of: error)): \(error)")
            throw RuleAborted()
        }
        list.add("\(what) must lead to an error, and the transport returned a receipt")
        throw RuleAborted()
    }

    /// Expects that the message reached the far side once, as it was sent.
    func expectDelivered(
        _ request: SendRequest,
        _ content: ProbeContent,
        to recipients: [EmailAddress]? = nil
    ) async throws {
        guard isWatched else { return }
        let deadline = ContinuousClock.now + suite.promptness
        var found = try await copies(of: request)
        while found.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            found = try await copies(of: request)
        }
        guard let message = found.first else {
            list.add("a message for which there is a receipt is not on the far side")
            return
        }
        list.expect(found.count == 1, "the message was sent once and is on the far side \(found.count) times")
        list.expect(
            !suite.keepsContent || content.isEnd(of: message.bytes),
            "the message of \(content.size) octets arrived changed (\(message.bytes.count) octets)"
        )
        list.expect(
            message.sender == request.envelope.sender?.description,
            "the reverse path '\(request.envelope.sender?.description ?? "")' arrived as '\(message.sender ?? "")'"
        )
        let wanted = (recipients ?? request.envelope.recipients).map(\.description).sorted()
        list.expect(
            message.recipients.isEmpty || message.recipients.sorted() == wanted,
            "the recipients \(wanted) arrived as \(message.recipients.sorted())"
        )
    }

    /// Expects that nothing of the message reached the far side.
    func expectNotDelivered(_ request: SendRequest, _ why: String) async throws {
        guard isWatched else { return }
        try await Task.sleep(for: .milliseconds(50))
        let found = try await copies(of: request)
        list.expect(found.isEmpty, "nothing may be delivered when \(why), and the message is on the far side")
    }

    private func copies(of request: SendRequest) async throws -> [DeliveredMessage] {
        guard let delivered = suite.delivered else { return [] }
        let wanted = Array(request.messageID.utf8)
        return try await delivered().filter { Octets.position(of: wanted, in: Array($0.bytes.prefix(16_384))) != nil }
    }

    /// Expects one result per recipient, in the order of the envelope.
    func expectResults(_ receipt: SendReceipt, for request: SendRequest) {
        let wanted = request.envelope.recipients
        let got = receipt.recipients.map(\.address)
        list.expect(
            got == wanted,
            "the receipt must have one result per recipient in the envelope's order \(wanted), and has \(got)"
        )
    }

    /// Every text that can be made of an error.
    static func text(of error: any Error) -> String {
        var texts = ["\(error)", String(reflecting: error)]
        if let error = error as? MailError { texts.append(error.detailedDescription()) }
        return texts.joined(separator: "\n")
    }
}
