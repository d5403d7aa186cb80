package import Foundation

/// What a server shows in a TLS handshake: two PEM files.
package struct ServerCertificate: Sendable {
    /// The server's certificate first, then the intermediate ones.
    package var chain: URL
    /// The private key, without a passphrase.
    package var key: URL

    /// Names the two files.
    package init(chain: URL, key: URL) {
        self.chain = chain
        self.key = key
    }
}

/// A server certificate and the authority that signed it, made with the `openssl` program.
package struct TestCertificate: Sendable {
    /// The authority's certificate: what a client has to trust.
    package var authority: URL
    /// The server's certificate and key.
    package var server: ServerCertificate

    /// Makes an authority and a server certificate, both valid from now on for two days.
    ///
    /// - Parameters:
    ///   - directory: Where the files are written (`ca.pem`, `server.pem`, `server.key`).
    package static func make(
        names: [String] = ["localhost", "mail.posthorn.test"],
        ips: [String] = ["127.0.0.1", "127.0.0.2", "::1"],
        in directory: URL
    ) async throws -> TestCertificate {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let alternatives = names.map { "DNS:\($0)" } + ips.map { "IP:\($0)" }
        let configuration = """
            [req]
            distinguished_name = subject
            prompt = no
            [subject]
            [authority]
            basicConstraints = critical, CA:TRUE
            keyUsage = critical, keyCertSign, cRLSign
            subjectKeyIdentifier = hash
            [server]
            basicConstraints = critical, CA:FALSE
            keyUsage = critical, digitalSignature
            extendedKeyUsage = serverAuth
            subjectKeyIdentifier = hash
            authorityKeyIdentifier = keyid
            subjectAltName = \(alternatives.joined(separator: ", "))

            """
        try Data(configuration.utf8).write(to: directory.appending(path: "openssl.cnf"))
        let common = [
            "req", "-x509", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-days", "2",
        ]
        try await run(
            "openssl",
            common + [
                "-subj", "/CN=Posthorn test authority", "-extensions", "authority", "-keyout", "ca.key", "-out",
                "ca.pem",
            ],
            directory: directory
        ).check("openssl")
        try await run(
            "openssl",
            common + [
                "-subj", "/CN=\(names.first ?? "server")", "-extensions", "server", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-keyout", "server.key", "-out", "server.pem",
            ],
            directory: directory
        ).check("openssl")
        return TestCertificate(
            authority: directory.appending(path: "ca.pem"),
            server: ServerCertificate(
                chain: directory.appending(path: "server.pem"),
                key: directory.appending(path: "server.key")
            )
        )
    }
}
