import COpenSSL

/// Hashes octets that come piece by piece, one message after the other.
///
/// The function is looked up once, and the memory is used again for every message. Not `Sendable`: one task uses it.
package final class HashStream {
    private let algorithm: HashAlgorithm
    private let context: OpaquePointer
    private let function: OpaquePointer

    /// Begins to hash.
    ///
    /// - Throws: ``TLSError`` with code `internalFailure` if the library refuses the function.
    package init(_ algorithm: HashAlgorithm) throws(TLSError) {
        guard let function = EVP_MD_fetch(nil, algorithm.name, nil) else { throw Self.refusal(algorithm) }
        guard let context = EVP_MD_CTX_new() else {
            EVP_MD_free(function)
            throw Self.refusal(algorithm)
        }
        guard EVP_DigestInit_ex2(context, function, nil) == 1 else {
            EVP_MD_CTX_free(context)
            EVP_MD_free(function)
            throw Self.refusal(algorithm)
        }
        self.algorithm = algorithm
        self.context = context
        self.function = function
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(function)
    }

    /// Takes the next octets.
    package func update(_ octets: UnsafeRawBufferPointer) throws(TLSError) {
        guard EVP_DigestUpdate(context, octets.baseAddress, octets.count) == 1 else { throw Self.refusal(algorithm) }
    }

    /// Takes the next octets.
    package func update(_ octets: [UInt8]) throws(TLSError) {
        try withOctets(of: octets) { (octets) throws(TLSError) in try update(octets) }
    }

    /// Writes the hash into `result`, which has to be ``HashAlgorithm/length`` octets long, and begins anew.
    package func finish(into result: UnsafeMutableRawBufferPointer) throws(TLSError) {
        guard result.count == algorithm.length,
            EVP_DigestFinal_ex(context, result.assumingMemoryBound(to: UInt8.self).baseAddress, nil) == 1
        else { throw Self.refusal(algorithm) }
        try reset()
    }

    /// The hash of what came; begins anew.
    package func finish() throws(TLSError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &result, &count) == 1 else { throw Self.refusal(algorithm) }
        result.removeLast(result.count - Int(count))
        try reset()
        return result
    }

    /// Forgets what came, and begins anew.
    package func reset() throws(TLSError) {
        guard EVP_DigestInit_ex2(context, nil, nil) == 1 else { throw Self.refusal(algorithm) }
    }

    private static func refusal(_ algorithm: HashAlgorithm) -> TLSError {
        TLSError(
            .internalFailure,
            "the TLS library of this computer refuses the hash function \(algorithm.name)",
            detail: OpenSSLErrorQueue.take().text
        )
    }
}
