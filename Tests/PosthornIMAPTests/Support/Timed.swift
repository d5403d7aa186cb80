import Synchronization

/// How long a call took, less the time by which this computer was late for everybody meanwhile.
///
/// A busy computer wakes a task seconds after its time; a limit of ours that comes late for this reason is kept.
func timed<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> (Result, Duration) {
    let isOver = Mutex(false)
    let step = Duration.milliseconds(20)
    async let lateness = {
        var late = Duration.zero
        while !isOver.withLock({ $0 }) {
            let start = ContinuousClock.now
            try? await Task.sleep(for: step)
            late += max(.zero, ContinuousClock.now - start - step)
        }
        return late
    }()
    let start = ContinuousClock.now
    let result: Result
    do {
        result = try await body()
    } catch {
        isOver.withLock { $0 = true }
        throw error
    }
    let duration = ContinuousClock.now - start
    isOver.withLock { $0 = true }
    return (result, max(.zero, duration - (await lateness)))
}
