import PosthornNet
import Synchronization

/// What the callers of messages that are under way on a connection share: when the last of them has gone, nobody waits
/// for anything on it any more.
final class SMTPLine: Sendable {
    private let connection: Connection
    private let open = Mutex(0)

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// A message is under way.
    func enter() { open.withLock { $0 += 1 } }

    /// A message has its outcome.
    func leave() { open.withLock { $0 -= 1 } }

    /// A caller has gone without waiting for the outcome. The connection ends if it was the last one: its state is only
    /// of interest to others.
    func desert() {
        let isLast = open.withLock { open in
            open -= 1
            return open == 0
        }
        if isLast { connection.abort() }
    }
}
