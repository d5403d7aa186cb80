/// What a TLS server shows and demands; for the in-process servers that programs are tested against.
package struct TLSServerConfiguration: Sendable, Hashable {
    /// Whether clients are asked for a certificate.
    package struct ClientCertificates: Sendable, Hashable {
        enum Demand: Sendable, Hashable {
            case none
            case wanted(TLSTrustRoots)
            case required(TLSTrustRoots)
        }

        let demand: Demand

        /// Clients are not asked.
        package static let none = ClientCertificates(demand: .none)

        /// Clients are asked and may refuse; a certificate that is shown must be issued by these authorities.
        package static func wanted(issuedBy roots: TLSTrustRoots) -> ClientCertificates {
            ClientCertificates(demand: .wanted(roots))
        }

        /// Clients must show a certificate issued by these authorities.
        package static func required(issuedBy roots: TLSTrustRoots) -> ClientCertificates {
            ClientCertificates(demand: .required(roots))
        }
    }

    /// The server's certificate and key.
    package var identity: TLSIdentity
    /// Whether clients are asked for a certificate.
    package var clientCertificates: ClientCertificates = .none
    /// The lowest protocol version spoken. Below TLS 1.2 needs `securityLevel` 0.
    package var minimumVersion: TLSVersion = .v1_2
    /// The highest protocol version spoken.
    package var maximumVersion: TLSVersion = .v1_3
    /// OpenSSL's security level; 0 lets a test server show weak certificates and old versions.
    package var securityLevel = 2
    /// OpenSSL's list of ciphers for TLS 1.2; `nil` for the library's default.
    package var cipherList: String?
    /// The application protocols spoken, most wanted first.
    package var applicationProtocols: [String] = []
    /// A DER-encoded OCSP response to staple for clients that ask.
    package var stapledResponse: [UInt8]?
    /// Whether sessions may be resumed.
    package var allowsResumption = true
    /// The most octets that a client may send before the handshake is complete.
    package var maximumHandshakeBytes = 256 * 1024

    package init(identity: TLSIdentity) { self.identity = identity }
}
