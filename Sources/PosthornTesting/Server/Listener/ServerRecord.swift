/// What a test server remembers of one connection.
protocol ServerConnectionRecord: Sendable {
    associatedtype Fault: Sendable

    var number: Int { get }
    var commands: [String] { get set }
    var violations: [String] { get set }
    var faults: [Fault] { get set }
    var isEncrypted: Bool { get set }
    var isClosed: Bool { get set }
    var encryptionError: String? { get set }
    var clearOctets: [UInt8] { get set }
    var encryptedOctets: [UInt8] { get set }

    init(number: Int)
}

/// Everything that a server has seen, for the tests that look at it.
struct ServerRecord<Connection: ServerConnectionRecord, Event: Sendable>: Sendable {
    var events: [Event] = []
    var connections: [Connection] = []
    var open = 0

    /// Changes what is remembered of a connection.
    mutating func update(_ number: Int, _ change: (inout Connection) -> Void) {
        guard connections.indices.contains(number - 1) else { return }
        change(&connections[number - 1])
    }
}
