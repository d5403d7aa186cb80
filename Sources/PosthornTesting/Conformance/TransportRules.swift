import Posthorn

extension TransportConformance.Rule {
    /// All rules, in the order in which they are checked.
    public static let all: [TransportConformance.Rule] = [
        simpleMessage, recipientOrder, refusedRecipient, noRecipient, messageID, nullReversePath, contentUnchanged,
        eightBitContent, unicodeHeader, unknownSize, largeContent, progress, unreadableAtStart, unreadableInTheMiddle,
        requiredOption, ignoredWish, cancelledBeforeSending, cancelledWhileSending, parallelSends, reuseAfterClose,
        silentTexts,
    ]

    private init(_ name: String, _ summary: String, _ check: @escaping @Sendable (TransportVisit) async throws -> Void)
    {
        self.init(name: name, summary: summary, check: check)
    }

    /// A small message is taken, and reaches the far side once.
    public static let simpleMessage = Self("simple-message", "A small message is taken and delivered once.") { visit in
        let (request, content) = visit.request()
        let receipt = try await visit.send(request, "a small message")
        visit.list.expect(receipt.isComplete, "the only recipient got the message, and the receipt denies it")
        visit.expectResults(receipt, for: request)
        try await visit.expectDelivered(request, content)
    }

    /// The receipt has one result per recipient, in the envelope's order.
    public static let recipientOrder = Self(
        "recipient-order",
        "The receipt has one result per recipient, in the envelope's order."
    ) { visit in
        for recipients in [visit.suite.recipients, visit.suite.recipients.reversed()] {
            let (request, content) = visit.request(recipients: recipients)
            let receipt = try await visit.send(request, "a message to \(recipients.count) recipients")
            visit.expectResults(receipt, for: request)
            try await visit.expectDelivered(request, content)
        }
    }

    /// A refused recipient among others is data in the receipt; when all are refused, nothing was taken.
    public static let refusedRecipient = Self(
        "refused-recipient",
        "A refused recipient among others is data in the receipt, not an error."
    ) { visit in
        guard let refused = visit.suite.refusedRecipient else { return }
        let others = [visit.suite.recipients[0], visit.suite.recipients[1]]
        let (request, content) = visit.request(recipients: [others[0], refused, others[1]])
        let receipt = try await visit.send(request, "a message of which one recipient of three is refused")
        visit.expectResults(receipt, for: request)
        visit.list.expect(
            receipt.failedRecipients.map(\.address) == [refused],
            "the refused recipient must be the only failed one, and the failed ones are \(receipt.failedRecipients)"
        )
        visit.list.expect(
            receipt.failedRecipients.allSatisfy { $0.status == .rejectedForGood },
            "the recipient is refused for good, and the receipt says \(receipt.failedRecipients)"
        )
        try await visit.expectDelivered(request, content, to: others)

        let (lost, _) = visit.request(recipients: [refused])
        let error = try await visit.sendExpectingError(lost, "a message whose only recipient is refused")
        visit.list.expect(
            error.certainty != .unknown,
            "nobody has a message without accepted recipients, and the certainty is unknown"
        )
        visit.list.expect(!error.isRetryable, "a refusal for good must not be reported as worth a retry")
        try await visit.expectNotDelivered(lost, "all recipients are refused")
    }

    /// A message to nobody is an error.
    public static let noRecipient = Self("no-recipient", "A message to nobody is an error.") { visit in
        let (request, _) = visit.request(recipients: [])
        let error = try await visit.sendExpectingError(request, "a message without recipients")
        visit.list.expect(error.certainty != .unknown, "a message without recipients was certainly not taken")
    }

    /// The receipt names the request's Message-ID.
    public static let messageID = Self("message-id", "The receipt names the request's Message-ID.") { visit in
        let (request, _) = visit.request()
        let receipt = try await visit.send(request, "a small message")
        visit.list.expect(
            receipt.messageID == request.messageID,
            "the Message-ID must be the request's \(request.messageID), and the receipt says '\(receipt.messageID)'"
        )
    }

    /// A message with the null reverse path is taken.
    public static let nullReversePath = Self(
        "null-reverse-path",
        "A message with the null reverse path is taken, and its path stays null."
    ) { visit in
        let (request, content) = visit.request(hasSender: false)
        let receipt = try await visit.send(request, "a message with the null reverse path")
        visit.expectResults(receipt, for: request)
        try await visit.expectDelivered(request, content)
    }

    /// Dots, empty lines and long lines arrive as they are.
    public static let contentUnchanged = Self(
        "content-unchanged",
        "Dots, empty lines and long lines arrive as they are."
    ) { visit in
        let long = String(repeating: "x", count: 998)
        let lines = [".", "..", ". ", ".\u{9}", "", "QUIT", ".", "From here", long, "." + long.dropLast(), "", ".", ""]
        let (request, content) = visit.request(body: lines.joined(separator: "\r\n"))
        _ = try await visit.send(request, "a message with dots at the beginning of lines")
        try await visit.expectDelivered(request, content)
    }

    /// 8-bit content arrives unchanged, or is refused as unsupported.
    public static let eightBitContent = Self(
        "eight-bit-content",
        "8-bit content arrives unchanged, or is refused as unsupported."
    ) { visit in
        let (request, content) = visit.request(body: "Grüße aus Köln, 你好\r\n") { $0.transfer = .eightBit }
        try await visit.expectCarriedOrUnsupported(request, content, "8-bit content")
    }

    /// UTF-8 in header fields arrives unchanged, or is refused as unsupported.
    public static let unicodeHeader = Self(
        "unicode-header",
        "UTF-8 in header fields arrives unchanged, or is refused as unsupported."
    ) { visit in
        let (request, content) = visit.request(subject: "Angebot für Küche № 7 ✉") {
            $0.transfer = .eightBit
            $0.needsUTF8Headers = true
        }
        try await visit.expectCarriedOrUnsupported(request, content, "a header in UTF-8")
    }

    /// The receipts and errors hold neither content nor secrets.
    public static let silentTexts = Self(
        "silent-texts",
        "No receipt and no error text holds a secret or the text of a message."
    ) { visit in
        var texts: [String] = []
        func note(_ attempt: () async throws -> SendReceipt) async {
            do {
                var text = ""
                dump(try await attempt(), to: &text)
                texts.append(text)
            } catch {
                texts.append(TransportVisit.text(of: error))
            }
        }
        let fine = visit.request().request
        await note { try await visit.transport.send(fine) }
        for limit in [0, 60, 400] as [UInt64] {
            let broken = visit.request { $0.fault = .reading(afterOctets: limit) }.request
            await note { try await visit.transport.send(broken) }
        }
        var demanding = visit.request().request
        demanding.options.require(UnknownOption.self, "?")
        await note { try await visit.transport.send(demanding) }
        if let refused = visit.suite.refusedRecipient {
            let lost = visit.request(recipients: [refused]).request
            await note { try await visit.transport.send(lost) }
        }
        for word in [TransportVisit.canary] + visit.suite.secrets where texts.contains(where: { $0.contains(word) }) {
            // The secret itself must not reach the test's output either.
            visit.list.add(
                word == TransportVisit.canary
                    ? "a receipt or an error holds text of the message" : "a receipt or an error holds a secret"
            )
        }
    }
}

extension TransportVisit {
    /// Expects that the message is delivered as it is, or refused as `unsupported` before anything is sent.
    func expectCarriedOrUnsupported(_ request: SendRequest, _ content: ProbeContent, _ what: String) async throws {
        do {
            let receipt = try await transport.send(request)
            expectResults(receipt, for: request)
        } catch let error as MailError where error.code == .unsupported {
            list.expect(error.certainty == .notTaken, "\(what) that is unsupported was certainly not taken")
            try await expectNotDelivered(request, "\(what) is unsupported")
            return
        } catch {
            list.add("\(what) must be carried or refused as 'unsupported', and the transport threw: \(error)")
            return
        }
        try await expectDelivered(request, content)
    }
}
