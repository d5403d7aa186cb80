/// A certificate with its private key, as files.
package struct TLSIdentity: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case pem(certificate: String, key: String)
        case pkcs12(file: String)
    }

    let source: Source
    let passphrase: TLSPassphrase?

    /// PEM files: the certificate followed by the intermediate certificates in one, the private key in the other (they
    /// may be the same file).
    package static func pem(
        certificateChain: String,
        privateKey: String,
        passphrase: TLSPassphrase? = nil
    ) -> TLSIdentity {
        TLSIdentity(source: .pem(certificate: certificateChain, key: privateKey), passphrase: passphrase)
    }

    /// A PKCS#12 file (`.p12`, `.pfx`) with certificate, key and, if needed, intermediate certificates.
    package static func pkcs12(file: String, passphrase: TLSPassphrase? = nil) -> TLSIdentity {
        TLSIdentity(source: .pkcs12(file: file), passphrase: passphrase)
    }
}
