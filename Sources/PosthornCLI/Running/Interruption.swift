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
    private let received = Mutex<CInt?>(nil)

    /// The first signal that came.
    var signal: CInt? { received.withLock { $0 } }

    /// Runs `body` in a task that a signal cancels.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task { try await body() }
        let queue = DispatchQueue(label: "posthorn.signals")
        let sources = [SIGINT, SIGTERM].map { number in
            // Otherwise the signal would end the process before the source hears it.
            systemSignal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in
                let isFirst = received.withLock { received in
                    defer { received = received ?? number }
                    return received == nil
                }
                guard isFirst else { _exit(128 + number) }
                task.cancel()
            }
            source.activate()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await task.value
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
