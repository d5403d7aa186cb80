import Synchronization

/// A value behind a lock.
///
/// `@unchecked`: the value is reached only through ``withLock(_:)``. It is not inside the `Mutex`, whose closure takes
/// and gives back only what may change threads: a parser's events need not be of that kind.
final class Locked<Value>: @unchecked Sendable {
    private let lock = Mutex(())
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    /// Gives exclusive access to the value. `body` must not call out to code that may come back here.
    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { _ in Carrier(result: try body(&value)) }.result
    }

    /// `@unchecked`: made and opened by the same call, on the same thread.
    private struct Carrier<Result>: @unchecked Sendable {
        let result: Result
    }
}
