package import Foundation

/// A certificate made for a test: files that live until the test process ends.
package struct IssuedCertificate: Sendable {
    /// The certificate alone, PEM.
    package let certificate: URL
    /// Its private key without passphrase, PEM.
    package let key: URL
    /// The certificate followed by the intermediate certificates, without the root, PEM.
    package let chain: URL

    /// Writes certificate, chain and key into a PKCS#12 file.
    package func pkcs12(passphrase: String) throws -> URL {
        let file = certificate.deletingLastPathComponent().appendingPathComponent("bundle-\(UUID().uuidString).p12")
        try OpenSSLProgram.run([
            "pkcs12", "-export", "-in", chain.path, "-inkey", key.path, "-out", file.path,
            "-passout", "pass:\(passphrase)",
        ])
        return file
    }

    /// Writes the key into a file that a passphrase protects.
    package func encryptedKey(passphrase: String) throws -> URL {
        let file = certificate.deletingLastPathComponent().appendingPathComponent("key-\(UUID().uuidString).pem")
        try OpenSSLProgram.run([
            "pkcs8", "-topk8", "-in", key.path, "-out", file.path, "-v2", "aes-256-cbc",
            "-passout", "pass:\(passphrase)",
        ])
        return file
    }
}
