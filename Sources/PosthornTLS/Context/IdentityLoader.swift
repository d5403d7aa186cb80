import COpenSSL

/// Reads a certificate with its key and gives both to an `SSL_CTX`.
enum IdentityLoader {
    static func load(_ identity: TLSIdentity, role: String, into context: ContextHandle) throws(TLSError) {
        switch identity.source {
        case .pem(let certificate, let key):
            let chain = try PEMFile.certificates(at: certificate, role: "\(role) certificate")
            let privateKey = try PEMFile.privateKey(at: key, role: "\(role) key", passphrase: identity.passphrase)
            defer { EVP_PKEY_free(privateKey) }
            try install(chain, privateKey, certificatePath: certificate, keyPath: key, role: role, into: context)
        case .pkcs12(let file):
            let (chain, privateKey) = try readPKCS12(file, role: role, passphrase: identity.passphrase)
            defer { EVP_PKEY_free(privateKey) }
            try install(chain, privateKey, certificatePath: file, keyPath: file, role: role, into: context)
        }
    }

    private static func install(
        _ chain: [X509Certificate],
        _ key: OpaquePointer,
        certificatePath: String,
        keyPath: String,
        role: String,
        into context: ContextHandle
    ) throws(TLSError) {
        guard let leaf = chain.first else { return }
        if X509_check_private_key(leaf.pointer, key) != 1 {
            throw TLSError(
                .configuration,
                "the \(role) key '\(PEMFile.shown(keyPath))' does not belong to the first certificate of "
                    + "'\(PEMFile.shown(certificatePath))' (\(leaf.shortSubject)); name the key it was made with, and "
                    + "put this certificate before the intermediate ones",
                detail: OpenSSLErrorQueue.take().text
            )
        }
        let isUsed =
            SSL_CTX_use_certificate(context.pointer, leaf.pointer) == 1
            && chain.dropFirst().allSatisfy { ph_SSL_CTX_add1_chain_cert(context.pointer, $0.pointer) == 1 }
            && SSL_CTX_use_PrivateKey(context.pointer, key) == 1
        guard isUsed else {
            let queue = OpenSSLErrorQueue.take()
            let sentence =
                if queue.contains(library: Int32(ERR_LIB_SSL), reason: Int32(SSL_R_EE_KEY_TOO_SMALL))
                    || queue.contains(library: Int32(ERR_LIB_SSL), reason: Int32(SSL_R_CA_KEY_TOO_SMALL))
                {
                    "has \(leaf.keyDescription), which is too short; have one issued with RSA 2048 bits or more"
                } else if queue.contains(library: Int32(ERR_LIB_SSL), reason: Int32(SSL_R_CA_MD_TOO_WEAK)) {
                    "is signed with a broken algorithm (\(leaf.signatureAlgorithm)); have one issued with SHA-256"
                } else {
                    "cannot be used; have a new one issued"
                }
            throw TLSError(
                .configuration,
                "the \(role) certificate '\(PEMFile.shown(certificatePath))' \(sentence)",
                detail: queue.text
            )
        }
    }

    /// A C string without characters, which lives as long as the process.
    private static var emptyText: UnsafePointer<CChar>? {
        UnsafeRawPointer(StaticString("").utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static func readPKCS12(
        _ path: String,
        role: String,
        passphrase: TLSPassphrase?
    ) throws(TLSError) -> ([X509Certificate], OpaquePointer) {
        let fileRole = "\(role) PKCS#12"
        let bio = try PEMFile.open(path, role: fileRole)
        defer { BIO_free(bio) }
        guard let container = d2i_PKCS12_bio(bio, nil) else {
            throw TLSError(
                .configuration,
                "the \(fileRole) file '\(PEMFile.shown(path))' is not a PKCS#12 file; name a .p12 or .pfx file, or "
                    + "set certificate and key as PEM files",
                detail: OpenSSLErrorQueue.take().text
            )
        }
        defer { PKCS12_free(container) }
        let request = PassphraseRequest(passphrase)
        defer { request.wipe() }
        var key: OpaquePointer?
        var leaf: OpaquePointer?
        var others: OpaquePointer?
        var isVerified = false
        let isParsed = request.withCString { text -> Bool in
            // A file without passphrase is protected with an empty one, or with none at all.
            for candidate in text.map({ [$0] }) ?? [nil, Self.emptyText] {
                guard PKCS12_verify_mac(container, candidate, candidate == nil ? 0 : -1) == 1 else { continue }
                isVerified = true
                return PKCS12_parse(container, candidate, &key, &leaf, &others) == 1
            }
            return false
        }
        defer { ph_sk_X509_pop_free(others) }
        let certificates = (leaf.map { [X509Certificate(owned: $0)] } ?? []) + intermediates(others)
        let queue = OpenSSLErrorQueue.take()
        if isParsed, let key, leaf != nil { return (certificates, key) }
        if let key { EVP_PKEY_free(key) }
        if !isVerified {
            throw PEMFile.passphraseError(path, role: fileRole, request: request, detail: queue.text)
        }
        throw TLSError(
            .configuration,
            "the \(fileRole) file '\(PEMFile.shown(path))' "
                + (isParsed
                    ? "does not hold both a certificate and its key; export it again with the key"
                    : "is encrypted with a method that OpenSSL no longer supports; "
                        + "export it again with AES (openssl pkcs12 -export)"),
            detail: queue.text
        )
    }

    private static func intermediates(_ stack: OpaquePointer?) -> [X509Certificate] {
        (0..<ph_sk_X509_num(stack)).compactMap { index in
            ph_sk_X509_value(stack, index).map { X509Certificate(borrowed: $0) }
        }
    }
}
