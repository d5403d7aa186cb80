import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Revocation lists from a file (RFC 5280, section 5) and stapled answers (RFC 6066, RFC 7633).
@Suite(.computing) struct RevocationTests {
    private func outcome(
        _ authority: CertificateAuthority,
        _ issued: IssuedCertificate,
        root: URL? = nil,
        list: URL? = nil,
        staple: [UInt8]? = nil,
        maximum: TLSVersion = .v1_3
    ) throws -> Pair {
        let pair = try Setup.pair(
            Setup.client(trusting: root ?? authority.certificate) { $0.revocationList = list?.path },
            Setup.server(issued) {
                $0.stapledResponse = staple
                $0.maximumVersion = maximum
            }
        )
        pair.shake()
        return pair
    }

    private func makeAuthority() throws -> CertificateAuthority { try CertificateAuthority(name: "Revoking Root") }

    @Test func `a certificate on the list is refused, another one of the authority is not`() throws {
        let authority = try makeAuthority()
        let bad = try authority.issue(.init(names: ["mail.example.org"]))
        let good = try authority.issue(.init(names: ["mail.example.org"]))
        try authority.revoke(bad)
        let list = try authority.revocationList()
        let refused = try outcome(authority, bad, list: list)
        #expect(refused.clientError?.code == .revoked)
        #expect(
            refused.clientError?.message
                == "the certificate of mail.example.org was revoked by its authority; "
                + "the server's operator must replace it"
        )
        try expectConnected(outcome(authority, good, list: list))
        // Without the setting nobody looks at lists.
        try expectConnected(outcome(authority, bad))
    }

    @Test func `the list of the issuing authority is enough`() throws {
        let root = try makeAuthority()
        let authority = try root.makeIntermediate(name: "Revoking Intermediate")
        let bad = try authority.issue(.init(names: ["mail.example.org"]))
        let good = try authority.issue(.init(names: ["mail.example.org"]))
        try authority.revoke(bad)
        let list = try authority.revocationList()
        #expect(try outcome(authority, bad, root: root.certificate, list: list).clientError?.code == .revoked)
        try expectConnected(outcome(authority, good, root: root.certificate, list: list))
    }

    @Test func `a list that says nothing about the authority leaves the certificate unchecked and refused`() throws {
        let authority = try makeAuthority()
        let issued = try authority.issue(.init(names: ["mail.example.org"]))
        let list = try CertificateAuthority.shared.revocationList()
        let pair = try outcome(authority, issued, list: list)
        #expect(pair.clientError?.code == .revocationUnknown)
        #expect(pair.clientError?.message.contains("has no list of 'Revoking Root'") == true)
    }

    @Test func `a list that ran out is refused with its date`() throws {
        let authority = try makeAuthority()
        let issued = try authority.issue(.init(names: ["mail.example.org"]))
        let list = try authority.revocationList(nextUpdate: Date(timeIntervalSince1970: 1_750_000_000))
        let pair = try outcome(authority, issued, list: list)
        #expect(pair.clientError?.code == .revocationUnknown)
        #expect(pair.clientError?.message.contains("ran out on 15 June 2025") == true)
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `a certificate that demands a staple is refused without one`(version: TLSVersion) throws {
        let authority = try makeAuthority()
        let issued = try authority.issue(.init(names: ["mail.example.org"], mustStaple: true))
        let pair = try outcome(authority, issued, maximum: version)
        #expect(pair.clientError?.code == .stapleMissing)
        #expect(pair.clientError?.message.contains("must turn on OCSP stapling") == true)
        #expect(pair.serverError != nil || pair.server.handshakeState != .complete)
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `a certificate that demands a staple is accepted with a good one`(version: TLSVersion) throws {
        let authority = try makeAuthority()
        let issued = try authority.issue(.init(names: ["mail.example.org"], mustStaple: true))
        let pair = try outcome(
            authority,
            issued,
            staple: authority.revocationAnswer(about: issued),
            maximum: version
        )
        try expectConnected(pair)
        #expect(pair.client.information?.hasGoodStaple == true)
    }

    @Test func `a good staple of an intermediate authority is accepted`() throws {
        let root = try makeAuthority()
        let authority = try root.makeIntermediate(name: "Stapling Intermediate")
        let issued = try authority.issue(.init(names: ["mail.example.org"], mustStaple: true))
        let pair = try outcome(
            authority,
            issued,
            root: root.certificate,
            staple: authority.revocationAnswer(about: issued)
        )
        try expectConnected(pair)
    }

    @Test(arguments: [true, false])
    func `a staple that says revoked ends the connection, demanded or not`(mustStaple: Bool) throws {
        let authority = try makeAuthority()
        let issued = try authority.issue(.init(names: ["mail.example.org"], mustStaple: mustStaple))
        try authority.revoke(issued)
        let pair = try outcome(authority, issued, staple: authority.revocationAnswer(about: issued))
        #expect(pair.clientError?.code == .revoked)
    }

    @Test func `a staple about another certificate, or a forged one, does not meet the demand`() throws {
        let authority = try makeAuthority()
        let issued = try authority.issue(.init(names: ["mail.example.org"], mustStaple: true))
        let other = try authority.issue(.init(names: ["mail.example.org"]))
        let stranger = try CertificateAuthority(name: "Revoking Root")
        for answer in try [
            authority.revocationAnswer(about: other), authority.revocationAnswer(about: issued, signedBy: stranger),
            [0x30, 0x03, 1, 2, 3],
        ] {
            #expect(try outcome(authority, issued, staple: answer).clientError?.code == .stapleMissing)
        }
    }
}
