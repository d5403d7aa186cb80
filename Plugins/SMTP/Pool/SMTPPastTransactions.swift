import Posthorn

/// What earlier transactions brought for recipients of a message that needs more than one: the server takes only so many
/// recipients at a time (RFC 9422; RFC 5321 section 4.5.3.1.10).
///
/// `@unchecked Sendable`: belongs to one delivery, and is changed under its lock alone, by the worker that has it.
final class SMTPPastTransactions: @unchecked Sendable {
    private var results: [EmailAddress: RecipientResult] = [:]
    private var receipt: SendReceipt?

    /// The recipients about whom nothing is known yet, in their order.
    func open(of recipients: [EmailAddress]) -> [EmailAddress] {
        recipients.filter { results[$0] == nil }
    }

    /// Keeps what a transaction brought, if recipients are left for another one.
    ///
    /// - Parameters:
    ///   - outcomes: one for each recipient of the transaction.
    ///   - receipt: the receipt, if the message was taken for somebody.
    ///   - others: recipients of this transaction whom the server wants to have in another one.
    /// - Returns: whether another transaction is to follow.
    func keep(
        _ outcomes: [RecipientResult],
        _ receipt: SendReceipt?,
        leaving others: Set<EmailAddress>,
        of recipients: [EmailAddress]
    ) -> Bool {
        let settled = outcomes.filter { !others.contains($0.address) }
        // Somebody must be settled each time, or it would never end.
        guard !settled.isEmpty, results.count + settled.count < recipients.count else { return false }
        for result in settled { results[result.address] = result }
        if self.receipt == nil { self.receipt = receipt }
        return true
    }

    /// The outcome of the last transaction together with those before.
    func merged(with outcome: SendOutcome, _ request: SendRequest) -> SendOutcome {
        var last: [EmailAddress: RecipientResult] = [:]
        var status = RecipientResult.Status.notTaken
        var reply: ServerReply?
        switch outcome {
        case .success(let receipt):
            for result in receipt.recipients { last[result.address] = result }
        case .failure(let error):
            for result in error.recipients { last[result.address] = result }
            reply = error.reply
            if error.certainty == .unknown { status = .unknown }
            if error.certainty == .rejected { status = .rejectedForGood }
        }
        let all = request.envelope.recipients.map { address in
            results[address] ?? last[address] ?? RecipientResult(address, status, reply: reply)
        }
        if var receipt = receipt ?? (try? outcome.get()) {
            receipt.recipients = all
            return .success(receipt)
        }
        return outcome.mapError { error in
            var error = error
            error.recipients = all
            // One that may be tried again makes the whole worth another try.
            if error.certainty == .rejected, let passing = all.first(where: { $0.status == .rejectedForNow }) {
                error.certainty = .notTaken
                error.reply = passing.reply
            }
            return error
        }
    }
}
