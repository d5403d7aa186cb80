import Synchronization

/// Everything that a server has seen, for the tests that look at it.
struct SMTPServerRecord: Sendable {
    var messages: [ReceivedMessage] = []
    var connections: [SMTPServerConnection] = []
    var open = 0

    /// Changes what is remembered of a connection.
    mutating func update(_ number: Int, _ change: (inout SMTPServerConnection) -> Void) {
        guard connections.indices.contains(number - 1) else { return }
        change(&connections[number - 1])
    }
}
