import Dispatch

/// Runs what waits for the disk, on a thread of its own: neither the pool that all tasks share nor a connection's thread
/// stands still meanwhile.
final class FileExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "posthorn.files")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs `body` there.
    func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await withTaskExecutorPreference(self) { try await body() }
    }
}
