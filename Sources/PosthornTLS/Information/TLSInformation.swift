import COpenSSL

/// What was agreed in a handshake, for logs, for people and for the sign-in.
package struct TLSInformation: Sendable, Hashable {
    package let version: TLSVersion
    /// OpenSSL's name of the cipher, for example `TLS_AES_256_GCM_SHA384`.
    package let cipher: String
    /// The application protocol agreed upon (RFC 7301).
    package let applicationProtocol: String?
    /// The peer's chain as it was verified, its own certificate first; for a resumed connection its own alone.
    package let certificates: [CertificateSummary]
    /// Whether an earlier session was continued.
    package let wasResumed: Bool
    /// Whether a good OCSP answer was stapled.
    package let hasGoodStaple: Bool
}

extension TLSEngine {
    /// What was agreed; `nil` before the handshake is complete.
    package var information: TLSInformation? {
        guard handshakeState == .complete else { return nil }
        var octets: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &octets, &count)
        let name = octets.map { PeerText.escaped(UnsafeRawBufferPointer(start: $0, count: Int(count)), limit: 255) }
        let verified = chain(SSL_get0_verified_chain(ssl))
        let certificates = verified.isEmpty ? [peerCertificate].compactMap(\.self) : verified
        return TLSInformation(
            version: TLSVersion(of: ssl),
            cipher: SSL_get_current_cipher(ssl).flatMap { SSL_CIPHER_get_name($0) }.map { String(cString: $0) } ?? "",
            applicationProtocol: count > 0 ? name : nil,
            certificates: certificates.map { CertificateSummary($0) },
            wasResumed: wasResumed,
            hasGoodStaple: stapleIsGood
        )
    }
}
