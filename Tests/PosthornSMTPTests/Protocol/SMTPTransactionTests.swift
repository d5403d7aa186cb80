import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPTransactionTests {
    @Test func `without PIPELINING every command waits for its reply`() {
        var transaction = SMTPTransaction(.to(2))
        #expect(transaction.start() == .send(Array("MAIL FROM:<a@example.org>\r\n".utf8)))
        #expect(transaction.received(reply(250)) == .send(Array("RCPT TO:<r0@example.org>\r\n".utf8)))
        #expect(transaction.received(reply(250)) == .send(Array("RCPT TO:<r1@example.org>\r\n".utf8)))
        #expect(transaction.received(reply(550)) == .send(Array("DATA\r\n".utf8)))
        #expect(!transaction.mayHaveBeenTaken)
        #expect(transaction.received(reply(354)) == .sendContent)
        #expect(!transaction.mayHaveBeenTaken)
        transaction.contentHandedOver()
        #expect(transaction.mayHaveBeenTaken)
    }

    @Test func `with PIPELINING all commands travel at once`() {
        var transaction = SMTPTransaction(.to(2, pipelined: true))
        #expect(
            transaction.start()
                == .send(
                    Array(
                        "MAIL FROM:<a@example.org>\r\nRCPT TO:<r0@example.org>\r\nRCPT TO:<r1@example.org>\r\nDATA\r\n"
                            .utf8
                    )
                )
        )
        for _ in 0..<3 { #expect(transaction.received(reply(250)) == .wait) }
        #expect(transaction.received(reply(354)) == .sendContent)
    }

    @Test(arguments: [1, 1_000, 10_000])
    func `many recipients travel in flights that fill no buffers, and DATA comes last`(_ count: Int) throws {
        var runner = TransactionRunner(.to(count, pipelined: true))
        let replies = Array(repeating: reply(250), count: count + 1) + [reply(354), reply(250, "done")]
        guard case .outcome(let outcome) = runner.run(replies),
            case .accepted(_, let recipients) = outcome.result
        else {
            Issue.record("the message was not accepted")
            return
        }
        #expect(recipients.count == count && recipients.allSatisfy { $0.status == .accepted })
        #expect(runner.sentText.components(separatedBy: "DATA\r\n").count == 2 && runner.sentText.hasSuffix("DATA\r\n"))
        #expect(runner.sentText.components(separatedBy: "RCPT TO").count == count + 1)

        var transaction = SMTPTransaction(.to(count, pipelined: true))
        guard case .send(let first) = transaction.start() else { return }
        #expect(first.count <= SMTPTransaction.flightLimit + 100)
    }

    @Test func `a refused sender ends the flights`() throws {
        var runner = TransactionRunner(.to(10_000, pipelined: true))
        let replies = [reply(550)] + Array(repeating: reply(503), count: 10_001)
        guard case .outcome(let outcome) = runner.run(replies), case .failed(let failure) = outcome.result else {
            Issue.record("the transaction did not fail")
            return
        }
        #expect(failure.reply?.code == 550 && failure.certainty == .rejected && failure.recipients.isEmpty)
        #expect(!runner.sentText.contains("DATA") && !runner.unread.isEmpty)
    }

    // MARK: 421

    @Test(arguments: [false, true])
    func `421 ends the transaction wherever it comes, and nobody has the message`(_ isPipelined: Bool) throws {
        let good = [reply(250), reply(250), reply(250), reply(354)]
        for place in 0...4 {
            var runner = TransactionRunner(.to(2, pipelined: isPipelined))
            let end = runner.run(Array(good[..<place]) + [reply(421, "4.3.2 going down")])
            guard case .outcome(let outcome) = end, case .failed(let failure) = outcome.result else {
                Issue.record("421 at \(place) gives \(end)")
                continue
            }
            #expect(outcome.connection == .unusable)
            #expect(failure.code == .unavailable && failure.certainty == .notTaken && failure.reply?.code == 421)
            #expect(failure.message.contains("going down"))
            #expect(failure.error(cause: nil).isRetryable)
            #expect(runner.contentWasSent == (place == 4))
        }
    }

    @Test func `a sender that was refused for good stays so when 421 follows`() throws {
        var runner = TransactionRunner(.to(2, pipelined: true))
        guard case .outcome(let outcome) = runner.run([reply(550), reply(421)]),
            case .failed(let failure) = outcome.result
        else {
            Issue.record("the transaction did not fail")
            return
        }
        #expect(failure.reply?.code == 550 && failure.certainty == .rejected && outcome.connection == .unusable)
    }

    @Test func `accepted and then 421 for the next one in LMTP leaves a dead connection`() throws {
        var runner = TransactionRunner(.to(2, lmtp: true))
        let end = runner.run([reply(250), reply(250), reply(250), reply(354), reply(250), reply(421)])
        guard case .outcome(let outcome) = end, case .accepted(_, let recipients) = outcome.result else {
            Issue.record("\(end)")
            return
        }
        #expect(recipients.map(\.status) == [.accepted, .rejectedForNow] && outcome.connection == .unusable)
    }

    // MARK: Replies at the wrong time

    @Test func `an unexpected class of reply ends the connection at every place`() {
        let good = [reply(250), reply(250), reply(354)]
        for place in 0...2 {
            for code in place == 2 ? [250, 220, 334] : [354, 334] {
                var runner = TransactionRunner(.to(1))
                let end = runner.run(Array(good[..<place]) + [reply(code)])
                guard case .outcome(let outcome) = end, case .failed(let failure) = outcome.result else {
                    Issue.record("\(code) at \(place) gives \(end)")
                    continue
                }
                #expect(outcome.connection == .unusable)
                #expect(failure.code == .protocolViolation && failure.certainty == .notTaken)
                #expect(!runner.contentWasSent)
            }
        }
    }

    @Test(arguments: [
        (552, DeliveryCertainty.rejected, MailError.Code.tooLarge), (451, .notTaken, .unavailable),
        (421, .notTaken, .unavailable), (554, .rejected, .refused), (250, .notTaken, .protocolViolation),
        (354, .notTaken, .protocolViolation),
    ])
    func `a reply while the message is being sent ends it without the dot`(
        _ code: Int,
        _ certainty: DeliveryCertainty,
        _ kind: MailError.Code
    ) {
        var transaction = SMTPTransaction(.to(1))
        _ = transaction.start()
        for code in [250, 250, 354] { _ = transaction.received(reply(code)) }
        guard case .finished(let outcome) = transaction.received(reply(code)),
            case .failed(let failure) = outcome.result
        else {
            Issue.record("the transaction goes on")
            return
        }
        #expect(outcome.connection == .unusable)
        #expect(failure.certainty == certainty && failure.code == kind)
        #expect(!transaction.mayHaveBeenTaken)
    }

    @Test func `a lost connection is unknown only after the content was handed over`() throws {
        let lost = MailError(.connectionLost, "the connection broke")
        let replies = [reply(250), reply(250), reply(354)]
        for place in 0...3 {
            var transaction = SMTPTransaction(.to(1))
            _ = transaction.start()
            for reply in replies[..<place] { _ = transaction.received(reply) }
            let failure = try #require(transaction.connectionFailed(lost).failure)
            #expect(failure.certainty == .notTaken && failure.code == .connectionLost)
        }
        for cause in [MailError.Code.connectionLost, .timedOut, .cancelled, .tlsFailed, .protocolViolation] {
            var transaction = SMTPTransaction(.to(1))
            _ = transaction.start()
            for reply in replies { _ = transaction.received(reply) }
            transaction.contentHandedOver()
            let error = MailError(cause, "what happened; try again later")
            let failure = try #require(transaction.connectionFailed(error).failure)
            #expect(failure.certainty == .unknown)
            #expect(failure.code == (cause == .cancelled ? .cancelled : .outcomeUnknown))
            #expect(failure.recipients.map(\.status) == [.unknown])
            #expect(failure.message.contains("what happened"))
            #expect(cause == .timedOut || !failure.message.contains("try again later"))
        }
    }

    @Test func `over LMTP what was accepted stays accepted when the connection is lost`() {
        var transaction = SMTPTransaction(.to(3, lmtp: true))
        _ = transaction.start()
        for reply in [reply(250), reply(250), reply(550), reply(250), reply(354)] { _ = transaction.received(reply) }
        transaction.contentHandedOver()
        _ = transaction.received(reply(250))
        let outcome = transaction.connectionFailed(MailError(.connectionLost, "the connection broke"))
        guard case .accepted(_, let recipients) = outcome.result else {
            Issue.record("one recipient was accepted, and the outcome says nothing of it")
            return
        }
        #expect(recipients.map(\.status) == [.accepted, .rejectedForGood, .unknown])
        #expect(recipients.last?.reply == nil)
        #expect(outcome.connection == .unusable)
    }

    @Test func `replies after the end change nothing`() {
        var transaction = SMTPTransaction(.to(1))
        #expect(SMTPTransaction(.to(1)).mayHaveBeenTaken == false)
        _ = transaction.start()
        _ = transaction.received(reply(550))
        guard case .finished(let outcome) = transaction.received(reply(250)), case .failed = outcome.result else {
            Issue.record("a reply after the end was taken")
            return
        }
        #expect(outcome.connection == .unusable)
    }

    // MARK: LMTP

    @Test func `LMTP takes one reply for each accepted recipient in their order`() throws {
        let answers = [250, 451, 550]
        var combinations = 0
        for first in answers {
            for second in answers {
                for third in answers {
                    combinations += 1
                    var runner = TransactionRunner(.to(4, lmtp: true))
                    // The second of four is refused at RCPT and gets no final reply.
                    let end = runner.run(
                        [reply(250), reply(250), reply(550, "nobody"), reply(250), reply(250), reply(354)]
                            + [first, second, third].map { reply($0, "final") }
                    )
                    guard case .outcome(let outcome) = end else {
                        Issue.record("\(end)")
                        continue
                    }
                    #expect(outcome.connection == .clean)
                    let statuses = [first, 0, second, third].map { code -> RecipientResult.Status in
                        code == 250 ? .accepted : code == 451 ? .rejectedForNow : .rejectedForGood
                    }
                    switch outcome.result {
                    case .accepted(let final, let recipients):
                        #expect([first, second, third].contains(250))
                        #expect(final.code == 250)
                        #expect(recipients.map(\.status) == statuses)
                    case .failed(let failure):
                        #expect(![first, second, third].contains(250))
                        #expect(failure.recipients.map(\.status) == statuses)
                        let hasPassing = [first, second, third].contains(451)
                        #expect(failure.certainty == (hasPassing ? .notTaken : .rejected))
                    }
                }
            }
        }
        #expect(combinations == 27)
    }

    @Test func `LMTP settles those whose reply came before the connection broke`() {
        var runner = TransactionRunner(.to(3, lmtp: true))
        let end = runner.run([reply(250), reply(250), reply(250), reply(250), reply(354), reply(250), reply(550)])
        guard case .outcome(let outcome) = end, case .accepted(_, let recipients) = outcome.result else {
            Issue.record("\(end)")
            return
        }
        #expect(outcome.connection == .unusable)
        #expect(recipients.map(\.status) == [.accepted, .rejectedForGood, .unknown])
    }

    @Test func `LMTP with an impossible final reply is unknown for the open ones only`() {
        var runner = TransactionRunner(.to(2, lmtp: true))
        let end = runner.run([reply(250), reply(250), reply(250), reply(354), reply(250), reply(354)])
        guard case .outcome(let outcome) = end, case .accepted(_, let recipients) = outcome.result else {
            Issue.record("\(end)")
            return
        }
        #expect(recipients.map(\.status) == [.accepted, .unknown])
    }

    // MARK: What errors say

    @Test(arguments: [
        (250, 530, "5.7.0 Authentication required", MailError.Code.authenticationFailed, DeliveryCertainty.notTaken),
        (250, 552, "too big", .tooLarge, .rejected),
        (250, 552, "5.3.4 too big", .tooLarge, .rejected),
        (250, 554, "5.2.3 too big for the mailbox", .tooLarge, .rejected),
        (250, 552, "5.2.2 mailbox full", .refused, .rejected),
        (250, 452, "4.3.1 disk full", .refused, .notTaken),
        (250, 450, "greylisted", .unavailable, .notTaken),
    ])
    func `refusals have the right kind`(
        _ first: Int,
        _ code: Int,
        _ text: String,
        _ kind: MailError.Code,
        _ certainty: DeliveryCertainty
    ) {
        var atMail = TransactionRunner(.to(1))
        var atEnd = TransactionRunner(.to(1))
        for end in [
            atMail.run([reply(code, text)]), atEnd.run([reply(250), reply(250), reply(354), reply(code, text)]),
        ] {
            guard case .outcome(let outcome) = end, case .failed(let failure) = outcome.result else {
                Issue.record("\(end)")
                continue
            }
            #expect(failure.code == kind && failure.certainty == certainty)
            #expect(failure.message.contains("\(code)"))
        }
    }

    @Test func `a refusal of everybody names three and counts the rest`() {
        var runner = TransactionRunner(.to(5, pipelined: true))
        let end = runner.run([reply(250)] + Array(repeating: reply(550, "5.1.1 no such user"), count: 5) + [reply(503)])
        guard case .outcome(let outcome) = end, case .failed(let failure) = outcome.result else {
            Issue.record("\(end)")
            return
        }
        #expect(failure.message.contains("r0@example.org (550 5.1.1 no such user)"))
        #expect(failure.message.hasSuffix("and 2 more"))
        #expect(failure.recipients.count == 5)
    }
}

extension SMTPTransaction.Outcome {
    fileprivate var failure: SMTPTransaction.Failure? {
        if case .failed(let failure) = result { failure } else { nil }
    }
}
