import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

/// Many messages at once through the client object.
@Suite(.undisturbed) struct BatchTests {
    /// Outcomes as an observer hears them.
    private final class Log: Sendable {
        private let heard = Mutex<[Int: [SendOutcome]]>([:])

        var observer: BatchObserver {
            BatchObserver { [self] index, outcome in heard.withLock { $0[index, default: []].append(outcome) } }
        }

        var count: Int { heard.withLock { $0.count } }

        /// The one outcome that was told of each; `nil` where it was none or several.
        func ends(_ count: Int) -> [String?] {
            heard.withLock { heard in
                (0..<count).map { index in
                    heard[index].flatMap { $0.count == 1 ? end($0[0]) : nil }
                }
            }
        }
    }

    private func message(_ number: Int, to recipient: String = "a@example.org") -> any MailMessage {
        RawMessage(bytes: Array("To: \(recipient)\r\nSubject: \(number)\r\n\r\nHello\r\n".utf8))
    }

    private func numbers(_ messages: [SentMessage]) async throws -> [Int] {
        var numbers: [Int] = []
        for message in messages { numbers.append(Int(try await field("Subject", of: message) ?? "") ?? -1) }
        return numbers
    }

    @Test(arguments: [0, 1, 99, 100, 101, 350])
    func `every message gets its outcome, in the order of the messages`(_ count: Int) async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        let log = Log()
        let outcomes = try await fixture.mail.send(batch: (0..<count).map { message($0) }, observer: log.observer)
        #expect(outcomes.count == count && outcomes.allSatisfy { (try? $0.get())?.isComplete == true })
        #expect(log.ends(count) == Array(repeating: "accepted", count: count))
        #expect(try await numbers(fixture.sent(by: "first")).sorted() == Array(0..<count))
        #expect(fixture.memory.transport("second").attempts == 0)
        // Each receipt is about its own message.
        var ids: [String: Int] = [:]
        for sent in fixture.sent(by: "first") { ids[sent.messageID] = try await numbers([sent])[0] }
        #expect(outcomes.map { (try? $0.get()).flatMap { ids[$0.messageID] } } == Array(0..<count))
        #expect(outcomes.allSatisfy { (try? $0.get())?.transport == "first" })
    }

    @Test func `the next transport gets exactly those that certainly were not taken`() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        let answers: [TransportAnswer] = [
            .accepting, .failing(MailError(.connectionFailed, "no connection")),
            .failing(MailError(.refused, "no", certainty: .rejected)),
            .failing(MailError(.outcomeUnknown, "lost", certainty: .unknown)),
            .refusing([try EmailAddress("a@example.org")], with: ServerReply(code: 450, text: "busy")),
        ]
        fixture.memory.transport("first").setNextAnswers(answers)
        let log = Log()
        let outcomes = try await fixture.mail.send(batch: (0..<5).map { message($0) }, observer: log.observer)
        #expect(outcomes.map(end) == ["accepted", "accepted", "rejected", "unknown", "accepted"])
        // What the first transport said of those that went on is not final, and was not told.
        #expect(log.ends(5) == outcomes.map { end($0) })
        #expect(try await numbers(fixture.sent(by: "first")) == [0])
        #expect(try await numbers(fixture.sent(by: "second")).sorted() == [1, 4])
        let receipt = try outcomes[1].get()
        #expect(receipt.transport == "second" && receipt.failedAttempts.map(\.transport) == ["first"])
        // The same message: its Message-ID is that of the first try.
        #expect(fixture.sent(by: "second").map(\.messageID).contains(receipt.messageID))
    }

    @Test func `when no transport takes a message its error names each`() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        for name in ["first", "second"] {
            fixture.memory.transport(name).setAnswer(.failing(MailError(.connectionFailed, "\(name) is down")))
        }
        let log = Log()
        let outcomes = try await fixture.mail.send(batch: (0..<150).map { message($0) }, observer: log.observer)
        #expect(log.ends(150) == Array(repeating: "not-taken", count: 150))
        for outcome in outcomes {
            guard case .failure(let error) = outcome else { continue }
            #expect(error.failedAttempts.map(\.transport) == ["first", "second"])
            #expect(error.message.contains("first is down") && error.message.contains("second is down"))
        }
    }

    @Test func `a message that cannot be built touches no other`() async throws {
        struct Broken: MailMessage {
            func prepare(_ context: MessageContext) async throws -> PreparedMessage {
                throw MailError(.contentUnavailable, "the attachment is gone")
            }
        }
        let fixture = try await ClientFixture(ClientFixture.two)
        let log = Log()
        let messages = (0..<10).map { $0 == 4 ? Broken() : message($0) }
        let outcomes = try await fixture.mail.send(batch: messages, observer: log.observer)
        #expect(outcomes.map(end) == (0..<10).map { $0 == 4 ? "not-taken" : "accepted" })
        #expect(log.ends(10) == outcomes.map { end($0) })
        guard case .failure(let error) = outcomes[4] else { return }
        #expect(error.code == .contentUnavailable && error.failedAttempts.isEmpty)
    }

    @Test func `a cancelled batch gets an outcome for every message, and what was taken stays taken`() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        fixture.memory.transport("first").setAnswer(.accepting.after(.milliseconds(2)))
        let log = Log()
        let messages = (0..<500).map { message($0) }
        let task = Task(executorPreference: QueueExecutor.waiting) {
            try await fixture.mail.send(batch: messages, observer: log.observer)
        }
        try await eventually("some outcomes") { log.count >= 10 ? true : nil }
        task.cancel()
        let outcomes = try await task.value
        #expect(outcomes.count == 500 && log.ends(500) == outcomes.map { end($0) })
        let accepted = outcomes.indices.filter { end(outcomes[$0]) == "accepted" }
        #expect(try await numbers(fixture.sent(by: "first")).sorted() == accepted)
        #expect(accepted.count >= 10)
        for outcome in outcomes {
            guard case .failure(let error) = outcome else { continue }
            #expect(error.code == .cancelled && error.certainty == .notTaken)
        }
        // Nobody wanted it to go another way.
        #expect(fixture.memory.transport("second").attempts == 0)
    }

    @Test func `the settings hold for each message of a batch`() async throws {
        let fixture = try await ClientFixture("redirect-all: test@kuechen.example\n" + ClientFixture.two)
        let outcomes = try await fixture.mail.send(
            batch: (0..<3).map { message($0, to: "customer\($0)@example.org") }
        )
        for (number, outcome) in outcomes.enumerated() {
            #expect(try outcome.get().redirectedFrom.map(\.description) == ["customer\(number)@example.org"])
        }
        #expect(
            fixture.sent(by: "first").allSatisfy {
                $0.envelope.recipients.map(\.description) == ["test@kuechen.example"]
            }
        )
    }

    @Test func `a function without a way is an error before anything is sent`() async throws {
        let fixture = try await ClientFixture("outgoing: { first: { plugin: memory } }")
        let error = await #expect(throws: MailError.self) { try await fixture.mail.send(batch: [message(0)]) }
        #expect(error?.code == .notFound)
        #expect(fixture.memory.transport("first").attempts == 0)
    }
}

/// `accepted`, or the certainty of the failure.
private func end(_ outcome: SendOutcome) -> String {
    switch outcome {
    case .success: "accepted"
    case .failure(let error): "\(error.certainty)"
    }
}
