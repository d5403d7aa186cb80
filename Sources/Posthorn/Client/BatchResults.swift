import Synchronization

/// What became of the messages of a part of a batch.
final class BatchResults: Sendable {
    private struct Entry: Sendable {
        var prepared: OutgoingPolicy.Result?
        var outcome: SendOutcome?
        var attempts: [SendReceipt.FailedAttempt] = []
        /// The transport whose outcome was taken last.
        var transport: String?
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
    var open: [(place: Int, message: OutgoingPolicy.Result)] {
        entries.withLock { entries in
            entries.enumerated().compactMap { place, entry in
                entry.outcome == nil ? entry.prepared.map { (place, $0) } : nil
            }
        }
    }

    /// All outcomes.
    var outcomes: [SendOutcome] {
        entries.withLock { $0.map { $0.outcome ?? .failure(.withoutOutcome()) } }
    }

    func prepared(_ place: Int, _ message: OutgoingPolicy.Result) {
        entries.withLock { $0[place].prepared = message }
    }

    /// Whether this is the first outcome that a transport tells of a message.
    func begin(_ place: Int, _ transport: String) -> Bool {
        entries.withLock { entries in
            guard entries[place].transport != transport, entries[place].outcome == nil else { return false }
            entries[place].transport = transport
            return true
        }
    }

    func succeed(_ place: Int, _ receipt: SendReceipt) {
        var receipt = receipt
        receipt.failedAttempts = entries.withLock { $0[place].attempts }
        settle(place, .success(receipt))
    }

    func fail(_ place: Int, _ attempt: SendReceipt.FailedAttempt, isFinal: Bool, allOf names: [String]) {
        let attempts = entries.withLock { entries in
            entries[place].attempts.append(attempt)
            return entries[place].attempts
        }
        if isFinal { settle(place, .failure(.ofAttempts(attempts, allOf: names))) }
    }

    /// Gives a message its final outcome and tells it.
    func settle(_ place: Int, _ outcome: SendOutcome) {
        entries.withLock { entries in
            entries[place].outcome = outcome
            // Its memory is not needed until the whole part is done.
            entries[place].prepared = nil
        }
        observer?.report(first + place, outcome)
    }

    /// Ends what is open because no transport is left.
    func settleOpen(allOf names: [String]) {
        for place in entries.withLock({ $0.indices }) {
            let attempts = entries.withLock { $0[place].outcome == nil ? $0[place].attempts : nil }
            if let attempts { settle(place, .failure(.ofAttempts(attempts, allOf: names))) }
        }
    }
}
