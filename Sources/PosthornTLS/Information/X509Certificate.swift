import COpenSSL

/// An X.509 certificate of OpenSSL, counted with Swift's references.
final class X509Certificate {
    let pointer: OpaquePointer

    /// Takes over a reference that the caller owns.
    init(owned pointer: OpaquePointer) { self.pointer = pointer }

    /// Adds a reference of its own.
    init(borrowed pointer: OpaquePointer) {
        X509_up_ref(pointer)
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    var subject: String { Self.text(X509_get_subject_name(pointer)) }
    var issuer: String { Self.text(X509_get_issuer_name(pointer)) }
    var notBefore: TLSDate? { TLSDate(X509_get0_notBefore(pointer)) }
    var notAfter: TLSDate? { TLSDate(X509_get0_notAfter(pointer)) }
    var mustStaple: Bool { ph_X509_must_staple(pointer) == 1 }
    var namesIssuerLocation: Bool { ph_X509_names_issuer_location(pointer) == 1 }

    /// The name that a person knows the subject by: its common name, else its organisation, else the whole name.
    var shortSubject: String { Self.shortText(X509_get_subject_name(pointer)) }
    var shortIssuer: String { Self.shortText(X509_get_issuer_name(pointer)) }

    var commonName: String? { Self.entry(NID_commonName, of: X509_get_subject_name(pointer)) }
    var issuerOrganisation: String? { Self.entry(NID_organizationName, of: X509_get_issuer_name(pointer)) }
    var subjectOrganisation: String? { Self.entry(NID_organizationName, of: X509_get_subject_name(pointer)) }

    /// The size of the public key in bits and its algorithm, with an article.
    var keyDescription: String {
        guard let key = X509_get0_pubkey(pointer) else { return "an unreadable key" }
        let bits = EVP_PKEY_get_bits(key)
        let name = EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown"
        return "a \(bits)-bit \(name) key"
    }

    /// The name of the algorithm that the certificate is signed with.
    var signatureAlgorithm: String {
        let name = OBJ_nid2sn(X509_get_signature_nid(pointer)).map { String(cString: $0) }
        return name == nil || name == "UNDEF" ? "an unknown algorithm" : name ?? ""
    }

    var der: [UInt8] {
        let count = i2d_X509(pointer, nil)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialised in
            var cursor = buffer.baseAddress
            initialised = Int(max(i2d_X509(pointer, &cursor), 0))
        }
    }

    /// The SHA-256 of the SubjectPublicKeyInfo.
    var publicKeyHash: [UInt8] {
        guard let key = X509_get_X509_PUBKEY(pointer) else { return [] }
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_PUBKEY(key, &encoded)
        guard count > 0, let encoded else { return [] }
        defer { CRYPTO_free(encoded, nil, 0) }
        return (try? HashAlgorithm.sha256.hash(UnsafeRawBufferPointer(start: encoded, count: Int(count)))) ?? []
    }

    /// The DNS names and addresses that the certificate is valid for; at most 100 of them.
    var alternativeNames: [CertificateSummary.Name] {
        guard let names = ph_X509_alternative_names(pointer) else { return [] }
        defer { ph_GENERAL_NAMES_free(names) }
        var result: [CertificateSummary.Name] = []
        for index in 0..<min(ph_sk_GENERAL_NAME_num(names), 100) {
            var octets: UnsafePointer<UInt8>?
            var count: Int32 = 0
            let kind = ph_GENERAL_NAME_octets(ph_sk_GENERAL_NAME_value(names, index), &octets, &count)
            guard kind != 0, let octets, count > 0 else { continue }
            let bytes = UnsafeRawBufferPointer(start: octets, count: Int(count))
            result.append(
                kind == GEN_IPADD ? .address(IPAddressText.text(of: bytes)) : .dns(PeerText.escaped(bytes, limit: 253))
            )
        }
        return result
    }

    private static func text(_ name: OpaquePointer?) -> String {
        guard let name, let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        guard ph_X509_NAME_print(bio, name) >= 0 else { return "" }
        var bytes: UnsafePointer<CChar>?
        let count = ph_BIO_get_mem_data(bio, &bytes)
        guard let bytes, count > 0 else { return "" }
        return PeerText.escaped(UnsafeRawBufferPointer(start: bytes, count: count), limit: 300)
    }

    private static func shortText(_ name: OpaquePointer?) -> String {
        entry(NID_commonName, of: name) ?? entry(NID_organizationName, of: name) ?? text(name)
    }

    private static func entry(_ kind: Int32, of name: OpaquePointer?) -> String? {
        guard let name else { return nil }
        let index = X509_NAME_get_index_by_NID(name, kind, -1)
        guard index >= 0, let entry = X509_NAME_get_entry(name, index) else { return nil }
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&encoded, X509_NAME_ENTRY_get_data(entry))
        guard count > 0, let encoded else {
            ERR_clear_error()
            return nil
        }
        defer { CRYPTO_free(encoded, nil, 0) }
        return PeerText.escaped(UnsafeRawBufferPointer(start: encoded, count: Int(count)))
    }
}
