/// What a certificate says, for people and logs. Names are escaped and cut.
package struct CertificateSummary: Sendable, Hashable {
    /// A name that a certificate is valid for.
    package struct Name: Sendable, Hashable, CustomStringConvertible {
        package let text: String
        /// Whether this is an address (iPAddress) and not a DNS name (dNSName).
        package let isAddress: Bool

        package var description: String { text }

        static func dns(_ text: String) -> Name { Name(text: text, isAddress: false) }
        static func address(_ text: String) -> Name { Name(text: text, isAddress: true) }
    }

    /// The subject's distinguished name (RFC 2253 form).
    package let subject: String
    /// The issuer's distinguished name (RFC 2253 form).
    package let issuer: String
    /// The DNS names and addresses of the subjectAltName extension.
    package let names: [Name]
    package let notBefore: TLSDate?
    package let notAfter: TLSDate?
    /// The pin of the public key: base64 of the SHA-256 of the SubjectPublicKeyInfo.
    package let pin: String
    /// The certificate itself.
    package let der: [UInt8]

    init(_ certificate: X509Certificate) {
        subject = certificate.subject
        issuer = certificate.issuer
        names = certificate.alternativeNames
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        pin = Base64.encode(certificate.publicKeyHash)
        der = certificate.der
    }
}
