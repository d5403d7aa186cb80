/// Why a TLS connection, or the configuration of one, is not usable.
///
/// `message` is one sentence for the person who runs the program: what was expected, what came, what to do. Text that
/// came from the peer (names in certificates) is escaped and cut in it; no secret is ever part of it.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for a program to act on. More codes may come.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let name: String

        package var description: String { name }

        /// A certificate of the chain has passed its end date.
        package static let certificateExpired = Code(name: "certificateExpired")
        /// A certificate of the chain is valid only from a later date (or this computer's clock is behind).
        package static let certificateNotYetValid = Code(name: "certificateNotYetValid")
        /// The peer presented a certificate that only vouches for itself.
        package static let selfSigned = Code(name: "selfSigned")
        /// The chain ends at an authority that is not trusted here.
        package static let unknownAuthority = Code(name: "unknownAuthority")
        /// The peer left out a certificate between its own and the authority's.
        package static let missingIntermediate = Code(name: "missingIntermediate")
        /// The certificate is valid for other names or addresses.
        package static let hostMismatch = Code(name: "hostMismatch")
        /// The authority has withdrawn a certificate of the chain.
        package static let revoked = Code(name: "revoked")
        /// A revocation list is configured, and it does not say whether the certificate is withdrawn.
        package static let revocationUnknown = Code(name: "revocationUnknown")
        /// A key of the chain, or of the key exchange, is too short.
        package static let weakKey = Code(name: "weakKey")
        /// A certificate of the chain is signed with a broken algorithm (SHA-1, MD5).
        package static let weakSignature = Code(name: "weakSignature")
        /// The certificate was issued for another use than this one.
        package static let wrongPurpose = Code(name: "wrongPurpose")
        /// The certificate chain is wrong in a way that has no code of its own.
        package static let invalidCertificate = Code(name: "invalidCertificate")
        /// None of the configured pins belongs to a certificate of the chain.
        package static let pinMismatch = Code(name: "pinMismatch")
        /// The certificate demands a stapled revocation answer, and none that is good came.
        package static let stapleMissing = Code(name: "stapleMissing")
        /// The two sides have no protocol version in common.
        package static let protocolVersion = Code(name: "protocolVersion")
        /// The two sides have no cipher, group or signature algorithm in common.
        package static let noCommonCipher = Code(name: "noCommonCipher")
        /// The peer does not speak TLS on this port.
        package static let notTLS = Code(name: "notTLS")
        /// The peer broke off with an alert; see `alert`.
        package static let handshakeFailed = Code(name: "handshakeFailed")
        /// The peer broke the rules of the protocol, or something on the way changed its bytes.
        package static let protocolViolation = Code(name: "protocolViolation")
        /// The peer sent more than the limits allow.
        package static let limitExceeded = Code(name: "limitExceeded")
        /// The connection ended without the close that TLS demands: what came last may have been cut off.
        package static let truncated = Code(name: "truncated")
        /// The server demands a client certificate, and none is configured.
        package static let clientCertificateRequired = Code(name: "clientCertificateRequired")
        /// The server does not accept the configured client certificate.
        package static let clientCertificateRejected = Code(name: "clientCertificateRejected")
        /// The settings for TLS, or a file they name, cannot be used.
        package static let configuration = Code(name: "configuration")
        /// The connection was used before its handshake or after its end.
        package static let notUsable = Code(name: "notUsable")
        /// The TLS library failed for a reason of its own.
        package static let internalFailure = Code(name: "internalFailure")
    }

    /// What went wrong.
    package let code: Code
    /// One sentence: what was expected, what came, what to do.
    package let message: String
    /// The alert that the peer sent (RFC 8446, section 6), if one ended the connection.
    package let alert: UInt8?
    /// What the TLS library itself said, for people who look closer; empty if it said nothing.
    package let detail: String

    package init(_ code: Code, _ message: String, alert: UInt8? = nil, detail: String = "") {
        self.code = code
        self.message = message
        self.alert = alert
        self.detail = detail
    }

    package var description: String { detail.isEmpty ? message : "\(message) [\(detail)]" }
}
