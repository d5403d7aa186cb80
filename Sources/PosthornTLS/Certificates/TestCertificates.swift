import COpenSSL

/// A throw-away authority and a server certificate issued by it, for servers that live as long as a test.
///
/// Keys are on the curve P-256; everything is valid from an hour ago for a day. The authority's key is gone when the
/// certificates are made, so that nothing else can ever be issued by it.
package struct TestCertificates: Sendable {
    /// The authority's certificate, PEM: what clients must trust.
    package let authorityPEM: [UInt8]
    /// The server's certificate, PEM.
    package let certificatePEM: [UInt8]
    /// The server's private key, PEM, not encrypted.
    package let keyPEM: [UInt8]

    /// Makes authority, key and certificate.
    ///
    /// - Parameter names: Host names and IP addresses that the certificate is valid for (subject alternative names).
    /// - Throws: ``TLSError`` with code `configuration` for a name that is neither.
    package static func make(names: [String]) throws(TLSError) -> TestCertificates {
        let names = try names.map { (name) throws(TLSError) in try TLSServerName(name) }
        guard let first = names.first else {
            throw TLSError(.configuration, "a certificate was asked for without any name; give at least one")
        }
        let authorityKey = try MadeKey()
        let authority = try MadeCertificate(commonName: "Posthorn test authority", key: authorityKey)
        try authority.addExtension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: authority)
        try authority.addExtension(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: authority)
        try authority.addExtension(NID_subject_key_identifier, "hash", issuer: authority)
        try authority.sign(issuer: authority, key: authorityKey)

        let key = try MadeKey()
        let certificate = try MadeCertificate(commonName: String(first.text.prefix(60)), key: key)
        let alternatives = names.map { ($0.isAddress ? "IP:" : "DNS:") + $0.text }.joined(separator: ",")
        try certificate.addExtension(NID_basic_constraints, "critical,CA:FALSE", issuer: authority)
        try certificate.addExtension(NID_key_usage, "critical,digitalSignature", issuer: authority)
        try certificate.addExtension(NID_ext_key_usage, "serverAuth", issuer: authority)
        try certificate.addExtension(NID_subject_key_identifier, "hash", issuer: authority)
        try certificate.addExtension(NID_authority_key_identifier, "keyid", issuer: authority)
        try certificate.addExtension(NID_subject_alt_name, alternatives, issuer: authority)
        try certificate.sign(issuer: authority, key: authorityKey)
        return TestCertificates(
            authorityPEM: try authority.pem(),
            certificatePEM: try certificate.pem(),
            keyPEM: try key.pem()
        )
    }
}

/// A private key that frees itself.
private final class MadeKey {
    let pointer: OpaquePointer

    init() throws(TLSError) {
        ERR_clear_error()
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw Self.failure("a key") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw Self.failure("a key") }
        pointer = key
    }

    deinit { EVP_PKEY_free(pointer) }

    func pem() throws(TLSError) -> [UInt8] {
        try MadeKey.text("a key") { PEM_write_bio_PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
    }

    static func failure(_ what: String) -> TLSError {
        TLSError(
            .internalFailure,
            "the TLS library of this computer cannot make \(what) for a test server",
            detail: OpenSSLErrorQueue.take().text
        )
    }

    /// The octets that `write` puts into a memory BIO.
    static func text(_ what: String, _ write: (OpaquePointer) -> Int32) throws(TLSError) -> [UInt8] {
        ERR_clear_error()
        guard let bio = BIO_new(BIO_s_mem()) else { throw failure(what) }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw failure(what) }
        var octets: UnsafePointer<CChar>?
        let count = ph_BIO_get_mem_data(bio, &octets)
        guard let octets, count > 0 else { throw failure(what) }
        return Array(UnsafeRawBufferPointer(start: octets, count: count))
    }
}

/// A certificate in the making that frees itself.
private final class MadeCertificate {
    let pointer: OpaquePointer

    init(commonName: String, key: MadeKey) throws(TLSError) {
        ERR_clear_error()
        guard let certificate = X509_new() else { throw MadeKey.failure("a certificate") }
        pointer = certificate
        var serial = try TLSCrypto.randomBytes(16)
        // A positive number (RFC 5280 section 4.1.2.2).
        serial[0] = serial[0] & 0x7F | 0x40
        guard let number = BN_bin2bn(serial, Int32(serial.count), nil) else { throw MadeKey.failure("a certificate") }
        defer { BN_free(number) }
        let name = Array(commonName.utf8)
        guard X509_set_version(certificate, 2) == 1,
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -3_600) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), 86_400) != nil,
            X509_set_pubkey(certificate, key.pointer) == 1,
            X509_NAME_add_entry_by_NID(
                X509_get_subject_name(certificate),
                NID_commonName,
                MBSTRING_UTF8_type,
                name,
                Int32(name.count),
                -1,
                0
            ) == 1
        else { throw MadeKey.failure("a certificate") }
    }

    deinit { X509_free(pointer) }

    func addExtension(_ identifier: Int32, _ value: String, issuer: MadeCertificate) throws(TLSError) {
        ERR_clear_error()
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        guard let made = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
            throw MadeKey.failure("a certificate's extension")
        }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(pointer, made, -1) == 1 else { throw MadeKey.failure("a certificate's extension") }
    }

    func sign(issuer: MadeCertificate, key: MadeKey) throws(TLSError) {
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)) == 1,
            X509_sign(pointer, key.pointer, EVP_sha256()) > 0
        else { throw MadeKey.failure("a certificate") }
    }

    func pem() throws(TLSError) -> [UInt8] {
        try MadeKey.text("a certificate") { PEM_write_bio_X509($0, pointer) }
    }
}

/// `MBSTRING_UTF8`, which is a macro that Swift does not import.
private let MBSTRING_UTF8_type: Int32 = 0x1000
