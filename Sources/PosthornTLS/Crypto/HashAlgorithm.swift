import COpenSSL

/// A hash function, for the sign-in mechanisms that are built on one.
package struct HashAlgorithm: Sendable, Hashable {
    let name: String

    /// MD5 (RFC 1321), for CRAM-MD5, DIGEST-MD5 and APOP only.
    package static let md5 = HashAlgorithm(name: "MD5")
    /// SHA-1, for SCRAM-SHA-1 only.
    package static let sha1 = HashAlgorithm(name: "SHA1")
    package static let sha256 = HashAlgorithm(name: "SHA256")
    package static let sha512 = HashAlgorithm(name: "SHA512")

    /// The length of a hash in octets.
    package var length: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        default: 64
        }
    }

    /// The hash of the octets.
    ///
    /// - Throws: ``TLSError`` with code `internalFailure` if the library refuses the function (FIPS mode and MD5).
    package func hash(_ octets: UnsafeRawBufferPointer) throws(TLSError) -> [UInt8] {
        let digest = try implementation()
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_Digest(octets.baseAddress, octets.count, &result, &count, digest, nil) == 1 else { throw refusal() }
        result.removeLast(result.count - Int(count))
        return result
    }

    /// The hash of the octets.
    package func hash(_ octets: [UInt8]) throws(TLSError) -> [UInt8] {
        try withOctets(of: octets) { (octets) throws(TLSError) in try hash(octets) }
    }

    /// The keyed hash of the octets (RFC 2104).
    package func authenticationCode(for octets: [UInt8], key: [UInt8]) throws(TLSError) -> [UInt8] {
        let digest = try implementation()
        guard key.count <= Int(Int32.max) else { throw refusal() }
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // An empty key needs a pointer all the same: HMAC takes a null key for "as before".
        let paddedKey = key.isEmpty ? [0] : key
        guard HMAC(digest, paddedKey, Int32(key.count), octets, octets.count, &result, &count) != nil else {
            throw refusal()
        }
        result.removeLast(result.count - Int(count))
        return result
    }

    /// A key derived from a password (PBKDF2, RFC 8018, section 5.2).
    ///
    /// - Parameters:
    ///   - iterations: Checked by the caller against a limit of its own: the time taken grows with it.
    ///   - length: The length of the key in octets, 1 to 1024; the hash's own length if `nil`.
    package func derivedKey(
        password: [UInt8],
        salt: [UInt8],
        iterations: Int,
        length: Int? = nil
    ) throws(TLSError) -> [UInt8] {
        let digest = try implementation()
        let count = length ?? self.length
        guard (1...Int(Int32.max)).contains(iterations), (1...1024).contains(count),
            password.count <= Int(Int32.max), salt.count <= Int(Int32.max)
        else {
            throw TLSError(
                .configuration,
                "a key cannot be derived with \(iterations) iterations to \(count) octets; "
                    + "at least 1 iteration and 1 to 1024 octets are possible"
            )
        }
        var result = [UInt8](repeating: 0, count: count)
        let isDone = password.withUnsafeBytes { octets in
            // An empty password needs a pointer all the same.
            withUnsafeBytes(of: UInt8(0)) { empty in
                PKCS5_PBKDF2_HMAC(
                    (octets.isEmpty ? empty : octets).assumingMemoryBound(to: CChar.self).baseAddress,
                    Int32(password.count),
                    salt,
                    Int32(salt.count),
                    Int32(iterations),
                    digest,
                    Int32(count),
                    &result
                )
            }
        }
        guard isDone == 1 else { throw refusal() }
        return result
    }

    private func implementation() throws(TLSError) -> OpaquePointer {
        guard let digest = EVP_get_digestbyname(name) else { throw refusal() }
        return digest
    }

    private func refusal() -> TLSError {
        TLSError(
            .internalFailure,
            "the TLS library of this computer refuses the hash function \(name)",
            detail: OpenSSLErrorQueue.take().text
        )
    }
}
