import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Servers that ask for a certificate, and clients with and without one.
@Suite(.computing) struct ClientCertificateTests {
    private func pair(
        identity: TLSIdentity?,
        maximum: TLSVersion,
        isRequired: Bool = true
    ) throws -> Pair {
        let authority = try CertificateAuthority.shared
        let roots = TLSTrustRoots.file(authority.certificate.path)
        let pair = try Setup.pair(
            Setup.client(trusting: authority.certificate) { $0.clientIdentity = identity },
            Setup.server(authority.issue(.init(names: ["mail.example.org"]))) {
                $0.maximumVersion = maximum
                $0.clientCertificates = isRequired ? .required(issuedBy: roots) : .wanted(issuedBy: roots)
            }
        )
        pair.shake()
        return pair
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `a certificate in PEM files is shown`(version: TLSVersion) throws {
        let issued = try CertificateAuthority.sharedIntermediate.issue(.init(commonName: "planung-3", purpose: .client))
        let pair = try pair(
            identity: .pem(certificateChain: issued.chain.path, privateKey: issued.key.path),
            maximum: version
        )
        try expectConnected(pair)
        #expect(pair.server.information?.certificates.first?.subject == "CN=planung-3,O=Posthorn Tests")
    }

    @Test func `certificate and key may be in one file`() throws {
        let issued = try CertificateAuthority.shared.issue(.init(commonName: "planung-3", purpose: .client))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("both-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        try (String(contentsOf: issued.chain, encoding: .utf8) + String(contentsOf: issued.key, encoding: .utf8))
            .write(to: file, atomically: false, encoding: .utf8)
        try expectConnected(
            pair(identity: .pem(certificateChain: file.path, privateKey: file.path), maximum: .v1_3)
        )
    }

    @Test func `a key with a passphrase is read`() throws {
        let issued = try CertificateAuthority.shared.issue(.init(commonName: "planung-3", purpose: .client))
        let key = try issued.encryptedKey(passphrase: "öffne dich")
        let passphrase = TLSPassphrase { Array("öffne dich".utf8) }
        try expectConnected(
            pair(
                identity: .pem(certificateChain: issued.chain.path, privateKey: key.path, passphrase: passphrase),
                maximum: .v1_3
            )
        )
    }

    @Test(arguments: ["geheim", ""])
    func `a certificate in a PKCS12 file is shown with its chain`(passphrase: String) throws {
        let issued = try CertificateAuthority.sharedIntermediate.issue(.init(commonName: "planung-3", purpose: .client))
        let file = try issued.pkcs12(passphrase: passphrase)
        let source = passphrase.isEmpty ? nil : TLSPassphrase { Array(passphrase.utf8) }
        let pair = try pair(identity: .pkcs12(file: file.path, passphrase: source), maximum: .v1_3)
        try expectConnected(pair)
        #expect(pair.server.information?.certificates.count == 3)
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `a required certificate that is missing is said`(version: TLSVersion) throws {
        let pair = try pair(identity: nil, maximum: version)
        #expect(pair.clientError?.code == .clientCertificateRequired)
        #expect(pair.clientError?.message.contains("set `tls.certificate` and `tls.key`") == true)
        #expect(pair.serverError?.code == .clientCertificateRequired)
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `a certificate of a stranger is rejected`(version: TLSVersion) throws {
        let stranger = try CertificateAuthority(name: "Stranger Root", organisation: "Strangers")
        let issued = try stranger.issue(.init(commonName: "planung-3", purpose: .client))
        let pair = try pair(
            identity: .pem(certificateChain: issued.chain.path, privateKey: issued.key.path),
            maximum: version
        )
        #expect(pair.clientError?.code == .clientCertificateRejected)
        #expect(pair.clientError?.message.contains("unknown CA") == true)
        #expect(pair.serverError?.code == .unknownAuthority)
    }

    @Test func `a server's certificate does not serve a client`() throws {
        let issued = try CertificateAuthority.shared.issue(.init(commonName: "planung-3", purpose: .server))
        let pair = try pair(
            identity: .pem(certificateChain: issued.chain.path, privateKey: issued.key.path),
            maximum: .v1_3
        )
        #expect(pair.serverError?.code == .wrongPurpose)
        #expect(pair.clientError?.code == .clientCertificateRejected)
    }

    @Test func `a certificate that is only wanted may be missing`() throws {
        try expectConnected(pair(identity: nil, maximum: .v1_3, isRequired: false))
    }
}
