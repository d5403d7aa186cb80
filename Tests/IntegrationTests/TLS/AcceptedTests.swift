import Foundation
import Posthorn
import TestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite("Servers whose encryption is as it should be", .undisturbed)
struct AcceptedTests {
    /// What is right about the server.
    enum Accepted: String, CaseIterable, Sendable {
        case exactName = "its name in the certificate"
        case wildcard = "a wildcard for its name"
        case addressV4 = "its IPv4 address in the certificate"
        case addressV6 = "its IPv6 address in the certificate"
        case chain = "an intermediate certificate that is sent"
        case pinned = "the pinned key"
        case notRevoked = "a certificate that is not on the revocation list"
        case oldestVersion = "TLS 1.2 and nothing newer"
        case clientPEM = "a client certificate in PEM files"
        case clientPKCS12 = "a client certificate in a PKCS#12 file"
        case longAnswer = "an answer to STARTTLS of two lines"

        var host: String {
            switch self {
            case .addressV4: "127.0.0.1"
            case .addressV6: "::1"
            case .wildcard: "mail.example.org"
            default: "localhost"
            }
        }

        var demandsClientCertificate: Bool { self == .clientPEM || self == .clientPKCS12 }

        var securities: [PeerBehaviour.Security] {
            switch self {
            case .longAnswer: [.starttls]
            case .addressV6: AcceptedTests.hasIPv6 ? [.tls, .starttls] : []
            default: [.tls, .starttls]
            }
        }

        func behaviour(_ security: PeerBehaviour.Security) throws -> PeerBehaviour {
            var request = CertificateRequest(names: [self == .wildcard ? "*.example.org" : "localhost"])
            if self == .addressV4 || self == .addressV6 { (request.names, request.addresses) = ([], [host]) }
            let issuer = try self == .chain ? CertificateAuthority.sharedIntermediate : CertificateAuthority.shared
            let issued = try self == .pinned ? AcceptedTests.pinned.get() : issuer.issue(request)
            var behaviour = PeerBehaviour(security: security, chain: issued.chain.path, key: issued.key.path)
            if self == .addressV6 { behaviour.host = host }
            if self == .oldestVersion { behaviour.maximum = "TLSv1_2" }
            if demandsClientCertificate { behaviour.clients = try CertificateAuthority.shared.certificate.path }
            if self == .longAnswer { behaviour.reply = "220-2.0.0 wait\r\n220 2.0.0 go on\r\n" }
            return behaviour
        }

        /// The keys of the group `tls` beside `trust`.
        func settings() async throws -> [String] {
            switch self {
            case .pinned:
                let certificate = try AcceptedTests.pinned.get().certificate.path
                let digest = "openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64"
                let command = "openssl x509 -in \"$0\" -noout -pubkey | \(digest)"
                let pin = try await run("sh", ["-c", command, certificate]).check().output.dropLast()
                return ["pins: [sha256/\(Data(repeating: 7, count: 32).base64EncodedString()), sha256/\(pin)]"]
            case .notRevoked:
                return ["crl: \(quoted(try CertificateAuthority.shared.revocationList().path))"]
            case .clientPEM:
                let client = try AcceptedTests.client.get()
                return ["certificate: \(quoted(client.chain.path))", "key: \(quoted(client.key.path))"]
            case .clientPKCS12:
                let file = try AcceptedTests.client.get().pkcs12(passphrase: "pass phrase: ü")
                return ["certificate: \(quoted(file.path))", "passphrase: { file: key.secret }"]
            default: return []
            }
        }
    }

    struct Run: Sendable, CustomTestStringConvertible {
        var accepted: Accepted
        var security: PeerBehaviour.Security
        var testDescription: String { "\(accepted.rawValue) (\(security.rawValue))" }
        var name: String { "\(accepted)-\(security)" }
    }

    static let runs = Accepted.allCases.flatMap { accepted in
        accepted.securities.map { Run(accepted: accepted, security: $0) }
    }

    /// Whether this computer has the address `::1`; some containers have not.
    static let hasIPv6: Bool = {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET6, kind, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }()

    private static let pinned = Result {
        try CertificateAuthority.shared.issue(CertificateRequest(names: ["localhost"]))
    }
    private static let client = Result {
        try CertificateAuthority.shared.issue(CertificateRequest(commonName: "info", purpose: .client))
    }

    private static let peers = Task(executorPreference: QueueExecutor.waiting) {
        var behaviours = ["proxy": PeerBehaviour(security: .proxy)]
        for run in runs { behaviours[run.name] = try run.accepted.behaviour(run.security) }
        return try await Peers.start(behaviours)
    }

    @Test("Each is accepted, and gets the message inside of TLS alone", arguments: runs)
    func accepted(run: Run) async throws {
        let peers = try await Self.peers.value
        var client = TLSClient(host: run.accepted.host, port: try peers.port(run.name), security: run.security)
        client.tls = try await run.accepted.settings()
        client.secrets = ["key.secret": "pass phrase: ü"]
        if run.accepted.demandsClientCertificate { client.mechanism = "EXTERNAL" }
        if run.accepted == .wildcard { client.proxyPort = try peers.port("proxy") }
        let receipt = try await client.send()
        #expect(receipt.isComplete)
        #expect(receipt.remoteQueueID == "PEER1")

        let record = try await peers.record(run.name)
        #expect(record.inside.contains("\r\nSubject: \(TLSClient.subject)\r\n"))
        #expect(record.inside.contains("RCPT TO:<orders@supplier.example>\r\n"))
        // What would be searched for in vain if nothing were recorded is found here.
        let credential =
            run.accepted.demandsClientCertificate
            ? "AUTH EXTERNAL" : "AUTH PLAIN " + Data("\0info\0\(TLSClient.password)".utf8).base64EncodedString()
        #expect(record.inside.contains(credential))
        for text in TLSClient.confidential { #expect(!record.raw.contains(text)) }
        for line in record.clear.split(separator: "\r\n") {
            #expect(run.security == .starttls && ["EHLO", "STARTTLS"].contains(line.prefix { $0 != " " }), "\(line)")
        }
    }

    @Test("A session that the server has forgotten is no obstacle")
    func forgottenSession() async throws {
        let peers = try await Self.peers.value
        // This server has new keys for its tickets on every connection.
        for version in [Accepted.oldestVersion, .exactName] {
            let run = Run(accepted: version, security: .tls)
            let client = TLSClient(port: try peers.port(run.name), security: run.security)
            let program = try await client.makeProgram()
            for _ in 0..<3 { #expect(try await client.send(by: program).isComplete) }
        }
    }
}
