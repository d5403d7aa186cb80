import Foundation
import Posthorn
import TestSupport

/// A server that must be refused, by what is wrong with it. The raw value is its line in `docs/tls.md`.
enum RefusedCase: String, CaseIterable, Sendable {
    case expired = "expired certificate"
    case notYetValid = "certificate not yet valid"
    case selfSigned = "self-signed certificate"
    case wrongHost = "certificate of another host"
    case wildcardTooDeep = "wildcard for another level"
    case partialWildcard = "wildcard for a part of a label"
    case commonNameOnly = "name in the subject only"
    case wrongAddress = "certificate without this address"
    case addressAsName = "address written as a name"
    case unknownAuthority = "authority that is not trusted"
    case missingIntermediate = "intermediate certificate not sent"
    case revoked = "certificate on the revocation list"
    case oldList = "revocation list out of date"
    case oldVersion = "TLS 1.1 and nothing newer"
    case belowMinimum = "TLS 1.2 where `minimum: 1.3` is set"
    case weakKey = "RSA key of 1024 bits"
    case weakSignature = "signature with SHA-1"
    case wrongPurpose = "certificate for clients"
    case otherPin = "key that is not pinned"
    case mustStaple = "stapled answer demanded and not sent"
    case noClientCertificate = "client certificate demanded, none set"
    case foreignClientCertificate = "client certificate of an unknown authority"
    case truncated = "connection ended in the handshake"
    case stalled = "handshake never answered"
    case plain = "no TLS on the port for TLS"
    case plainAfterAgreement = "no TLS after the answer to STARTTLS"
    case stripped = "STARTTLS not offered"
    case noEHLO = "EHLO refused"
    case refusedForNow = "STARTTLS answered with 454"
    case refusedForGood = "STARTTLS answered with 501"
    case answeredOddly = "STARTTLS answered with 250"
    case garbage = "STARTTLS answered with garbage"
    case answeredTwice = "STARTTLS answered twice"
    case injectedCapabilities = "capabilities glued to the answer"
    case injectedSignIn = "a false 235 glued to the answer"
    case injectedAcceptance = "a false 250 glued to the answer"
    case injectedHalfLine = "half a line glued to the answer"
    case injectedBefore = "text between the answer and the handshake"

    /// What may be glued to the answer to STARTTLS: text that would be used inside of TLS by a client that keeps it.
    static let injections: [RefusedCase] = [
        .answeredTwice, .injectedCapabilities, .injectedSignIn, .injectedAcceptance, .injectedHalfLine, .injectedBefore,
    ]

    /// How the connection begins in this case.
    var securities: [PeerBehaviour.Security] {
        switch self {
        case .plain: [.tls]
        case .plainAfterAgreement, .stripped, .noEHLO, .refusedForNow, .refusedForGood, .answeredOddly, .garbage,
            .answeredTwice, .injectedCapabilities, .injectedSignIn, .injectedAcceptance, .injectedHalfLine,
            .injectedBefore:
            [.starttls]
        default: [.tls, .starttls]
        }
    }

    /// The error's code.
    var code: MailError.Code {
        switch self {
        case .truncated: .connectionLost
        case .stalled: .timedOut
        case .stripped, .noEHLO, .refusedForNow, .refusedForGood, .answeredOddly: .encryptionUnavailable
        case .garbage, .answeredTwice, .injectedCapabilities, .injectedSignIn, .injectedAcceptance, .injectedHalfLine:
            .protocolViolation
        default: .tlsFailed
        }
    }

    /// The name that the client is told to connect to.
    var host: String {
        switch self {
        case .wildcardTooDeep: "mail.office.example.org"
        case .partialWildcard: "mail.example.org"
        case .wrongAddress, .addressAsName: "127.0.0.1"
        default: "localhost"
        }
    }

    /// Whether the name exists nowhere, so that a proxy must find the server.
    var needsProxy: Bool { host.hasSuffix(".org") }

    /// What the server shows, and how it behaves.
    func behaviour(_ security: PeerBehaviour.Security) throws -> PeerBehaviour {
        let issued = try issue()
        var behaviour = PeerBehaviour(security: security)
        behaviour.chain = (self == .missingIntermediate ? issued.certificate : issued.chain).path
        behaviour.key = issued.key.path
        switch self {
        case .oldVersion:
            behaviour.weak = true
            behaviour.maximum = "TLSv1_1"
        case .belowMinimum: behaviour.maximum = "TLSv1_2"
        case .weakKey, .weakSignature: behaviour.weak = true
        case .noClientCertificate, .foreignClientCertificate:
            behaviour.clients = try CertificateAuthority.shared.certificate.path
        case .truncated: behaviour.handshake = "truncated"
        case .stalled: behaviour.handshake = "stalled"
        case .plain, .plainAfterAgreement: behaviour.handshake = "plain"
        case .stripped: behaviour.offer = false
        case .noEHLO: behaviour.refuse_ehlo = true
        case .refusedForNow: behaviour.reply = "454 4.7.0 TLS not available\r\n"
        case .refusedForGood: behaviour.reply = "501 5.5.4 Syntax error\r\n"
        case .answeredOddly: behaviour.reply = "250 2.0.0 ok\r\n"
        case .garbage: behaviour.reply = "whatever you say\r\n"
        case .answeredTwice: behaviour.reply += "220 2.0.0 go on\r\n"
        case .injectedCapabilities: behaviour.reply += "250-peer.test\r\n250 AUTH PLAIN LOGIN\r\n"
        case .injectedSignIn: behaviour.reply += "250 peer.test\r\n235 2.7.0 signed in\r\n"
        case .injectedAcceptance: behaviour.reply += "250 peer.test\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"
        case .injectedHalfLine: behaviour.reply += "25"
        case .injectedBefore:
            behaviour.later = "250-peer.test\r\n250 AUTH PLAIN LOGIN\r\n"
            behaviour.waits = true
        default: break
        }
        return behaviour
    }

    /// The keys of the group `tls` beside `trust`.
    func settings() throws -> [String] {
        switch self {
        case .revoked: return ["crl: \(quoted(try Self.revocationList.get().path))"]
        case .oldList:
            let end = Date(timeIntervalSince1970: 1_746_267_000)
            return ["crl: \(quoted(try CertificateAuthority.shared.revocationList(nextUpdate: end).path))"]
        case .belowMinimum: return ["minimum: 1.3"]
        case .otherPin: return ["pins: [sha256/\(Data(repeating: 7, count: 32).base64EncodedString())]"]
        case .foreignClientCertificate:
            let issued = try Self.foreignAuthority.get().issue(CertificateRequest(names: ["info"], purpose: .client))
            return ["certificate: \(quoted(issued.chain.path))", "key: \(quoted(issued.key.path))"]
        default: return []
        }
    }

    private static let revokedCertificate = Result {
        try CertificateAuthority.shared.issue(CertificateRequest(names: ["localhost"]))
    }

    private static let revocationList = Result {
        try CertificateAuthority.shared.revoke(revokedCertificate.get())
        return try CertificateAuthority.shared.revocationList()
    }

    private static let foreignAuthority = Result {
        try CertificateAuthority(name: "Somebody Else", organisation: "Elsewhere")
    }

    private func issue() throws -> IssuedCertificate {
        var request = CertificateRequest(names: ["localhost"])
        // Fixed dates, so that the sentences are the same on every day.
        let may2025 = Date(timeIntervalSince1970: 1_746_267_000)
        switch self {
        case .expired:
            request.notBefore = may2025.addingTimeInterval(-90 * 86_400)
            request.notAfter = may2025
        case .notYetValid:
            request.notBefore = Date(timeIntervalSince1970: 3_976_214_400)
            request.notAfter = request.notBefore.addingTimeInterval(90 * 86_400)
        case .selfSigned: return try CertificateAuthority.selfSigned(request)
        case .wrongHost: request.names = ["mail.elsewhere.example", "elsewhere.example"]
        case .wildcardTooDeep: request.names = ["*.example.org"]
        case .partialWildcard: request.names = ["ma*.example.org"]
        case .commonNameOnly: (request.names, request.commonName) = ([], "localhost")
        case .wrongAddress: (request.names, request.addresses) = (["mail.example.org"], ["192.0.2.1"])
        case .addressAsName: request.names = ["127.0.0.1"]
        case .unknownAuthority: return try Self.foreignAuthority.get().issue(request)
        case .missingIntermediate: return try CertificateAuthority.sharedIntermediate.issue(request)
        case .revoked: return try Self.revokedCertificate.get()
        case .weakKey: request.key = .rsa1024
        case .weakSignature: request.hash = .sha1
        case .wrongPurpose: request.purpose = .client
        case .mustStaple: request.mustStaple = true
        default: break
        }
        return try CertificateAuthority.shared.issue(request)
    }
}
