import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

/// Certificates of both sides, at a real Postfix and a real Dovecot.
@Suite(.undisturbed) struct RealServerCertificateTests {
    private func withServers(
        _ change: (inout ServerOptions) throws -> Void,
        _ body: (MailServers, MailUser) async throws -> Void
    ) async throws {
        var options = ServerOptions()
        try change(&options)
        let servers = try await MailServers.start(options)
        do {
            try await body(servers, try servers.addUser("info"))
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    /// A way with further keys in its group `tls`.
    private func way(_ way: Way, tls: [String]) -> Way {
        var way = way
        way.lines = way.lines.map { line in
            guard line.hasPrefix("tls: {") else { return line }
            return line.dropLast(2) + ", \(tls.joined(separator: ", ")) }"
        }
        return way
    }

    private static let passphrase = "pass phrase: ü"

    private func identity(_ form: String = "PEM") throws -> [String] {
        let client = try CertificateAuthority.shared.issue(CertificateRequest(commonName: "info", purpose: .client))
        if form == "PKCS#12" {
            let file = try client.pkcs12(passphrase: Self.passphrase)
            return ["certificate: \(quoted(file.path))", "passphrase: { file: key.secret }"]
        }
        return ["certificate: \(quoted(client.chain.path))", "key: \(quoted(client.key.path))"]
    }

    private func expectDelivery(_ way: Way, _ servers: MailServers, _ user: MailUser, _ count: Int = 1) async throws {
        let mail = try await Workstation(way, sender: user.address).client()
        #expect(try await mail.send(Message(to: [user.address], text: "x\n")).isComplete)
        #expect(try await servers.mailbox(of: user).messages(count).count == count)
    }

    @Test(arguments: ["PEM", "PKCS#12"])
    func `Postfix demands a client certificate and gets it`(_ form: String) async throws {
        let authority = try CertificateAuthority.shared.certificate.path
        try await withServers {
            $0.postfix = ["smtpd_tls_req_ccert": "yes", "smtpd_tls_CAfile": authority]
        } _: { servers, user in
            for (number, security) in ["tls", "starttls"].enumerated() {
                let bare = try Way.submission(servers, user, security: security)
                let error = try await mailError {
                    let mail = try await Workstation(bare, sender: user.address).client()
                    return try await mail.send(Message(to: [user.address], text: "x\n"))
                }
                #expect(error.certainty == .notTaken, "\(error.detailedDescription())")
                var known = way(bare, tls: try identity(form))
                known.secrets["key.secret"] = Self.passphrase
                try await expectDelivery(known, servers, user, number + 1)
            }
            #expect(servers.postfixLog().contains("]: Trusted TLS connection established from unknown[127.0.0.1]"))
        }
    }

    @Test func `a client certificate signs in to Dovecot by EXTERNAL`() async throws {
        let authority = try CertificateAuthority.shared.certificate.path
        try await withServers {
            $0.mechanisms.append("external")
            $0.dovecot = """
                ssl_ca = <\(authority)
                ssl_verify_client_cert = yes
                ssl_require_crl = no
                auth_ssl_username_from_cert = yes
                passdb {
                  driver = static
                  mechanisms = external
                  args = nopassword=y
                }
                """
        } _: { servers, user in
            var submission = way(try .submission(servers, user), tls: try identity())
            submission.port = servers.dovecotSubmissionsPort
            submission.lines.removeAll { $0.hasPrefix("password") }
            try await expectDelivery(submission, servers, user)
            #expect(servers.dovecotLog().contains("user=<info>, method=EXTERNAL"), "\(servers.dovecotLog())")
        }
    }

    @Test func `a pin of Postfix' key lets the message through, and any other keeps it here`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let chain = servers.url.appending(path: "tls/server.pem").path
        let digest = "openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64"
        let pin = try await run("sh", ["-c", "openssl x509 -in \"$0\" -noout -pubkey | \(digest)", chain]).check()
        let right = "sha256/\(pin.output.dropLast())"
        let wrong = "sha256/\(Data(repeating: 7, count: 32).base64EncodedString())"
        for security in ["tls", "starttls"] {
            let bare = try Way.submission(servers, user, security: security)
            let mail = try await Workstation(way(bare, tls: ["pins: [\(wrong)]"]), sender: user.address).client()
            let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x\n")) }
            #expect(error.code == .tlsFailed && error.certainty == .notTaken)
            #expect(error.message.contains("pinned") && error.message.contains(right), "\(error)")
        }
        try await expectDelivery(way(.submission(servers, user), tls: ["pins: [\(wrong), \(right)]"]), servers, user)
    }

    @Test func `a Postfix that ends at TLS 1_1 gets nothing`() async throws {
        try await withServers {
            $0.postfix = [
                "smtpd_tls_protocols": "<=TLSv1.1", "smtpd_tls_mandatory_protocols": "<=TLSv1.1",
                "tls_medium_cipherlist": "ALL:@SECLEVEL=0",
            ]
        } _: { servers, user in
            // Postfix really speaks it, with a client that wants to.
            let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect", "127.0.0.1:\(servers.submissionsPort)"]
            let shown = try await run("openssl", ["s_client"] + old, input: Array("QUIT\r\n".utf8))
            #expect(shown.output.contains("Protocol  : TLSv1.1"), "\(shown.output)")
            for security in ["tls", "starttls"] {
                let way = try Way.submission(servers, user, security: security)
                let mail = try await Workstation(way, sender: user.address).client()
                let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x\n")) }
                #expect(error.code == .tlsFailed && error.certainty == .notTaken, "\(error)")
                #expect(error.message.contains("does not speak TLS 1.2 or later"), "\(error)")
            }
        }
    }
}
