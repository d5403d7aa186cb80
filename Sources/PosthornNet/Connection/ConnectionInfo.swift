/// What is known about a connection, for diagnosis, `Received` headers and logs.
package struct ConnectionInfo: Sendable {
    /// This side's address without port, such as `192.0.2.7`.
    package var localAddress: String?
    /// This side's port.
    package var localPort: Int?
    /// The peer's address (the proxy's, if there is one).
    package var peerAddress: String?
    /// The server that was asked for.
    package var endpoint: Endpoint
    /// What the name (the proxy's, if there is one) was resolved to, in the order of the attempts.
    package var addresses: [String] = []
    /// How long resolving took.
    package var resolveDuration: Duration = .zero
    /// How long resolving and connecting took.
    package var connectDuration: Duration = .zero
}
