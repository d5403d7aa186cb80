import COpenSSL

/// The sentences about certificates that cannot be accepted.
struct VerificationSentences {
    let peer: String
    let role: TLSEngine.Role
    var serverName: TLSServerName?
    var revocationListPath: String?
    var systemTrustIsEmpty = false

    private var operatorText: String { role == .client ? "the server's operator" : "its owner" }

    /// "the certificate of HOST", or one above it by its name.
    private func subject(_ fault: VerificationFault) -> String {
        guard fault.depth > 0, let certificate = fault.certificate else { return "the certificate of \(peer)" }
        return "the certificate of the authority '\(certificate.shortSubject)', on which that of \(peer) rests,"
    }

    func error(for fault: VerificationFault) -> TLSError {
        let detail = X509_verify_cert_error_string(Int(fault.code)).map { String(cString: $0) } ?? ""
        let (code, sentence) = wording(for: fault)
        return TLSError(code, sentence, detail: detail + " (depth \(fault.depth))")
    }

    private func wording(for fault: VerificationFault) -> (TLSError.Code, String) {
        switch fault.code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            let date = fault.certificate?.notAfter.map { " on \($0)" } ?? ""
            return (.certificateExpired, "\(subject(fault)) expired\(date); \(operatorText) must renew it")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let date = fault.certificate?.notBefore.map { " only from \($0) on" } ?? " only later"
            return (
                .certificateNotYetValid,
                "\(subject(fault)) is valid\(date); check the clock of this computer, "
                    + "otherwise \(operatorText) must replace it"
            )
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return (.hostMismatch, hostMismatch(fault.leaf))
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return (
                .selfSigned,
                "the certificate of \(peer) is self-signed and not trusted here; \(operatorText) must install one of "
                    + "an authority, or set `tls.trust` to a file with this certificate"
            )
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED:
            return unknownIssuer(fault)
        case X509_V_ERR_CERT_REVOKED:
            return (.revoked, "\(subject(fault)) was revoked by its authority; \(operatorText) must replace it")
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID,
            X509_V_ERR_CRL_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
            X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, X509_V_ERR_DIFFERENT_CRL_SCOPE:
            return (.revocationUnknown, revocationUnknown(fault))
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL:
            let key = fault.certificate?.keyDescription ?? "a key"
            return (
                .weakKey,
                "\(subject(fault)) has \(key), which is too short to be safe; \(operatorText) must renew it with "
                    + "RSA 2048 bits or more, or an elliptic curve"
            )
        case X509_V_ERR_CA_MD_TOO_WEAK:
            let algorithm = fault.certificate?.signatureAlgorithm ?? "an old algorithm"
            return (
                .weakSignature,
                "\(subject(fault)) is signed with \(algorithm), which is broken; \(operatorText) must renew it with "
                    + "SHA-256 or better"
            )
        case X509_V_ERR_INVALID_PURPOSE:
            let use = role == .client ? "servers" : "clients"
            return (
                .wrongPurpose,
                "\(subject(fault)) was not issued for the use by \(use); \(operatorText) must install one that was "
                    + "(extended key usage \(role == .client ? "serverAuth" : "clientAuth"))"
            )
        default:
            let reason = X509_verify_cert_error_string(Int(fault.code)).map { String(cString: $0) } ?? "unknown"
            return (
                .invalidCertificate,
                "\(subject(fault)) cannot be accepted: \(reason); \(operatorText) must replace it"
            )
        }
    }

    private func hostMismatch(_ leaf: X509Certificate?) -> String {
        let names = leaf?.alternativeNames ?? []
        let texts = names.map { PeerText.escaped($0.text, limit: 80) }
        guard !names.isEmpty else {
            let common = leaf?.commonName.map { " and names '\($0)' in its subject alone, which no longer counts" }
            return "the certificate presented by \(peer) is valid for no host name\(common ?? ""); \(operatorText) "
                + "must install one with the subjectAltName \(peer)"
        }
        let start =
            "the certificate presented by \(peer) is valid for \(PeerText.list(texts, empty: "")), not for \(peer)"
        if serverName?.isAddress == true {
            if texts.contains(peer), !names.contains(where: \.isAddress) {
                return "the certificate presented by \(peer) carries this address as a DNS name, which does not count; "
                    + "set `host` to the server's name, or ask \(operatorText) for a certificate with it as an address"
            }
            let dns = names.first { !$0.isAddress && !$0.text.contains("*") && $0.text != peer }
            return "\(start) as an address; "
                + (dns.map { "set `host` to \($0.text)" } ?? "set `host` to the server's name")
                + ", or ask \(operatorText) for a certificate with this address"
        }
        return "\(start)\(wildcardHint(texts)); check `host`, or ask \(operatorText) for a certificate with this name"
    }

    /// The rule for wildcards, when one looks as if it matched.
    private func wildcardHint(_ names: [String]) -> String {
        let isNear = names.contains { name in
            guard let star = name.lastIndex(of: "*") else { return false }
            return peer.hasSuffix(name[name.index(after: star)...].lowercased())
        }
        return isNear ? " (a `*` stands for one whole label, the first, with at least two others behind it)" : ""
    }

    private func unknownIssuer(_ fault: VerificationFault) -> (TLSError.Code, String) {
        let top = fault.certificate ?? fault.leaf
        let issuer = top?.shortIssuer ?? "an unnamed authority"
        let isOpenChain =
            fault.code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
            || fault.code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
        if role == .client, isOpenChain, fault.sentCount <= 1, !systemTrustIsEmpty, let leaf = fault.leaf,
            leaf.namesIssuerLocation || leaf.issuerOrganisation.map(fault.trustedOrganisations.contains) == true
        {
            return (
                .missingIntermediate,
                "\(peer) sent its certificate without that of '\(issuer)', which issued it; \(operatorText) must "
                    + "install the intermediate certificate too (the full chain)"
            )
        }
        if systemTrustIsEmpty {
            return (
                .unknownAuthority,
                "the certificate of \(peer) cannot be checked, because this computer has no list of trusted "
                    + "authorities; install it (package ca-certificates), or set `tls.trust` to a PEM file"
            )
        }
        let action =
            role == .client
            ? "if it is your own authority, set `tls.trust` to a PEM file with its root certificate; "
                + "otherwise \(operatorText) must install a certificate (with its chain) of a known one"
            : "use a certificate of an authority that this server knows"
        return (
            .unknownAuthority,
            "the certificate of \(peer) was issued by '\(issuer)', an authority that is not trusted here; \(action)"
        )
    }

    private func revocationUnknown(_ fault: VerificationFault) -> String {
        let file = revocationListPath.map { "the revocation list '\(PEMFile.shown($0))'" } ?? "the revocation list"
        switch fault.code {
        case X509_V_ERR_CRL_HAS_EXPIRED:
            let date = fault.listEnd.map { " on \($0)" } ?? ""
            return "\(file) ran out\(date), so that the certificate of \(peer) cannot be checked; fetch a current one"
        case X509_V_ERR_UNABLE_TO_GET_CRL:
            return "\(file) has no list of '\(fault.certificate?.shortIssuer ?? "the authority")', "
                + "which issued the certificate of \(peer); add that authority's list to the file"
        default:
            return "\(file) cannot be used for the certificate of \(peer); fetch it anew from its authority"
        }
    }

    func pinMismatch(leafPin: String, pinCount: Int) -> TLSError {
        TLSError(
            .pinMismatch,
            "no certificate in the chain of \(peer) has \(pinCount == 1 ? "the pinned key" : "one of the pinned keys"); "
                + "if \(operatorText) confirms the change of keys, set `tls.pins` to sha256/\(leafPin), "
                + "otherwise somebody may be listening in"
        )
    }

    func stapleMissing() -> TLSError {
        TLSError(
            .stapleMissing,
            "the certificate of \(peer) demands a stapled OCSP answer, and the server sent none that is good; "
                + "\(operatorText) must turn on OCSP stapling"
        )
    }

    func revokedByStaple(on date: TLSDate?) -> TLSError {
        TLSError(
            .revoked,
            "the certificate of \(peer) was revoked by its authority\(date.map { " on \($0)" } ?? ""); "
                + "\(operatorText) must replace it"
        )
    }
}
