import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Versions, protocols, bindings, client certificates: what two sides agree upon.
@Suite(.computing) struct HandshakeTests {
    private static let server = CertificateRequest(names: ["mail.example.org"])

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `both sides speak the newest common version`(version: TLSVersion) throws {
        let pair = try Setup.shake(Self.server) {
            _ in
        } server: {
            $0.maximumVersion = version
        }
        try expectConnected(pair)
        #expect(pair.client.information?.version == version)
        #expect(pair.client.information?.cipher.isEmpty == false)
        #expect(pair.client.wasResumed == false)
    }

    @Test func `a server that ends at TLS 1.1 is refused`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"], key: .rsa2048)) {
            _ in
        } server: {
            $0.minimumVersion = .v1_0
            $0.maximumVersion = .v1_1
        }
        #expect(pair.clientError?.code == .protocolVersion)
        #expect(pair.clientError?.message.contains("does not speak TLS 1.2 or later") == true)
    }

    @Test func `a minimum of TLS 1.3 refuses a server of TLS 1.2`() throws {
        let pair = try Setup.shake(Self.server) {
            $0.minimumVersion = .v1_3
        } server: {
            $0.maximumVersion = .v1_2
        }
        #expect(pair.clientError?.code == .protocolVersion)
        #expect(pair.clientError?.message.contains("`tls.minimum`") == true)
    }

    @Test func `no cipher in common is said`() throws {
        let pair = try Setup.shake(Self.server) {
            $0.maximumVersion = .v1_2
            $0.cipherList = "ECDHE-ECDSA-AES256-GCM-SHA384"
        } server: {
            $0.cipherList = "ECDHE-ECDSA-AES128-GCM-SHA256"
        }
        #expect(pair.clientError?.code == .handshakeFailed)
        #expect(pair.clientError?.alert == 40)
        #expect(pair.serverError?.code == .noCommonCipher)
    }

    @Test func `application protocols are agreed upon`() throws {
        let pair = try Setup.shake(Self.server) {
            $0.applicationProtocols = ["smtp", "imap"]
        } server: {
            $0.applicationProtocols = ["pop3", "imap"]
        }
        try expectConnected(pair)
        #expect(pair.client.information?.applicationProtocol == "imap")
        #expect(pair.server.information?.applicationProtocol == "imap")
        let apart = try Setup.shake(Self.server) {
            $0.applicationProtocols = ["smtp"]
        } server: {
            $0.applicationProtocols = ["imap"]
        }
        #expect(apart.clientError?.code == .handshakeFailed)
        #expect(apart.clientError?.message.contains("application protocols") == true)
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3], [CertificateRequest.Hash.sha256, .sha384])
    func `channel bindings are the same on both sides`(version: TLSVersion, hash: CertificateRequest.Hash) throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"], hash: hash)) {
            _ in
        } server: {
            $0.maximumVersion = version
        }
        #expect(pair.client.tlsExporter?.count == 32)
        #expect(pair.client.tlsExporter == pair.server.tlsExporter)
        #expect(pair.client.tlsServerEndPoint?.count == (hash == .sha256 ? 32 : 48))
        #expect(pair.client.tlsServerEndPoint == pair.server.tlsServerEndPoint)
        let der = try #require(pair.client.information?.certificates.first?.der)
        if hash == .sha256 { #expect(try pair.client.tlsServerEndPoint == HashAlgorithm.sha256.hash(der)) }
        let second = try Setup.shake(.init(names: ["mail.example.org"]))
        #expect(pair.client.tlsExporter != second.client.tlsExporter)
    }

    @Test func `a certificate without a hash function has no end-point binding`() throws {
        // The signature counts, not the key: only a self-signed one is signed with Ed25519 here.
        let issued = try CertificateAuthority.selfSigned(.init(names: ["mail.example.org"], key: .ed25519))
        let pair = try Setup.pair(Setup.client(trusting: issued.certificate), Setup.server(issued))
        pair.shake()
        try expectConnected(pair)
        #expect(pair.client.tlsServerEndPoint == nil)
        #expect(pair.client.tlsExporter != nil)
    }

    @Test func `bindings and information are absent before the handshake`() throws {
        let authority = try CertificateAuthority.shared
        let engine = try TLSEngine(
            context: Setup.client(trusting: authority.certificate),
            serverName: TLSServerName("mail.example.org")
        )
        #expect(engine.tlsExporter == nil && engine.tlsServerEndPoint == nil && engine.information == nil)
        #expect(catching { try engine.write([1]) }?.code == .notUsable)
        try engine.start()
        #expect(engine.handshakeState == .inProgress)
        #expect(engine.tlsExporter == nil && engine.tlsServerEndPoint == nil && engine.information == nil)
    }

    @Test(arguments: [nil, 1, 2, 7, 1000])
    func `octets in any pieces give the same result`(size: Int?) throws {
        for maximum in [TLSVersion.v1_2, .v1_3] {
            let authority = try CertificateAuthority.shared
            let pair = try Setup.pair(
                Setup.client(trusting: authority.certificate),
                Setup.server(authority.issue(Self.server)) { $0.maximumVersion = maximum }
            )
            pair.pieceSize = size
            pair.shake()
            try expectConnected(pair)
            let wrong = try Setup.pair(
                Setup.client(trusting: authority.certificate),
                Setup.server(authority.issue(Self.server)) { $0.maximumVersion = maximum },
                name: "b.example.org"
            )
            wrong.pieceSize = size
            wrong.shake()
            #expect(wrong.clientError?.code == .hostMismatch)
        }
    }
}
