import Dispatch
import Testing

/// Gives tests that look at the clock threads of their own: tests that compute keep the shared ones busy for seconds.
struct Undisturbed: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(DispatchExecutor.shared) { try await function() }
    }
}

extension Trait where Self == Undisturbed {
    static var undisturbed: Undisturbed { Undisturbed() }
}

private final class DispatchExecutor: TaskExecutor {
    static let shared = DispatchExecutor()
    private let queue = DispatchQueue(label: "posthorn.smtp-tests", qos: .userInitiated, attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
