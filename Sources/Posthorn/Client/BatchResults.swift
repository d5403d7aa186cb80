import Synchronization

/// What became of the messages of a part of a batch.
final class BatchResults: Sendable {
    /// A message that is ready and has no final outcome.
    struct Open: Sendable {
        /// Its place in the part.
        var place: Int
        var request: SendRequest
    }

    private struct Entry: Sendable {
        var request: SendRequest?
        var redirectedFrom: [EmailAddress] = []
        var copiedTo: [EmailAddress] = []
        var outcome: SendOutcome?
        var attempts: [SendReceipt.FailedAttempt] = []
        /// How many transports have told an outcome.
        var told = 0
    }

    private let entries: Mutex<[Entry]>
    /// The place of the first message in the whole batch.
    private let first: Int
    private let observer: BatchObserver?

    init(count: Int, first: Int, observer: BatchObserver?) {
        entries = Mutex(Array(repeating: Entry(), count: count))
        self.first = first
        self.observer = observer
    }

    /// The messages that are ready and have no final outcome.
    var open: [Open] {
        entries.withLock { entries in
            entries.indices.compactMap { place in
                guard entries[place].outcome == nil, let request = entries[place].request else { return nil }
                return Open(place: place, request: request)
            }
        }
    }

    /// All outcomes.
    var outcomes: [SendOutcome] {
        entries.withLock { $0.map { $0.outcome ?? .failure(.withoutOutcome()) } }
    }

    /// A message is ready.
    func prepared(_ place: Int, _ message: OutgoingPolicy.Result, _ options: SendOptions) {
        entries.withLock { entries in
            entries[place].request = message.request(options, nil)
            entries[place].redirectedFrom = message.redirectedFrom
            entries[place].copiedTo = message.copiedTo
        }
    }

    /// A transport took a message.
    ///
    /// - Parameters:
    ///   - round: how many transports were asked before.
    ///   - name: the transport's name.
    /// - Returns: whether it is the first that it tells about the message.
    func succeed(_ place: Int, _ receipt: SendReceipt, round: Int, by name: String) -> Bool {
        let outcome = entries.withLock { entries -> SendOutcome? in
            guard begin(&entries[place], round) else { return nil }
            var receipt = receipt
            receipt.transport = name
            receipt.failedAttempts = entries[place].attempts
            receipt.redirectedFrom = entries[place].redirectedFrom
            receipt.copiedTo = entries[place].copiedTo
            if let request = entries[place].request { receipt.messageID = request.messageID }
            let outcome = SendOutcome.success(receipt)
            end(&entries[place], outcome)
            return outcome
        }
        guard let outcome else { return false }
        observer?.report(first + place, outcome)
        return true
    }

    /// A transport did not take a message, or may have taken it.
    ///
    /// - Parameter isFinal: whether no other transport is tried.
    /// - Returns: whether it is the first that the transport tells about the message.
    func fail(
        _ place: Int,
        _ attempt: SendReceipt.FailedAttempt,
        round: Int,
        isFinal: Bool,
        allOf names: [String]
    ) -> Bool {
        let (isFirst, outcome) = entries.withLock { entries -> (Bool, SendOutcome?) in
            guard begin(&entries[place], round) else { return (false, nil) }
            entries[place].attempts.append(attempt)
            guard isFinal else { return (true, nil) }
            let outcome = SendOutcome.failure(.ofAttempts(entries[place].attempts, allOf: names))
            end(&entries[place], outcome)
            return (true, outcome)
        }
        if let outcome { observer?.report(first + place, outcome) }
        return isFirst
    }

    /// Gives a message its final outcome.
    func settle(_ place: Int, _ outcome: SendOutcome) {
        entries.withLock { end(&$0[place], outcome) }
        observer?.report(first + place, outcome)
    }

    /// Ends what is open because no transport is left.
    func settleOpen(allOf names: [String]) {
        for place in entries.withLock({ $0.indices }) {
            let attempts = entries.withLock { $0[place].outcome == nil ? $0[place].attempts : nil }
            if let attempts { settle(place, .failure(.ofAttempts(attempts, allOf: names))) }
        }
    }

    private func begin(_ entry: inout Entry, _ round: Int) -> Bool {
        guard entry.outcome == nil, entry.told == round else { return false }
        entry.told += 1
        return true
    }

    private func end(_ entry: inout Entry, _ outcome: SendOutcome) {
        entry.outcome = outcome
        // Its memory is not needed until the whole part is done.
        entry.request = nil
    }
}
