import COpenSSL

extension TLSEngine {
    /// Looks at the OCSP answer that came with the server's certificate (RFC 6066, section 8; RFC 7633).
    ///
    /// A good answer and none at all are fine, unless the certificate demands one. "Revoked" ends the connection. An
    /// answer that proves nothing (outdated, badly signed, about something else) counts as none: whoever could forge
    /// it could as well leave it out.
    ///
    /// - Returns: Whether the handshake goes on.
    func checkStapledResponse() -> Bool {
        guard role == .client, SSL_session_reused(ssl) == 0 else { return true }
        let certificates = chain(SSL_get0_verified_chain(ssl))
        guard let leaf = certificates.first else { return true }
        defer { ERR_clear_error() }
        var octets: UnsafePointer<UInt8>?
        let count = ph_SSL_get_tlsext_status_ocsp_resp(ssl, &octets)
        if let octets, count > 0 {
            switch status(in: UnsafeBufferPointer(start: octets, count: count), certificates: certificates) {
            case .good:
                stapleIsGood = true
            case .revoked(let date):
                verificationFailure = VerificationSentences(peer: peer, role: role).revokedByStaple(on: date)
                return false
            case .nothing:
                break
            }
        }
        if leaf.mustStaple, !stapleIsGood {
            verificationFailure = VerificationSentences(peer: peer, role: role).stapleMissing()
            return false
        }
        return true
    }

    private enum Status {
        case good
        case revoked(TLSDate?)
        case nothing
    }

    private func status(in octets: UnsafeBufferPointer<UInt8>, certificates: [X509Certificate]) -> Status {
        guard let leaf = certificates.first, let issuer = certificates.dropFirst().first ?? certificates.first,
            let context = clientContext, let store = SSL_CTX_get_cert_store(context.handle.pointer)
        else { return .nothing }
        var cursor = octets.baseAddress
        guard let response = d2i_OCSP_RESPONSE(nil, &cursor, octets.count) else { return .nothing }
        defer { OCSP_RESPONSE_free(response) }
        guard OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL,
            let basic = OCSP_response_get1_basic(response)
        else { return .nothing }
        defer { OCSP_BASICRESP_free(basic) }
        let verifyFlags = context.configuration.trustRoots.includesSystem ? 0 : UInt(OCSP_PARTIAL_CHAIN)
        guard OCSP_basic_verify(basic, SSL_get0_verified_chain(ssl), store, verifyFlags) == 1 else { return .nothing }
        // Responders name certificates by SHA-1 (RFC 6960's own example) or, seldom, by SHA-256.
        for digest in [EVP_sha1(), EVP_sha256()] {
            guard let identifier = OCSP_cert_to_id(digest, leaf.pointer, issuer.pointer) else { continue }
            defer { OCSP_CERTID_free(identifier) }
            var status: Int32 = -1
            var reason: Int32 = -1
            var revocation: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
            var thisUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
            var nextUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
            guard
                OCSP_resp_find_status(basic, identifier, &status, &reason, &revocation, &thisUpdate, &nextUpdate) == 1
            else { continue }
            if status == V_OCSP_CERTSTATUS_REVOKED { return .revoked(TLSDate(revocation)) }
            // Five minutes for clocks that differ; an answer without an end is good for a week.
            let longest = nextUpdate == nil ? 7 * 86_400 : -1
            guard status == V_OCSP_CERTSTATUS_GOOD, OCSP_check_validity(thisUpdate, nextUpdate, 300, longest) == 1
            else { return .nothing }
            return .good
        }
        return .nothing
    }
}
