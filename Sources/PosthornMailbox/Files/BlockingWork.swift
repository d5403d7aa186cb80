import Dispatch

/// Work that waits for a disk, away from the threads on which tasks run.
enum BlockingWork {
    /// Runs the closure on a thread of its own kind and returns what it returned.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try body() })
            }
        }
    }
}
