import COpenSSL

extension TLSEngine {
    /// Decides about one fault in a chain. Only one kind is passed over: an authority above the issuer of the
    /// certificate has no revocation list here. Any other is kept, with its sentence, as the connection's error.
    func tolerates(_ store: OpaquePointer) -> Bool {
        let code = X509_STORE_CTX_get_error(store)
        let depth = X509_STORE_CTX_get_error_depth(store)
        if code == X509_V_ERR_UNABLE_TO_GET_CRL, depth > 0 {
            X509_STORE_CTX_set_error(store, X509_V_OK)
            return true
        }
        let certificates = chain(X509_STORE_CTX_get0_chain(store))
        let current = X509_STORE_CTX_get_current_cert(store).map { X509Certificate(borrowed: $0) }
        let fault = VerificationFault(
            code: code,
            depth: Int(depth),
            certificate: current ?? certificates.first,
            leaf: certificates.first ?? current,
            sentCount: Int(ph_sk_X509_num(X509_STORE_CTX_get0_untrusted(store))),
            listEnd: X509_STORE_CTX_get0_current_crl(store).flatMap { TLSDate(X509_CRL_get0_nextUpdate($0)) },
            trustedOrganisations: trustedOrganisations(store)
        )
        if verificationFailure == nil {
            verificationFailure = VerificationSentences(
                peer: peer,
                role: role,
                serverName: serverName,
                revocationListPath: clientContext?.configuration.revocationList,
                systemTrustIsEmpty: clientContext?.hasEmptySystemTrust ?? false
            ).error(for: fault)
        }
        return false
    }

    /// Whether one certificate of the verified chain has a pinned key, or nothing is pinned.
    func checkPins(_ store: OpaquePointer) -> Bool {
        guard let pins = clientContext?.pins, !pins.isEmpty else { return true }
        let hashes = chain(X509_STORE_CTX_get0_chain(store)).map(\.publicKeyHash)
        if hashes.contains(where: pins.contains) { return true }
        verificationFailure = VerificationSentences(peer: peer, role: role)
            .pinMismatch(leafPin: Base64.encode(hashes.first ?? []), pinCount: pins.count)
        return false
    }

    func chain(_ stack: OpaquePointer?) -> [X509Certificate] {
        (0..<min(ph_sk_X509_num(stack), 100)).compactMap { index in
            ph_sk_X509_value(stack, index).map { X509Certificate(borrowed: $0) }
        }
    }

    /// The organisations of the authorities that are loaded, to tell a chain with a hole from an unknown authority.
    private func trustedOrganisations(_ store: OpaquePointer) -> Set<String> {
        guard let trust = X509_STORE_CTX_get0_store(store) else { return [] }
        X509_STORE_lock(trust)
        defer { X509_STORE_unlock(trust) }
        let objects = X509_STORE_get0_objects(trust)
        var result: Set<String> = []
        for index in 0..<min(ph_sk_X509_OBJECT_num(objects), 1000) {
            guard let certificate = X509_OBJECT_get0_X509(ph_sk_X509_OBJECT_value(objects, index)) else { continue }
            if let name = X509Certificate(borrowed: certificate).subjectOrganisation { result.insert(name) }
        }
        return result
    }
}
