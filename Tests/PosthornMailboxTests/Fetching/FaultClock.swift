import Posthorn
import Synchronization

/// Lets a program "die" at its nth step: this step and all that follow fail, until it is revived.
final class FaultClock: Sendable {
    private struct State {
        var left: Int?
        var isDead = false
        var steps = 0
    }

    private let state = Mutex(State())

    /// `nil`: nothing fails.
    func arm(_ left: Int?) { state.withLock { $0 = State(left: left) } }

    var hasStruck: Bool { state.withLock { $0.isDead } }
    var steps: Int { state.withLock { $0.steps } }

    /// Whether this step fails.
    func strikes() -> Bool {
        state.withLock { state in
            state.steps += 1
            guard !state.isDead, let left = state.left else { return state.isDead }
            state.left = left - 1
            state.isDead = left <= 1
            return state.isDead
        }
    }

    func step() throws {
        if strikes() { throw MailError(.connectionLost, "the program died here") }
    }
}
