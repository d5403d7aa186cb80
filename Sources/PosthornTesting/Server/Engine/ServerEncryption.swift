/// What is known of the encryption, for the sign-in.
package struct ServerEncryption: Sendable {
    /// The channel binding `tls-exporter` (RFC 9266).
    package var exporter: [UInt8]?
    /// The channel binding `tls-server-end-point` (RFC 5929).
    package var endPoint: [UInt8]?
    /// Whether the client has shown a certificate that was accepted.
    package var hasClientCertificate: Bool

    /// Creates the facts of a connection.
    package init(exporter: [UInt8]? = nil, endPoint: [UInt8]? = nil, hasClientCertificate: Bool = false) {
        self.exporter = exporter
        self.endPoint = endPoint
        self.hasClientCertificate = hasClientCertificate
    }
}
