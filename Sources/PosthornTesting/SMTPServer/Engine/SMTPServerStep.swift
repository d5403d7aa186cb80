/// What the server's engine wants done, in order.
package enum SMTPServerStep: Sendable {
    /// Send these octets.
    case send([UInt8])
    /// Do nothing for a while; what comes meanwhile is read afterwards.
    case wait(Duration)
    /// Begin the server's side of a TLS handshake, with octets that arrive from now on.
    case startTLS(SMTPServerHandshake)
    /// A command line has come; secrets are hidden.
    case command(String)
    /// The client has done something against the protocol.
    case violation(String)
    /// A message was taken.
    case message(ReceivedMessage)
    /// A fault has struck.
    case fault(SMTPServerFault)
    /// End the connection after everything is sent, or fall silent.
    case end(SMTPServerFault.Ending)
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
