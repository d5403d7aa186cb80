/// What the server's engine wants done, in order.
package enum SMTPServerStep: Sendable {
    /// Send these octets.
    case send([UInt8])
    /// Begin the server's side of a TLS handshake, with octets that arrive from now on.
    case startTLS
    /// A command line has come; secrets are hidden.
    case command(String)
    /// The client has done something against the protocol.
    case violation(String)
    /// A message was taken.
    case message(ReceivedMessage)
    /// End the connection after everything is sent.
    case close
}

/// What is known of the encryption, for the sign-in.
package struct SMTPServerEncryption: Sendable {
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
