import Posthorn
import Synchronization

/// The messages of one call, and the caller that waits for their outcomes.
final class SMTPSubmission: Sendable {
    private struct State: Sendable {
        var outcomes: [SendOutcome?]
        var left: Int
        var continuation: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>
    private let observer: BatchObserver?
    private let account: String

    /// - Parameter account: the transport's name, for errors.
    init(count: Int, account: String, observer: BatchObserver?) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), left: count))
        self.account = account
        self.observer = observer
    }

    /// Takes the outcome of a message. Called once for each.
    func complete(_ index: Int, _ outcome: SendOutcome) {
        var outcome = outcome
        if case .failure(var error) = outcome, error.account == nil {
            error.account = account
            outcome = .failure(error)
        }
        observer?.report(index, outcome)
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.outcomes[index] = outcome
            state.left -= 1
            guard state.left == 0 else { return nil }
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume()
    }

    /// Waits until every message has its outcome.
    func outcomes() async -> [SendOutcome] {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.left > 0 { state.continuation = continuation }
                return state.left == 0
            }
            if isDone { continuation.resume() }
        }
        return state.withLock { $0.outcomes.compactMap { $0 } }
    }
}
