import Posthorn
import Synchronization

/// Collects what a suite finds about one rule.
final class FindingList: Sendable {
    private let rule: String
    private let sentences = Mutex<[String]>([])

    init(rule: String) {
        self.rule = rule
    }

    var findings: [ConformanceFailure.Finding] {
        sentences.withLock { $0 }.map { ConformanceFailure.Finding(rule: rule, sentence: $0) }
    }

    /// Notes a departure from the contract.
    func add(_ sentence: String) {
        sentences.withLock { $0.append(PeerText.shown(sentence, limit: 2_000)) }
    }

    /// Notes a departure unless the condition holds.
    func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
        if !condition { add(sentence()) }
    }
}

/// Thrown inside a suite when a rule cannot be checked any further; its sentence has been noted.
struct RuleAborted: Error {}

/// Runs work that may not heed its cancellation, and gives up on it after a while.
enum Patience {
    /// The outcome of the work, or `nil` if it took longer than `limit`. The work is cancelled then and left to itself.
    static func outcome<Result: Sendable>(
        within limit: Duration,
        of work: @escaping @Sendable () async throws -> Result
    ) async -> Swift.Result<Result, any Error>? {
        await outcome(within: limit, of: Task { try await work() })
    }

    /// The same for a task that runs already.
    static func outcome<Result: Sendable>(
        within limit: Duration,
        of task: Task<Result, any Error>
    ) async -> Swift.Result<Result, any Error>? {
        let ended = Watched(false)
        Task {
            _ = await task.result
            ended.change { $0 = true }
        }
        // Only the caller's own cancellation makes the wait throw.
        guard (try? await ended.wait(until: { $0 }, timeout: limit)) == true else {
            task.cancel()
            return nil
        }
        return await task.result
    }
}
