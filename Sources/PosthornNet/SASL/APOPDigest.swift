package import Posthorn
import PosthornTLS

/// The digest of APOP (RFC 1939 section 7). MD5 keeps nobody from guessing the password; TLS does.
package enum APOPDigest {
    /// MD5 over the timestamp of the greeting and the password, in hexadecimal.
    ///
    /// - Throws: ``MailError`` with code `authentication-unavailable` if this computer does not allow MD5.
    package static func hex(timestamp: [UInt8], password: Secret) throws -> [UInt8] {
        do {
            let digest = try HashAlgorithm.md5.hash(timestamp + password.withBytes { Array($0) })
            return digest.flatMap { Array((($0 < 16 ? "0" : "") + String($0, radix: 16)).utf8) }
        } catch {
            throw MailError(
                .authenticationUnavailable,
                "APOP needs MD5, which this computer does not allow; take `apop` out of the settings",
                cause: error
            )
        }
    }
}
