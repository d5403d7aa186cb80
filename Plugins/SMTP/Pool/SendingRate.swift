/// Keeps the number of messages in any minute below a limit.
struct SendingRate {
    private let limit: Int
    /// When the last messages began, at most ``limit`` of them, the oldest at ``next``.
    private var starts: [ContinuousClock.Instant] = []
    private var next = 0

    /// At most `limit` messages in any 60 seconds.
    init(perMinute limit: Int) {
        self.limit = max(1, limit)
    }

    /// Takes the right to begin a message now.
    ///
    /// - Returns: `nil` if it was given; otherwise when to ask again.
    mutating func take(at now: ContinuousClock.Instant = .now) -> ContinuousClock.Instant? {
        guard starts.count == limit else {
            starts.append(now)
            return nil
        }
        let free = starts[next] + .seconds(60)
        guard free <= now else { return free }
        starts[next] = now
        next = (next + 1) % limit
        return nil
    }
}
