import Foundation
import Posthorn
import PosthornMIME
import TestSupport

/// A client that tries to send a message to one of `Peers`.
struct TLSClient {
    static let password = "PosthornSecretCanary-7f3a91"
    static let subject = "confidential-offer-4711"
    private static let pair = Data("\0info\0\(password)".utf8).base64EncodedString()
    private static let alone = Data(password.utf8).base64EncodedString()

    /// What must never be read by a server that is to be refused.
    static let confidential = [password, alone, pair, subject, "info@", "orders@"]
    /// What only a client says that is about to give it away.
    static let commands = ["AUTH", "MAIL FROM", "RCPT TO", "DATA", "BDAT"]

    var host = "localhost"
    var port: Int
    var security: PeerBehaviour.Security
    /// Keys of the group `tls` beside `trust`.
    var tls: [String] = []
    var proxyPort: Int?
    var mechanism = "PLAIN"
    var connectLimit = "30 s"
    var secrets: [String: String] = [:]

    func makeProgram() async throws -> HostProgram {
        let trust = "trust: \(quoted(try CertificateAuthority.shared.certificate.path))"
        var way = Way(host: host, port: port, security: security.rawValue)
        way.lines = [
            "username: info", "mechanisms: \(mechanism)", "timeouts: { connect: \(connectLimit) }",
            "tls: { \(([trust] + tls).joined(separator: ", ")) }",
        ]
        if mechanism != "EXTERNAL" { way.lines.append("password: { file: password.secret }") }
        if let proxyPort { way.lines.append("proxy: { type: http, host: 127.0.0.1, port: \(proxyPort) }") }
        way.secrets = secrets.merging(["password.secret": Self.password]) { $1 }
        return try await Workstation(way, sender: "info@kuechen-muster.example").client()
    }

    func send() async throws -> SendReceipt {
        try await send(by: try await makeProgram())
    }

    func send(by program: HostProgram) async throws -> SendReceipt {
        try await program.send(
            Message(to: ["orders@supplier.example"], subject: Self.subject, text: "\(Self.subject)\n")
        )
    }

    /// An error's sentence as the documentation has it: with the name of a server in place of the test's own.
    func documented(_ error: MailError) -> String {
        error.message
            .replacing("\(host):\(port)", with: "mail.example.org:\(security == .tls ? 465 : 587)")
            .replacing("localhost", with: "mail.example.org")
            .replacing(/sha256\/[A-Za-z0-9+\/=]{44}/, with: "sha256/…")
            .replacing(/'[^' ]*\.pem'/, with: "'revoked.pem'")
    }
}
