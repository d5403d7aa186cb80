import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// Every combination of answers, compared with the rules written down once more in the most direct way.
@Suite(.computing) struct SMTPTransactionMatrixTests {
    private enum Answer: Int, CaseIterable {
        case ok = 250, transient = 451, permanent = 550
    }
    private enum DataAnswer: Int, CaseIterable {
        case go = 354, transient = 452, permanent = 554
    }
    private enum FinalAnswer: Int, CaseIterable {
        case ok = 250, transient = 451, permanent = 554, again = 354, lost = 0
    }

    private struct Case {
        var mail: Answer
        var recipients: [Answer]
        var data: DataAnswer
        var final: FinalAnswer
        var isPipelined: Bool

        var hasAccepted: Bool { recipients.contains(.ok) }
        var mayHaveContent: Bool { mail == .ok && hasAccepted && data == .go }

        /// What the server says: with pipelining it answers every command, without it only those that come.
        var replies: [SMTPReply] {
            var replies = [reply(mail.rawValue, "mail")]
            if mail != .ok, !isPipelined { return replies }
            replies += recipients.enumerated().map { reply($1.rawValue, "rcpt \($0)") }
            if !hasAccepted, !isPipelined { return replies }
            replies.append(reply(data.rawValue, "data"))
            if mayHaveContent, final != .lost { replies.append(reply(final.rawValue, "final")) }
            return replies
        }
    }

    private static func cases() -> [Case] {
        var cases: [Case] = []
        for isPipelined in [false, true] {
            for count in 1...3 {
                for number in 0..<(count == 1 ? 3 : count == 2 ? 9 : 27) {
                    let recipients = (0..<count).map { place in
                        let divisor = place == 0 ? 1 : place == 1 ? 3 : 9
                        return Answer.allCases[number / divisor % 3]
                    }
                    for mail in Answer.allCases {
                        for data in DataAnswer.allCases {
                            for final in FinalAnswer.allCases {
                                cases.append(
                                    Case(
                                        mail: mail,
                                        recipients: recipients,
                                        data: data,
                                        final: final,
                                        isPipelined: isPipelined
                                    )
                                )
                            }
                        }
                    }
                }
            }
        }
        return cases
    }

    @Test func `every combination of answers has the right outcome`() throws {
        let cases = Self.cases()
        #expect(cases.count == 2 * 39 * 3 * 3 * 5)
        for one in cases {
            var runner = TransactionRunner(.to(one.recipients.count, pipelined: one.isPipelined))
            let end = runner.run(one.replies)
            let comment = Comment(rawValue: "\(one)")
            #expect(runner.contentWasSent == one.mayHaveContent, comment)
            #expect(runner.unread.isEmpty, comment)
            let expected = expectation(one)
            switch end {
            case .outcome(let outcome):
                #expect(!(one.mayHaveContent && one.final == .lost), comment)
                #expect(outcome.connection == expected.connection, comment)
                check(outcome.result, one, expected, comment)
            case .lost(let failure):
                #expect(one.mayHaveContent && one.final == .lost, comment)
                #expect(failure.certainty == .unknown && failure.code == .outcomeUnknown, comment)
                #expect(failure.recipients.map(\.status) == expected.statuses, comment)
            }
        }
    }

    private struct Expectation {
        var isAccepted = false
        var certainty = DeliveryCertainty.notTaken
        var reply: Int?
        var statuses: [RecipientResult.Status]
        var connection = SMTPTransaction.Outcome.ConnectionState.clean
    }

    private func expectation(_ one: Case) -> Expectation {
        func statuses(_ ok: RecipientResult.Status) -> [RecipientResult.Status] {
            one.recipients.map { $0 == .ok ? ok : $0 == .transient ? .rejectedForNow : .rejectedForGood }
        }
        var expected = Expectation(statuses: statuses(.notTaken))
        // Before the message was sent: who failed first decides.
        guard one.mail == .ok else {
            expected.statuses = []
            expected.reply = one.mail.rawValue
            expected.certainty = one.mail == .permanent ? .rejected : .notTaken
            if one.isPipelined { expected.connection = one.data == .go ? .unusable : .needsReset }
            return expected
        }
        guard one.hasAccepted else {
            let hasPassing = one.recipients.contains(.transient)
            expected.reply = hasPassing ? 451 : 550
            expected.certainty = hasPassing ? .notTaken : .rejected
            expected.connection = one.isPipelined && one.data == .go ? .unusable : .needsReset
            return expected
        }
        guard one.data == .go else {
            expected.reply = one.data.rawValue
            expected.certainty = one.data == .permanent ? .rejected : .notTaken
            expected.connection = .needsReset
            return expected
        }
        switch one.final {
        case .ok:
            expected.isAccepted = true
            expected.statuses = statuses(.accepted)
        case .transient: expected.reply = 451
        case .permanent:
            expected.reply = 554
            expected.certainty = .rejected
        case .again, .lost:
            expected.certainty = .unknown
            expected.statuses = statuses(.unknown)
            expected.connection = .unusable
        }
        return expected
    }

    private func check(
        _ result: SMTPTransaction.Outcome.Result,
        _ one: Case,
        _ expected: Expectation,
        _ comment: Comment
    ) {
        switch result {
        case .accepted(let final, let recipients):
            #expect(expected.isAccepted, comment)
            #expect(final.code == 250, comment)
            #expect(recipients.map(\.status) == expected.statuses, comment)
            #expect(
                recipients.map(\.address) == (0..<one.recipients.count).map { address("r\($0)@example.org") },
                comment
            )
            for (number, recipient) in recipients.enumerated() {
                let text = recipient.status == .accepted ? "final" : "rcpt \(number)"
                #expect(recipient.reply?.text == text, comment)
            }
        case .failed(let failure):
            #expect(!expected.isAccepted, comment)
            #expect(failure.certainty == expected.certainty, comment)
            #expect(failure.reply?.code == expected.reply, comment)
            #expect(failure.recipients.map(\.status) == expected.statuses, comment)
            let error = failure.error(cause: nil)
            #expect(error.isRetryable == (expected.certainty == .notTaken), comment)
        }
    }
}
