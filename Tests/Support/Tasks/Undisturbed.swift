import Dispatch
package import Testing

/// Threads of its own for tests that wait for something: other tests may keep the shared ones busy for seconds.
///
/// A task that such a test starts by itself wants `Task(executorPreference: QueueExecutor.shared)`.
package struct Undisturbed: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(QueueExecutor.shared) { try await function() }
    }
}

extension Trait where Self == Undisturbed {
    /// Threads of its own.
    package static var undisturbed: Undisturbed { Undisturbed() }
}

/// Runs tasks on as many threads as they need.
package final class QueueExecutor: TaskExecutor {
    package static let shared = QueueExecutor()
    private let queue = DispatchQueue(label: "posthorn.tests", qos: .userInitiated, attributes: .concurrent)

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
