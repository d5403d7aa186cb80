/// What a TLS client demands of its servers.
///
/// Verification has no switch: chain, dates, purpose, host name (RFC 9525) and key strength are always checked. The
/// files named here are read by ``TLSContext/init(_:)``.
package struct TLSConfiguration: Sendable, Hashable {
    /// The authorities that are believed. Default: those of the system.
    package var trustRoots: TLSTrustRoots = .system

    /// A PEM file with revocation lists. When given, the list of the authority that issued the server's certificate
    /// must be in it and current; the lists of authorities further up are honoured if they are there.
    package var revocationList: String?

    /// Pinned public keys: base64 of the SHA-256 of the SubjectPublicKeyInfo, with or without `sha256/` in front
    /// (RFC 7469, section 2.4). If there are any, one certificate of the verified chain must match, in addition to
    /// everything else that is checked.
    package var pins: [String] = []

    /// The certificate that the client shows to servers that ask for one.
    package var clientIdentity: TLSIdentity?

    /// The lowest protocol version taken: TLS 1.2 (default) or 1.3.
    package var minimumVersion: TLSVersion = .v1_2

    /// The highest protocol version offered. Default: the highest there is.
    package var maximumVersion: TLSVersion = .v1_3

    /// OpenSSL's list of ciphers for TLS 1.2; `nil` for the library's default. No list brings back ciphers below
    /// security level 2 or without authentication.
    package var cipherList: String?

    /// OpenSSL's colon-separated list of TLS 1.3 cipher suites; `nil` for the library's default.
    package var cipherSuites: String?

    /// The application protocols offered (RFC 7301), most wanted first; each of 1 to 255 octets.
    package var applicationProtocols: [String] = []

    /// The most octets that a server may send before the handshake is complete.
    package var maximumHandshakeBytes = 256 * 1024

    package init() {}

    /// Takes the system's trust roots with everything else at its default, or the given roots.
    package init(trustRoots: TLSTrustRoots) { self.trustRoots = trustRoots }
}
