import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A server that follows a script, for clients that have to cope with it; plain TCP on 127.0.0.1, without TLS.
///
/// It is stopped by `stop()` and when the value goes away.
package final class TranscriptServer: Sendable {
    /// What happened on one connection.
    package struct Connection: Sendable {
        /// Every byte that came from the client.
        package var received: [UInt8] = []
        /// How many bytes were written.
        package var sentCount = 0
        /// What came otherwise than the script expects; `nil` as long as all is well.
        package var failure: String?
        /// Whether the script has been played to its end, or broken off.
        package var isFinished = false

        /// The received bytes as text.
        package var receivedText: String { String(decoding: received, as: UTF8.self) }
    }

    /// The port on 127.0.0.1.
    package let port: Int
    private let core: Core

    /// Starts a server that plays one script for every connection.
    package convenience init(_ steps: [TranscriptStep]) throws {
        try self.init(scripts: [steps])
    }

    /// Starts a server that plays the first script for the first connection and so on, the last one for all others.
    package init(scripts: [[TranscriptStep]]) throws {
        let (listener, port) = try Loopback.listen()
        self.port = port
        self.core = Core(listener: listener, scripts: scripts)
        Thread.detachNewThread { [core] in core.accept() }
    }

    deinit {
        core.stop()
    }

    /// All connections so far, in the order in which they were accepted.
    package var connections: [Connection] { core.connections }

    /// Everything that was received on the first connection, as text.
    package var received: String { connections.first?.receivedText ?? "" }

    /// How many bytes were written on all connections.
    package var sentCount: Int { connections.reduce(0) { $0 + $1.sentCount } }

    /// Waits until that many connections have come and their scripts are over; throws when one went otherwise.
    @discardableResult
    package func finished(connections count: Int = 1, within limit: Duration = .seconds(30)) async throws
        -> [Connection]
    {
        let done = try await eventually("\(count) connections to be played to the end", within: limit) {
            let connections = core.connections
            return connections.count >= count && connections.allSatisfy(\.isFinished) ? connections : nil
        }
        for case let failure? in done.map(\.failure) { throw SupportError(failure) }
        return done
    }

    /// Closes everything; connections that stall are cut.
    package func stop() {
        core.stop()
    }
}

extension TranscriptServer {
    /// What the threads share.
    private final class Core: Sendable {
        private struct State {
            var connections: [Connection] = []
            var open: [Int: Int32] = [:]
            var isStopped = false
        }

        private let listener: Int32
        private let scripts: [[TranscriptStep]]
        private let state = Mutex(State())

        init(listener: Int32, scripts: [[TranscriptStep]]) {
            self.listener = listener
            self.scripts = scripts
        }

        var connections: [Connection] { state.withLock { $0.connections } }
        var isStopped: Bool { state.withLock { $0.isStopped } }

        func update(_ number: Int, _ change: (inout Connection) -> Void) {
            state.withLock { change(&$0.connections[number]) }
        }

        func stop() {
            state.withLock { state in
                guard !state.isStopped else { return }
                state.isStopped = true
                // Wakes the threads, which close their descriptors themselves.
                shutdown(listener, Int32(SHUT_RDWR))
                for descriptor in state.open.values { shutdown(descriptor, Int32(SHUT_RDWR)) }
            }
        }

        func accept() {
            while true {
                let descriptor = acceptConnection(listener)
                let number: Int? = state.withLock { state in
                    guard !state.isStopped, descriptor >= 0 else { return nil }
                    state.connections.append(Connection())
                    state.open[state.connections.count - 1] = descriptor
                    return state.connections.count - 1
                }
                if let number {
                    let script = scripts.isEmpty ? [] : scripts[min(number, scripts.count - 1)]
                    Thread.detachNewThread { [self] in play(script, on: descriptor, number: number) }
                } else {
                    if descriptor >= 0 { close(descriptor) }
                    if isStopped {
                        close(listener)
                        return
                    }
                    usleep(1_000)
                }
            }
        }

        private func play(_ script: [TranscriptStep], on descriptor: Int32, number: Int) {
            var player = TranscriptPlayer(
                descriptor: descriptor,
                isStopped: { [self] in isStopped },
                record: { [self] change in update(number, change) }
            )
            let failure = player.play(script)
            state.withLock { state in
                state.open[number] = nil
                close(descriptor)
                state.connections[number].failure = state.isStopped ? nil : failure
                state.connections[number].isFinished = true
            }
        }
    }
}
