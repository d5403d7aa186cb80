/// How far a connection has come.
package enum TLSHandshakeState: Sendable, Hashable {
    /// ``TLSEngine/start()`` was not called yet.
    case idle
    /// Messages of the handshake are on their way.
    case inProgress
    /// The peer is verified; plaintext may flow.
    case complete
    /// An error ended the connection.
    case failed
}
