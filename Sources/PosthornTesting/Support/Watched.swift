import Synchronization

/// A value behind a lock that tasks can wait on.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let isSatisfied: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Storage {
        var value: Value
        var waiters: [UInt64: Waiter] = [:]
        var cancelled: Set<UInt64> = []
        var nextWaiter: UInt64 = 0
    }

    private let storage: Mutex<Storage>

    init(_ value: Value) {
        storage = Mutex(Storage(value: value))
    }

    /// The value as it is now.
    var current: Value { storage.withLock { $0.value } }

    /// Changes the value and wakes the tasks whose condition holds now.
    func change<Result: Sendable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var woken: [Waiter] = []
        let result = try storage.withLock { storage throws(Failure) -> Result in
            let result = try body(&storage.value)
            for (key, waiter) in storage.waiters where waiter.isSatisfied(storage.value) {
                storage.waiters[key] = nil
                woken.append(waiter)
            }
            return result
        }
        for waiter in woken { waiter.continuation.resume() }
        return result
    }

    /// Returns when the condition holds; throws `CancellationError` when the task is cancelled.
    func wait(until isSatisfied: @escaping @Sendable (Value) -> Bool) async throws {
        let key = storage.withLock { storage -> UInt64 in
            storage.nextWaiter &+= 1
            return storage.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = storage.withLock { storage in
                    if storage.cancelled.remove(key) != nil { return .failure(CancellationError()) }
                    if isSatisfied(storage.value) { return .success(()) }
                    storage.waiters[key] = Waiter(isSatisfied: isSatisfied, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = storage.withLock { storage -> Waiter? in
                if let waiter = storage.waiters.removeValue(forKey: key) { return waiter }
                storage.cancelled.insert(key)
                return nil
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
        // A cancellation that came too late to matter has left its mark behind.
        storage.withLock { _ = $0.cancelled.remove(key) }
    }

    /// Returns `true` when the condition holds, `false` when that takes longer than `timeout`.
    func wait(until isSatisfied: @escaping @Sendable (Value) -> Bool, timeout: Duration) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.wait(until: isSatisfied)
                return true
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return false
            }
            let first = try await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
