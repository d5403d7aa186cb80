import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// One message, several transactions, one outcome.
@Suite(.computing) struct SMTPPastTransactionsTests {
    private let request = SendRequest.small(to: (0..<4).map { "r\($0)@example.org" })

    private func result(_ number: Int, _ status: RecipientResult.Status, _ code: Int = 250) -> RecipientResult {
        let reply = ServerReply(code: code, text: "reply \(number)")
        return RecipientResult(address("r\(number)@example.org"), status, reply: reply)
    }

    private func receipt(_ recipients: [RecipientResult]) -> SendReceipt {
        SendReceipt(kind: .acceptedByServer, messageID: "<x@example.org>", recipients: recipients)
    }

    private var all: [EmailAddress] { request.envelope.recipients }

    @Test func `receipts are merged in the order of the envelope`() throws {
        let past = SMTPPastTransactions()
        let first = [result(0, .accepted), result(2, .rejectedForGood, 550)]
        #expect(past.open(of: all) == all)
        let goesOn = past.keep(first, receipt(first), leaving: [], of: all)
        #expect(goesOn && past.open(of: all) == [all[1], all[3]])
        let last = receipt([result(1, .accepted), result(3, .rejectedForNow, 450)])
        let merged = try past.merged(with: .success(last), request).get()
        #expect(merged.recipients.map(\.address) == all)
        #expect(merged.recipients.map(\.status) == [.accepted, .accepted, .rejectedForGood, .rejectedForNow])
    }

    @Test func `recipients that the server wants in another transaction are left open`() {
        let past = SMTPPastTransactions()
        let outcomes = [result(0, .accepted), result(1, .rejectedForNow, 452)]
        let goesOn = past.keep(outcomes, receipt(outcomes), leaving: [all[1]], of: all)
        #expect(goesOn && past.open(of: all) == Array(all[1...]))
        // Where nobody was settled, it would never end.
        let again = [result(1, .rejectedForNow, 452)]
        let isRepeated = past.keep(again, nil, leaving: [all[1]], of: all)
        #expect(!isRepeated)
    }

    @Test func `when nobody is left there is no further transaction`() {
        let past = SMTPPastTransactions()
        let outcomes = (0..<4).map { result($0, .accepted) }
        let goesOn = past.keep(outcomes, receipt(outcomes), leaving: [], of: all)
        #expect(!goesOn)
    }

    @Test func `what was accepted once stays accepted when the rest fails`() throws {
        for (certainty, status) in [
            (DeliveryCertainty.notTaken, RecipientResult.Status.notTaken), (.unknown, .unknown),
            (.rejected, .rejectedForGood),
        ] {
            let past = SMTPPastTransactions()
            let first = [result(0, .accepted), result(1, .rejectedForGood, 550)]
            let goesOn = past.keep(first, receipt(first), leaving: [], of: all)
            #expect(goesOn)
            let error = MailError(.connectionLost, "the connection broke", certainty: certainty)
            let merged = try past.merged(with: .failure(error), request).get()
            #expect(merged.recipients.map(\.status) == [.accepted, .rejectedForGood, status, status])
            #expect(merged.recipients[0].reply?.text == "reply 0")
        }
    }

    @Test func `when everybody was refused, one that may be tried again makes the whole worth it`() {
        let past = SMTPPastTransactions()
        let first = [result(0, .rejectedForNow, 450), result(1, .rejectedForGood, 550)]
        let goesOn = past.keep(first, nil, leaving: [], of: all)
        #expect(goesOn)
        let last = [result(2, .rejectedForGood, 550), result(3, .rejectedForGood, 550)]
        let error = MailError(
            .refused,
            "the server refused every recipient",
            certainty: .rejected,
            reply: last[0].reply,
            recipients: last
        )
        guard case .failure(let merged) = past.merged(with: .failure(error), request) else {
            Issue.record("nobody was accepted")
            return
        }
        #expect(merged.recipients.count == 4 && merged.isRetryable && merged.reply?.code == 450)
    }
}
