import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Every kind of certificate that must not be accepted: its code, and the words that tell a person what to do.
@Suite(.computing) struct RefusedCertificateTests {
    private func expectRefused(
        _ pair: Pair,
        _ code: TLSError.Code,
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = pair.clientError
        #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
        for word in words {
            #expect(
                error?.message.contains(word) == true,
                "\(error?.message ?? "") lacks \(word)",
                sourceLocation: sourceLocation
            )
        }
        #expect(pair.client.handshakeState == .failed, sourceLocation: sourceLocation)
        // Nothing can be written any more, and the error stays.
        #expect(
            catching { try pair.client.write([1]) } == error,
            sourceLocation: sourceLocation
        )
        #expect(pair.serverGot.isEmpty, sourceLocation: sourceLocation)
    }

    private func date(_ year: Int, _ month: Int, _ day: Int) throws -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        return try #require(calendar.date(from: DateComponents(year: year, month: month, day: day, hour: 12)))
    }

    @Test func `an expired certificate is refused with its date`() throws {
        let pair = try Setup.shake(
            .init(names: ["mail.example.org"], notBefore: date(2024, 1, 1), notAfter: date(2025, 5, 3))
        )
        expectRefused(
            pair,
            .certificateExpired,
            "the certificate of mail.example.org expired on 3 May 2025; the server's operator must renew it"
        )
    }

    @Test func `a certificate of the future is refused with its date`() throws {
        let pair = try Setup.shake(
            .init(names: ["mail.example.org"], notBefore: date(2050, 2, 1), notAfter: date(2051, 1, 1))
        )
        expectRefused(pair, .certificateNotYetValid, "only from 1 February 2050", "clock of this computer")
    }

    @Test func `a self-signed certificate is refused`() throws {
        let issued = try CertificateAuthority.selfSigned(.init(names: ["mail.example.org"]))
        let pair = try Setup.pair(
            Setup.client(trusting: CertificateAuthority.shared.certificate),
            Setup.server(issued)
        )
        pair.shake()
        expectRefused(pair, .selfSigned, "self-signed", "tls.trust")
    }

    @Test func `a certificate for other hosts is refused with their names`() throws {
        let pair = try Setup.shake(.init(names: ["other.example.org", "*.example.net"]))
        expectRefused(
            pair,
            .hostMismatch,
            "valid for other.example.org and *.example.net, not for mail.example.org; check `host`"
        )
    }

    @Test(
        arguments: [
            ("m*.example.org", "mail.example.org"), ("*il.example.org", "mail.example.org"),
            ("mail.*.org", "mail.example.org"), ("*.example.org", "mail.eu.example.org"),
            ("*.*.org", "mail.example.org"), ("*.org", "example.org"), ("*.example.org", "example.org"),
            ("*", "mail"), (".example.org", "mail.example.org"),
        ])
    func `a wildcard that is not one whole left-most label matches nothing`(pattern: String, host: String) throws {
        expectRefused(try Setup.shake(.init(names: [pattern]), name: host), .hostMismatch, "not for \(host)")
    }

    @Test func `a common name does not count`() throws {
        let pair = try Setup.shake(.init(commonName: "mail.example.org"))
        expectRefused(
            pair,
            .hostMismatch,
            "names 'mail.example.org' in its subject alone",
            "subjectAltName mail.example.org"
        )
    }

    @Test func `a common name does not count beside other names`() throws {
        let pair = try Setup.shake(.init(names: ["a.example.net"], commonName: "mail.example.org"))
        expectRefused(pair, .hostMismatch, "valid for a.example.net, not for mail.example.org")
    }

    @Test func `another address is refused`() throws {
        let pair = try Setup.shake(.init(addresses: ["192.0.2.1"]), name: "192.0.2.2")
        expectRefused(pair, .hostMismatch, "valid for 192.0.2.1, not for 192.0.2.2")
    }

    @Test func `an address written as a DNS name is refused`() throws {
        let pair = try Setup.shake(.init(names: ["192.0.2.1"], commonName: "192.0.2.1"), name: "192.0.2.1")
        expectRefused(pair, .hostMismatch, "carries this address as a DNS name, which does not count")
    }

    @Test func `a wildcard that looks as if it matched comes with the rule`() throws {
        let near = try Setup.shake(.init(names: ["*.example.org"]), name: "mail.eu.example.org")
        expectRefused(near, .hostMismatch, "(a `*` stands for one whole label, the first")
        let far = try Setup.shake(.init(names: ["*.example.net"]))
        #expect(far.clientError?.message.contains("stands for") == false)
    }

    @Test func `the name of the server does not stand for its address`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]), name: "192.0.2.1")
        expectRefused(pair, .hostMismatch, "set `host` to mail.example.org")
    }

    @Test func `an unknown authority is refused by name`() throws {
        let stranger = try CertificateAuthority(name: "Stranger Root", organisation: "Strangers")
        let pair = try Setup.pair(
            Setup.client(trusting: CertificateAuthority.shared.certificate),
            Setup.server(stranger.issue(.init(names: ["mail.example.org"])))
        )
        pair.shake()
        expectRefused(pair, .unknownAuthority, "issued by 'Stranger Root'", "tls.trust")
    }

    @Test func `an unknown authority is refused with its whole chain too`() throws {
        let stranger = try CertificateAuthority(name: "Stranger Root", organisation: "Strangers")
        let middle = try stranger.makeIntermediate(name: "Stranger Intermediate")
        let pair = try Setup.pair(
            Setup.client(trusting: CertificateAuthority.shared.certificate),
            Setup.server(middle.issue(.init(names: ["mail.example.org"])))
        )
        pair.shake()
        expectRefused(pair, .unknownAuthority, "issued by 'Stranger Root'")
    }

    @Test func `a missing intermediate certificate is told from an unknown authority`() throws {
        let pair = try Setup.pair(
            Setup.client(trusting: CertificateAuthority.shared.certificate),
            Setup.server(
                CertificateAuthority.sharedIntermediate.issue(.init(names: ["mail.example.org"])),
                leafOnly: true
            )
        )
        pair.shake()
        expectRefused(pair, .missingIntermediate, "'Posthorn Test Intermediate'", "full chain")
    }

    @Test func `a short key is refused`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"], key: .rsa1024))
        expectRefused(pair, .weakKey, "1024-bit RSA key", "RSA 2048")
    }

    @Test func `a signature with SHA-1 is refused`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"], hash: .sha1))
        expectRefused(pair, .weakSignature, "SHA1", "SHA-256")
    }

    @Test func `a certificate for clients does not serve a server`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"], purpose: .client))
        expectRefused(pair, .wrongPurpose, "not issued for the use by servers", "serverAuth")
    }

    @Test func `a pin that no certificate has ends the connection`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"])) {
            $0.pins = ["sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]
        }
        expectRefused(pair, .pinMismatch, "pinned key", "tls.pins")
    }

    @Test func `control characters of a certificate never reach the sentence`() throws {
        let pair = try Setup.shake(.init(commonName: "a\u{1B}[31mb"))
        let message = try #require(pair.clientError?.message)
        #expect(message.contains("a\\x1B[31mb"))
        #expect(!message.unicodeScalars.contains { $0.value < 0x20 })
    }
}
