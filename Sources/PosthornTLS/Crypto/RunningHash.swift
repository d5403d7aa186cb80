import COpenSSL

/// A hash of octets that come piece by piece. Not `Sendable`: one task feeds it.
package final class RunningHash {
    private let context: OpaquePointer
    private let algorithm: HashAlgorithm

    /// Begins a hash.
    ///
    /// - Throws: ``TLSError`` with code `internalFailure` if the library refuses the function.
    package init(_ algorithm: HashAlgorithm) throws(TLSError) {
        self.algorithm = algorithm
        guard let context = EVP_MD_CTX_new() else { throw Self.refusal(algorithm) }
        self.context = context
        try restart()
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Forgets what was taken, and begins anew.
    package func restart() throws(TLSError) {
        guard let digest = EVP_get_digestbyname(algorithm.name), EVP_DigestInit_ex(context, digest, nil) == 1 else {
            throw Self.refusal(algorithm)
        }
    }

    /// Takes the next octets.
    package func update(_ octets: UnsafeRawBufferPointer) throws(TLSError) {
        guard !octets.isEmpty else { return }
        guard EVP_DigestUpdate(context, octets.baseAddress, octets.count) == 1 else { throw Self.refusal(algorithm) }
    }

    /// The hash of all octets. The hash must be restarted before it takes more.
    package func finish() throws(TLSError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &result, &count) == 1 else { throw Self.refusal(algorithm) }
        result.removeLast(result.count - Int(count))
        return result
    }

    private static func refusal(_ algorithm: HashAlgorithm) -> TLSError {
        TLSError(
            .internalFailure,
            "the TLS library of this computer refuses the hash function \(algorithm.name)",
            detail: OpenSSLErrorQueue.take().text
        )
    }
}
