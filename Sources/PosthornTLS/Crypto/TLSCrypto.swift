import COpenSSL

/// Random octets and comparisons that do not tell where two values differ.
package enum TLSCrypto {
    /// Octets that nobody can predict, for nonces and boundaries.
    ///
    /// - Throws: ``TLSError`` with code `internalFailure` if the system has no randomness to give.
    package static func randomBytes(_ count: Int) throws(TLSError) -> [UInt8] {
        guard count > 0 else { return [] }
        guard count <= 1 << 20 else {
            throw TLSError(.configuration, "\(count) random octets are too many at once; at most 1 MiB is given")
        }
        var result = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&result, Int32(count)) == 1 else {
            throw TLSError(
                .internalFailure,
                "this computer has no random numbers to give; try again later",
                detail: OpenSSLErrorQueue.take().text
            )
        }
        return result
    }

    /// Whether two values are equal, in a time that depends on their length alone.
    package static func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
