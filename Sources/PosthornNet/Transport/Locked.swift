import NIOConcurrencyHelpers

/// A value behind a lock.
///
/// `@unchecked`: the value is reached only through ``withLock(_:)``. `Mutex` is not used because its closure is
/// `sending`, and a parser's `inout` and its events need not be.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NIOLock()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    /// Gives exclusive access to the value. `body` must not call out to code that may come back here.
    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
