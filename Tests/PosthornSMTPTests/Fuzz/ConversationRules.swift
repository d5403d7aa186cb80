@testable import Posthorn
@testable import PosthornSMTP

/// The rules of certainty, checked with what the books say about a transaction.
struct ConversationRules {
    let books: ConversationBooks
    let number: Int
    let outcome: SMTPTransaction.Outcome

    private var entry: ConversationBooks.Entry { books.entries[number] }

    func check() throws(FuzzFailure) {
        switch outcome.result {
        case .accepted(let reply, let recipients): try checkAccepted(reply, recipients)
        case .failed(let failure): try checkFailed(failure)
        }
        try checkConnection()
    }

    private func require(_ holds: Bool, _ property: String) throws(FuzzFailure) {
        try FuzzFailure.unless(holds, "transaction \(number): \(property); outcome: \(outcome), books: \(entry)")
    }

    /// A message that the server has, as far as it tells the truth.
    private var isTaken: Bool {
        entry.isHandedOver && entry.hasEnvelope && !entry.refusesChunk && entry.finals.contains(where: \.isPositive)
    }

    /// Whether the server has said, in one way or another, that it does not take the message.
    private var isRefused: Bool {
        func isNo(_ reply: SMTPReply?) -> Bool { reply.map { $0.isTransient || $0.isPermanent } ?? false }
        let refusesAll = entry.answers.count == entry.recipients && entry.answers.allSatisfy(isNo)
        return isNo(entry.mail) || refusesAll || isNo(entry.data) || entry.chunks.contains(where: isNo)
            || entry.finals.contains(where: isNo) || books.lastWord != nil
    }

    private func checkAccepted(_ reply: SMTPReply, _ recipients: [RecipientResult]) throws(FuzzFailure) {
        try require(isTaken, "accepted, but the server has not taken it")
        try require(reply.isPositive && entry.finals.contains(reply), "accepted by another reply than its own")
        try require(recipients.contains { $0.status == .accepted }, "accepted for nobody")
        try check(recipients)
    }

    private func checkFailed(_ failure: SMTPTransaction.Failure) throws(FuzzFailure) {
        try require(!isTaken || failure.certainty == .unknown, "the server has it, and the outcome says otherwise")
        if failure.certainty == .unknown {
            try require(entry.isHandedOver, "unknown, but its end has not left")
            let isRefusedToEnd =
                entry.finals.count == entry.finalCount
                && entry.finals.allSatisfy { $0.isTransient || $0.isPermanent }
            try require(!isRefusedToEnd, "unknown, but the server has refused it")
        } else {
            try require(!entry.isHandedOver || isRefused, "certainly not taken, but nobody has refused it")
        }
        if failure.certainty == .rejected {
            try require(entry.all.contains(where: \.isPermanent), "rejected for good, but no reply says so")
        }
        if let reply = failure.reply {
            let isOwn = entry.all.contains { $0.value == reply } || books.lastWord?.value == reply
            try require(isOwn, "the failure quotes a reply that is not its own")
        }
        try check(failure.recipients)
        try require(
            !failure.recipients.contains { $0.status == .accepted },
            "the failure names a recipient that has the message"
        )
    }

    /// Each recipient's result rests on that recipient's own replies.
    private func check(_ results: [RecipientResult]) throws(FuzzFailure) {
        try require(results.count <= entry.recipients, "there are more results than recipients")
        var place = 0
        for (index, result) in results.enumerated() {
            try require(result.address == ConversationPlan.recipients[index], "the recipients are in disorder")
            let answer = index < entry.answers.count ? entry.answers[index] : nil
            let final: SMTPReply?
            if answer?.isPositive == true {
                let own = entry.isLMTP ? place : 0
                final = own < entry.finals.count ? entry.finals[own] : nil
                place += 1
            } else {
                final = nil
            }
            try require(
                result.reply == nil || result.reply == answer?.value || result.reply == final?.value,
                "recipient \(index) has another's reply"
            )
            switch result.status {
            case .accepted: try require(final?.isPositive == true, "recipient \(index) is accepted without a reply")
            case .rejectedForNow:
                let own = final ?? answer
                try require(own?.isTransient == true, "recipient \(index) is refused for now without a reply")
            case .rejectedForGood:
                let own = final ?? answer
                try require(own?.isPermanent == true, "recipient \(index) is refused for good without a reply")
            case .notTaken:
                try require(
                    !(entry.isHandedOver && final?.isPositive == true && !entry.refusesChunk),
                    "recipient \(index) has the message, and the outcome says otherwise"
                )
            default: try require(entry.isHandedOver, "recipient \(index) is in doubt, but the end has not left")
            }
        }
    }

    /// Whoever goes on with the connection owes nothing and is owed nothing.
    private func checkConnection() throws(FuzzFailure) {
        guard outcome.connection != .unusable else { return }
        try require(!books.isOwed(to: number), "it is over, but replies to it are due")
        try require(entry.unasked.isEmpty, "the server has lost count, and the connection is used again")
        try require(books.lastWord == nil, "the server has said goodbye, and the connection is used again")
        try require(entry.isHandedOver || entry.data?.code != 354, "the server waits for a message that does not come")
    }
}
