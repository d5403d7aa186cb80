import Posthorn

/// An option that no transport can know.
struct UnknownOption: SendOption {
    typealias Value = String
    static let name = "conformance-unknown-option"
}

extension TransportConformance.Rule {
    /// The most octets that may lie unhandled between content and far side.
    private static let mostHeld = 8 << 20

    private init(_ name: String, _ summary: String, _ check: @escaping @Sendable (TransportVisit) async throws -> Void)
    {
        self.init(name: name, summary: summary, check: check)
    }

    /// Content whose size nobody knows is sent all the same.
    public static let unknownSize = Self(
        "unknown-size",
        "Content whose size is not known beforehand is sent all the same."
    ) { visit in
        let (request, content) = visit.request { $0.tellsSize = false }
        _ = try await visit.send(request, "a message of unknown size")
        try await visit.expectDelivered(request, content)
    }

    /// Large content is read in pieces that do not pile up.
    public static let largeContent = Self(
        "large-content",
        "Large content is read in pieces that do not pile up, and arrives whole."
    ) { visit in
        let (request, content) = visit.request { $0.growBody(to: visit.suite.largeContentSize) }
        _ = try await visit.send(request, "a message of \(content.size) octets")
        let seen = content.seen.current
        visit.list.expect(
            seen.fullestBuffer <= mostHeld,
            "content must be passed on piece by piece, and \(seen.fullestBuffer) octets lay in the buffer at once"
        )
        visit.list.expect(seen.furthest == content.size, "the content was not read to its end")
        try await visit.expectDelivered(request, content)
    }

    /// Progress grows up to the total.
    public static let progress = Self("progress", "Progress never goes back and never passes the total.") { visit in
        let updates = Watched<[TransferProgress.Update]>([])
        var (request, _) = visit.request { $0.growBody(to: 2 << 20) }
        request.progress = TransferProgress { update in updates.change { $0.append(update) } }
        _ = try await visit.send(request, "a message of 2 MiB")
        let heard = updates.current
        for (earlier, later) in zip(heard, heard.dropFirst()) where later.completed < earlier.completed {
            visit.list.add("the progress went back from \(earlier.completed) to \(later.completed) octets")
        }
        for update in heard {
            guard let total = update.total, update.completed > total else { continue }
            visit.list.add("the progress passed its total: \(update.completed) of \(total) octets")
        }
    }

    /// Content that cannot be opened is an error, and nothing is delivered.
    public static let unreadableAtStart = Self(
        "unreadable-at-start",
        "Content that cannot be opened leads to 'notTaken', and nothing is delivered."
    ) { visit in
        for fault in [ProbeContent.Fault.facts, .makingReader, .reading(afterOctets: 0)] {
            let (request, _) = visit.request { $0.fault = fault }
            let error = try await visit.sendExpectingError(request, "unreadable content (\(fault))")
            visit.expectUnreadable(error)
            try await visit.expectNotDelivered(request, "the content cannot be read")
        }
        let (request, content) = visit.request()
        _ = try await visit.send(request, "a message after one that was unreadable")
        try await visit.expectDelivered(request, content)
    }

    /// Content that breaks in the middle is an error, and nothing is delivered.
    public static let unreadableInTheMiddle = Self(
        "unreadable-in-the-middle",
        "Content that breaks in the middle leads to 'notTaken', and nothing is delivered."
    ) { visit in
        for limit in [1_000, 1 << 20] as [UInt64] {
            let (request, _) = visit.request {
                $0.growBody(to: 2 << 20)
                $0.fault = .reading(afterOctets: limit)
            }
            let error = try await visit.sendExpectingError(request, "content that breaks after \(limit) octets")
            visit.expectUnreadable(error)
            try await visit.expectNotDelivered(request, "the content breaks in the middle")
        }
        let (request, content) = visit.request()
        _ = try await visit.send(request, "a message after one that broke")
        try await visit.expectDelivered(request, content)
    }

    /// A required option that the transport does not know stops it before it reads.
    public static let requiredOption = Self(
        "required-option",
        "A required option that the transport does not know is 'unsupported', before anything is read."
    ) { visit in
        var (request, content) = visit.request()
        request.options.require(UnknownOption.self, "?")
        let error = try await visit.sendExpectingError(request, "a required option that nobody knows")
        visit.list.expect(error.code == .unsupported, "the code must be 'unsupported', and is '\(error.code)'")
        visit.list.expect(error.certainty == .notTaken, "the certainty must be notTaken, and is \(error.certainty)")
        visit.list.expect(
            content.seen.current.reads == 0,
            "the content was read although a required option cannot be fulfilled"
        )
        try await visit.expectNotDelivered(request, "a required option cannot be fulfilled")
    }

    /// A wish that the transport does not know is listed in the receipt.
    public static let ignoredWish = Self(
        "ignored-wish",
        "A wish that the transport does not know is listed in the receipt."
    ) { visit in
        var (request, _) = visit.request()
        request.options[UnknownOption.self] = "?"
        let receipt = try await visit.send(request, "a message with a wish that nobody knows")
        visit.list.expect(
            receipt.ignoredOptions.contains(UnknownOption.name),
            "the receipt must list the ignored wish '\(UnknownOption.name)', and lists \(receipt.ignoredOptions)"
        )
    }

    /// A task that was cancelled before the call sends nothing.
    public static let cancelledBeforeSending = Self(
        "cancelled-before-sending",
        "A task that is cancelled before the call gets an error at once; nothing is sent."
    ) { visit in
        let (request, _) = visit.request()
        let isCancelled = Watched(false)
        let task = Task {
            // The wait ends with the cancellation, so that the call finds the task cancelled.
            try? await isCancelled.wait(until: { $0 })
            return try await visit.transport.send(request)
        }
        task.cancel()
        try await visit.expectCancelled(task, "before the call")
        try await visit.expectNotDelivered(request, "the task is cancelled before the call")
    }

    /// A task that is cancelled while the content is being read sends nothing.
    public static let cancelledWhileSending = Self(
        "cancelled-while-sending",
        "A task that is cancelled in the middle of the content ends promptly as 'notTaken'."
    ) { visit in
        let (request, content) = visit.request {
            // Twice as slow as anybody waits.
            $0.growBody(to: UInt64(400 * 4_096))
            $0.pieceSize = 4_096
            $0.slowness = visit.suite.promptness / 200
        }
        let task = Task { try await visit.transport.send(request) }
        guard try await content.seen.wait(until: { $0.reads >= 3 }, timeout: visit.suite.promptness) else {
            visit.list.add("the content was not read within \(visit.suite.promptness)")
            task.cancel()
            throw RuleAborted()
        }
        task.cancel()
        try await visit.expectCancelled(task, "while the content was being read")
        try await visit.expectNotDelivered(request, "the task is cancelled in the middle of the content")
    }

    /// Several tasks send over one transport at the same time.
    public static let parallelSends = Self(
        "parallel-sends",
        "Several tasks send over one transport at the same time, and nothing is mixed up."
    ) { visit in
        let work = (0..<8).map { visit.request(recipients: [visit.suite.recipients[$0 % 3]]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (request, _) in work {
                group.addTask {
                    let receipt = try await visit.send(request, "each of eight messages at the same time")
                    visit.expectResults(receipt, for: request)
                    visit.list.expect(
                        receipt.messageID == request.messageID,
                        "the receipt of another message came back"
                    )
                }
            }
            try await group.waitForAll()
        }
        for (request, content) in work { try await visit.expectDelivered(request, content) }
    }

    /// A closed transport can be used again.
    public static let reuseAfterClose = Self("reuse-after-close", "A transport may be used again after close().") {
        visit in
        for _ in 0..<3 {
            let (request, content) = visit.request()
            _ = try await visit.send(request, "a message after close()")
            try await visit.expectDelivered(request, content)
            await visit.transport.close()
        }
        await visit.transport.close()
    }
}

extension ProbeContent {
    /// Gives the message a body of 78-octet lines, which is not a multiple of anything.
    mutating func growBody(to size: UInt64) {
        block = (0..<1_009).flatMap { line in
            let number = Array(String(line).utf8)
            return number + [UInt8](repeating: UInt8(ascii: "a") + UInt8(line % 26), count: 76 - number.count) + [
                13, 10,
            ]
        }
        bodySize = size - size % 78
    }
}

extension TransportVisit {
    func expectUnreadable(_ error: MailError) {
        list.expect(
            error.certainty == .notTaken,
            "an incomplete message was certainly not taken, and the certainty is \(error.certainty)"
        )
        list.expect(
            error.code == .contentUnavailable,
            "the code must be 'content-unavailable', as the content said, and is '\(error.code)'"
        )
    }

    func expectCancelled(_ task: Task<SendReceipt, any Error>, _ when: String) async throws {
        switch await Patience.outcome(within: suite.promptness, of: task) {
        case nil:
            list.add("a call that is cancelled \(when) must end promptly, and ran for \(suite.promptness) longer")
        case .success:
            list.add("a call that is cancelled \(when) must lead to an error, and the transport returned a receipt")
        case .failure(let error as MailError):
            list.expect(
                error.code == .cancelled,
                "the code must be 'cancelled' for a call that is cancelled \(when): \(error.code)"
            )
            list.expect(
                error.certainty == .notTaken,
                "a call that is cancelled \(when) was certainly not taken, and the certainty is \(error.certainty)"
            )
        case .failure(let error):
            list.add("a call that is cancelled \(when) must throw a MailError, and threw \(type(of: error))")
        }
    }
}
