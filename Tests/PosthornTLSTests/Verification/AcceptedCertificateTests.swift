import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Certificates that must be accepted, so that the strictness elsewhere is not mere refusal.
@Suite(.computing) struct AcceptedCertificateTests {
    @Test(
        arguments: [
            ("mail.example.org", "mail.example.org"), ("MAIL.Example.ORG", "mail.example.org"),
            ("mail.example.org", "MAIL.EXAMPLE.ORG."), ("*.example.org", "mail.example.org"),
            ("xn--mller-kva.example", "xn--mller-kva.example"), ("*.example.org", "xn--mller-kva.example.org"),
        ])
    func `a DNS name is accepted exactly or through a wildcard as left-most label`(
        name: String,
        host: String
    ) throws {
        try expectConnected(Setup.shake(.init(names: ["unrelated.example", name]), name: host))
    }

    @Test(arguments: [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:DB8:0:0::1"), ("::1", "[::1]")])
    func `an address is accepted among the addresses`(address: String, host: String) throws {
        try expectConnected(Setup.shake(.init(addresses: [address]), name: host))
    }

    @Test func `an address with a zone is accepted without it`() throws {
        try expectConnected(Setup.shake(.init(addresses: ["fe80::1"]), name: "fe80::1%eth0"))
    }

    @Test(arguments: [CertificateRequest.Key.ec256, .rsa2048, .ed25519])
    func `every usual kind of key is accepted`(key: CertificateRequest.Key) throws {
        try expectConnected(Setup.shake(.init(names: ["mail.example.org"], key: key)))
    }

    @Test func `a chain over an intermediate authority is accepted`() throws {
        let pair = try Setup.pair(
            Setup.client(trusting: CertificateAuthority.shared.certificate),
            Setup.server(CertificateAuthority.sharedIntermediate.issue(.init(names: ["mail.example.org"])))
        )
        pair.shake()
        try expectConnected(pair)
        let information = try #require(pair.client.information)
        #expect(information.certificates.count == 3)
        #expect(information.certificates[0].names.map(\.text) == ["mail.example.org"])
        #expect(information.certificates[0].issuer == "CN=Posthorn Test Intermediate,O=Posthorn Tests")
        #expect(information.certificates[1].issuer == "CN=Posthorn Test Root,O=Posthorn Tests")
        #expect(information.certificates[2].subject == "CN=Posthorn Test Root,O=Posthorn Tests")
        let ends = try #require(information.certificates[0].notAfter)
        #expect(abs(Double(ends.secondsSince1970) - Date().timeIntervalSince1970 - 30 * 86_400) < 3600)
    }

    @Test func `an intermediate authority may itself be the trusted one`() throws {
        let authority = try CertificateAuthority.sharedIntermediate
        let pair = try Setup.pair(
            Setup.client(trusting: authority.certificate),
            Setup.server(authority.issue(.init(names: ["mail.example.org"])), leafOnly: true)
        )
        pair.shake()
        try expectConnected(pair)
    }

    @Test func `a self-signed certificate is accepted when it is itself trusted`() throws {
        let issued = try CertificateAuthority.selfSigned(.init(names: ["mail.example.org"]))
        let pair = try Setup.pair(Setup.client(trusting: issued.certificate), Setup.server(issued))
        pair.shake()
        try expectConnected(pair)
    }

    @Test func `roots come from a directory, and from several places together`() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("roots-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let authority = try CertificateAuthority.shared
        let text = try String(contentsOf: authority.certificate, encoding: .utf8)
        try text.write(to: directory.appendingPathComponent("one.crt"), atomically: false, encoding: .utf8)
        try "nothing".write(to: directory.appendingPathComponent("two.pem"), atomically: false, encoding: .utf8)
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        for roots: TLSTrustRoots in [.directory(directory.path), .combined([.system, .directory(directory.path)])] {
            let pair = try Setup.pair(TLSContext(TLSConfiguration(trustRoots: roots)), server)
            pair.shake()
            try expectConnected(pair)
        }
    }

    @Test(arguments: ["leaf", "authority"])
    func `a pin of any certificate of the chain is accepted`(which: String) throws {
        let authority = try CertificateAuthority.shared
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        let plain = try Setup.pair(Setup.client(trusting: authority.certificate), server)
        plain.shake()
        let certificates = try #require(plain.client.information?.certificates)
        let pin = try #require(which == "leaf" ? certificates.first?.pin : certificates.last?.pin)
        for text in [pin, "sha256/" + pin] {
            let pinned = try Setup.pair(
                Setup.client(trusting: authority.certificate) {
                    $0.pins = ["sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", text]
                },
                server
            )
            pinned.shake()
            try expectConnected(pinned)
        }
    }

    @Test func `a pin does not replace the other checks`() throws {
        let authority = try CertificateAuthority.shared
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        let plain = try Setup.pair(Setup.client(trusting: authority.certificate), server)
        plain.shake()
        let pin = try #require(plain.client.information?.certificates.first?.pin)
        let pair = try Setup.pair(
            Setup.client(trusting: authority.certificate) { $0.pins = [pin] },
            server,
            name: "other.example.org"
        )
        pair.shake()
        #expect(pair.clientError?.code == .hostMismatch)
    }
}
