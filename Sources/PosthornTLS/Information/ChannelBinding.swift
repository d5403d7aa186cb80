import COpenSSL

extension TLSEngine {
    /// The channel binding `tls-exporter` (RFC 9266): 32 octets that both ends of this connection, and nobody else,
    /// know. `nil` before the handshake, and for TLS 1.2 without the extended master secret (RFC 7627), where they
    /// would not be unique.
    package var tlsExporter: [UInt8]? {
        guard handshakeState == .complete else { return nil }
        if TLSVersion(of: ssl) < .v1_3, ph_SSL_get_extms_support(ssl) != 1 { return nil }
        let label = "EXPORTER-Channel-Binding"
        var result = [UInt8](repeating: 0, count: 32)
        // The context is present and empty, which TLS 1.2 distinguishes from none.
        let empty: [UInt8] = [0]
        ERR_clear_error()
        let isDone = SSL_export_keying_material(ssl, &result, result.count, label, label.utf8.count, empty, 0, 1)
        ERR_clear_error()
        return isDone == 1 ? result : nil
    }

    /// The channel binding `tls-server-end-point` (RFC 5929, section 4): the hash of the server's certificate, with
    /// the hash function of its signature, SHA-256 in place of MD5 and SHA-1. `nil` before the handshake, and for
    /// certificates whose signature has no hash function of its own (Ed25519).
    package var tlsServerEndPoint: [UInt8]? {
        guard handshakeState == .complete else { return nil }
        let certificate = role == .client ? SSL_get0_peer_certificate(ssl) : SSL_get_certificate(ssl)
        guard let certificate else { return nil }
        var digest: Int32 = 0
        guard X509_get_signature_info(certificate, &digest, nil, nil, nil) == 1, digest != NID_undef else {
            ERR_clear_error()
            return nil
        }
        if digest == NID_md5 || digest == NID_sha1 || digest == NID_md5_sha1 { digest = NID_sha256 }
        guard let name = OBJ_nid2sn(digest), let function = EVP_get_digestbyname(name) else { return nil }
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, function, &result, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        result.removeLast(result.count - Int(count))
        return result
    }
}
