import Dispatch
package import Testing

/// Keeps tests that compute and tests that wait apart.
///
/// All tests of a process run at once. On the shared threads, of which there are as many as cores, tests that compute for
/// seconds would hold up every test that waits for a reply with a limit of time; and hundreds of those at once would hold
/// up one another.
///
/// A task that a test starts by itself wants `Task(executorPreference: QueueExecutor.waiting)`.
package struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
    fileprivate let executor: QueueExecutor

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        await executor.turnstile.enter()
        defer { executor.turnstile.leave() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == OwnThreads {
    /// For tests that wait for something: as many threads as they need, for a few tests at a time.
    package static var undisturbed: OwnThreads { OwnThreads(executor: .waiting) }

    /// For tests that compute: one thread for them all.
    package static var computing: OwnThreads { OwnThreads(executor: .computing) }
}

/// Runs tasks on the threads of a queue.
package final class QueueExecutor: TaskExecutor {
    /// As many threads as are needed.
    package static let waiting = QueueExecutor(
        DispatchQueue(label: "posthorn.tests.waiting", qos: .userInitiated, attributes: .concurrent),
        places: 12
    )
    /// One thread.
    package static let computing = QueueExecutor(
        DispatchQueue(label: "posthorn.tests.computing", qos: .utility),
        places: 2
    )

    fileprivate let turnstile: Turnstile
    private let queue: DispatchQueue

    private init(_ queue: DispatchQueue, places: Int) {
        self.queue = queue
        turnstile = Turnstile(places: places)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
