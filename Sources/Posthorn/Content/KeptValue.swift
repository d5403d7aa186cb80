import Synchronization

extension Mutex {
    /// The value that is kept; the first time, it is made.
    ///
    /// Two callers at once may both make it, which costs time and nothing else: nobody waits with a lock in hand.
    func kept<Kept: Sendable, Failure>(_ make: () throws(Failure) -> Kept) throws(Failure) -> Kept
    where Value == Kept? {
        if let value = withLock({ $0 }) { return value }
        let value = try make()
        withLock { $0 = value }
        return value
    }
}
