import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns SIGINT and SIGTERM into the cancellation of a task, so that a transfer ends cleanly and what is known of the
/// message is told. The second signal ends the process at once.
final class Interruption: Sendable {
    private struct State: Sendable {
        var received: CInt?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// The first signal that came.
    var signal: CInt? { state.withLock { $0.received } }

    /// Runs `body` in a task that a signal cancels.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let queue = DispatchQueue(label: "posthorn.signals")
        let sources = [SIGINT, SIGTERM].map { number in
            // Otherwise the signal would end the process before the source hears it.
            systemSignal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in heard(number) }
            source.activate()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let task = Task { try await body() }
        let isLate = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.received != nil
        }
        if isLate { task.cancel() }
        return try await task.value
    }

    private func heard(_ number: CInt) {
        let (isFirst, cancel) = state.withLock { state in
            defer { state.received = state.received ?? number }
            return (state.received == nil, state.cancel)
        }
        guard isFirst else { _exit(128 + number) }
        cancel?()
    }
}

private func systemSignal(_ number: CInt, _ handler: sighandler_t?) {
    #if canImport(Glibc)
        _ = Glibc.signal(number, handler)
    #elseif canImport(Musl)
        _ = Musl.signal(number, handler)
    #else
        _ = Darwin.signal(number, handler)
    #endif
}
