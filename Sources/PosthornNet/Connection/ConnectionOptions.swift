package import PosthornTLS

/// How connections to a server are made. Make it once per account and use it for every connection.
package struct ConnectionOptions: Sendable {
    /// What the peer is, as errors name it: `SMTP`, `POP3`, `IMAP`.
    package var service: String
    /// How the connection is protected. With ``ConnectionSecurity/tls`` the handshake is part of connecting.
    package var security: ConnectionSecurity
    /// What is demanded of the server's certificate; needed unless `security` is `none`.
    package var tls: TLSContext?
    /// Sessions to be resumed; `nil` for a full handshake each time.
    package var sessions: TLSSessionCache?
    /// Whoever signs in: sessions of one are never used for another.
    package var identity: String
    /// The limits of time.
    package var timeouts = Timeouts()
    /// A proxy between this computer and the server.
    package var proxy: ProxyServer?
    /// Hears what the two sides say to one another, redacted.
    package var transcript = Transcript()
    /// The most octets received for one event of a parser: 1 MiB.
    package var replyLimit = 1024 * 1024
    /// How long the next address of the host is held back while an attempt is under way (RFC 8305): 250 ms.
    package var attemptDelay: Duration = .milliseconds(250)
    /// Leaves a TLS handshake that belongs to connecting to ``Connection/startTLS()``; for a diagnosis in steps.
    package var defersTLS = false
    /// Stands for the system's resolver in tests: host and port to addresses as text.
    package var resolver: (@Sendable (String) async throws -> [String])?

    package init(
        service: String,
        security: ConnectionSecurity,
        tls: TLSContext? = nil,
        sessions: TLSSessionCache? = nil,
        identity: String = ""
    ) {
        self.service = service
        self.security = security
        self.tls = tls
        self.sessions = sessions
        self.identity = identity
    }
}
