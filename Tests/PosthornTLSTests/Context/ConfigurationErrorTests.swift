import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Files and settings that cannot be used: the sentence names the file and what is wrong with it.
@Suite(.computing) struct ConfigurationErrorTests {
    private static let canary = "PosthornSecretCanary"

    private func error(_ change: (inout TLSConfiguration) -> Void) throws -> TLSError? {
        let roots = try CertificateAuthority.shared.certificate
        return catching { _ = try Setup.client(trusting: roots, change) }
    }

    private func expect(
        _ error: TLSError?,
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(error?.code == .configuration, sourceLocation: sourceLocation)
        for word in words {
            #expect(
                error?.message.contains(word) == true,
                "\(String(describing: error)) lacks \(word)",
                sourceLocation: sourceLocation
            )
        }
        #expect(
            !String(reflecting: error).contains(Self.canary),
            "the passphrase shows",
            sourceLocation: sourceLocation
        )
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString).pem")
        try text.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }

    @Test func `trust roots that are missing, a directory, or no PEM are named`() throws {
        try expect(
            error { $0.trustRoots = .file("/nowhere/roots.pem") },
            "the trust roots file '/nowhere/roots.pem' does not exist; check the path"
        )
        try expect(error { $0.trustRoots = .file("/tmp") }, "'/tmp' is a directory; name a file")
        try expect(error { $0.trustRoots = .file("") }, "no usable name")
        try expect(error { $0.trustRoots = .directory("/nowhere") }, "directory '/nowhere' cannot be read")
        try expect(error { $0.trustRoots = .combined([]) }, "no trust roots are configured")
        try withFile("no certificate\n") { path in
            try expect(error { $0.trustRoots = .file(path) }, path, "holds no PEM certificate")
            try expect(error { $0.revocationList = path }, path, "holds no PEM revocation list")
        }
        let good = try String(contentsOf: CertificateAuthority.shared.certificate, encoding: .utf8)
        let broken = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n"
        try withFile(good + broken) { path in
            try expect(error { $0.trustRoots = .file(path) }, path, "broken PEM certificate after 1 good")
        }
    }

    @Test func `a key that does not belong to the certificate is named`() throws {
        let one = try CertificateAuthority.shared.issue(.init(commonName: "one", purpose: .client))
        let two = try CertificateAuthority.shared.issue(.init(commonName: "two", purpose: .client))
        try expect(
            error { $0.clientIdentity = .pem(certificateChain: one.chain.path, privateKey: two.key.path) },
            "the client key '\(two.key.path)' does not belong to the first certificate of '\(one.chain.path)' (one)"
        )
        try expect(
            error { $0.clientIdentity = .pem(certificateChain: one.chain.path, privateKey: one.chain.path) },
            one.chain.path,
            "holds no PEM private key"
        )
        try expect(
            error { $0.clientIdentity = .pem(certificateChain: one.key.path, privateKey: one.key.path) },
            one.key.path,
            "holds no PEM certificate"
        )
        let weak = try CertificateAuthority.shared.issue(.init(commonName: "weak", key: .rsa1024, purpose: .client))
        try expect(
            error { $0.clientIdentity = .pem(certificateChain: weak.chain.path, privateKey: weak.key.path) },
            weak.chain.path,
            "1024-bit RSA key",
            "RSA 2048"
        )
    }

    @Test func `passphrases that are missing, wrong or not to be had are told apart`() throws {
        let issued = try CertificateAuthority.shared.issue(.init(commonName: "one", purpose: .client))
        let key = try issued.encryptedKey(passphrase: "right")
        let bundle = try issued.pkcs12(passphrase: "right")
        let wrong = TLSPassphrase { Array(Self.canary.utf8) }
        let failing = TLSPassphrase { throw CocoaError(.fileNoSuchFile) }
        for (passphrase, words) in [
            (nil, "is encrypted; set the passphrase"), (wrong, "cannot be decrypted with the given passphrase"),
            (failing, "its passphrase could not be obtained"),
        ] {
            try expect(
                error {
                    $0.clientIdentity = .pem(
                        certificateChain: issued.chain.path,
                        privateKey: key.path,
                        passphrase: passphrase
                    )
                },
                key.path,
                words
            )
            try expect(
                error { $0.clientIdentity = .pkcs12(file: bundle.path, passphrase: passphrase) },
                bundle.path,
                words
            )
        }
        try expect(error { $0.clientIdentity = .pkcs12(file: key.path) }, key.path, "is not a PKCS#12 file")
    }

    @Test func `a passphrase shows in no description`() throws {
        let passphrase = TLSPassphrase { Array(Self.canary.utf8) }
        var configuration = TLSConfiguration()
        configuration.clientIdentity = .pkcs12(file: "a.p12", passphrase: passphrase)
        var text = "\(configuration) \(passphrase) \(String(reflecting: configuration))"
        dump(configuration, to: &text)
        #expect(!text.contains(Self.canary))
        #expect(Mirror(reflecting: passphrase).children.isEmpty)
        let copy = configuration
        #expect(copy == configuration)
        #expect(TLSPassphrase { [] } != TLSPassphrase { [] })
    }

    @Test func `settings that make no sense are named`() throws {
        try expect(error { $0.minimumVersion = .v1_1 }, "TLS 1.1 is no longer safe")
        try expect(
            error {
                $0.minimumVersion = .v1_3
                $0.maximumVersion = .v1_2
            },
            "no TLS version is left between TLS 1.3 and TLS 1.2"
        )
        try expect(error { $0.cipherList = "NONSENSE" }, "'NONSENSE' holds no cipher that OpenSSL knows")
        try expect(error { $0.cipherList = "ALL:@SECLEVEL=0" }, "leave out '@…'")
        try expect(error { $0.cipherSuites = "TLS_NONSENSE" }, "'TLS_NONSENSE' are not known")
        try expect(error { $0.applicationProtocols = [""] }, "must have 1 to 255 octets")
        for pin in ["", "sha256/", "AAAA", "sha1/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "not base64\u{7}"] {
            try expect(error { $0.pins = [pin] }, "is not the base64 of a SHA-256")
        }
    }

    @Test func `no cipher setting brings back what security level 2 forbids`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"])) {
            $0.cipherList = "ALL:COMPLEMENTOFALL"
            $0.maximumVersion = .v1_2
        } server: {
            $0.cipherList = "aNULL:eNULL"
        }
        #expect(pair.clientError != nil)
    }

    @Test func `every root of the system can be used`() throws {
        let context = try TLSContext(TLSConfiguration())
        let issued = try CertificateAuthority.shared.issue(.init(names: ["mail.example.org"]))
        let pair = try Setup.pair(context, Setup.server(issued))
        pair.shake()
        #expect(pair.clientError?.code == .unknownAuthority)
    }
}
