package import Foundation
import Synchronization

/// An authority that issues certificates for tests, with the `openssl` program.
///
/// Making one takes some ten milliseconds; `shared` and `sharedIntermediate` are made once per process. Its files live
/// until the process ends.
package final class CertificateAuthority: Sendable {
    /// The authority's own certificate, PEM.
    package let certificate: URL
    /// The certificates between this authority's certificates and the root, nearest first, PEM; `nil` for a root.
    private let intermediates: String

    private let directory: URL
    private let name: String
    private let organisation: String
    private let counter = Atomic<Int>(0)
    /// The program keeps its database in files that only one call at a time may change.
    private let database = Mutex(())

    private static let sharedRoot = Result { try CertificateAuthority(name: "Posthorn Test Root") }
    private static let sharedSecond = Result {
        try CertificateAuthority.shared.makeIntermediate(name: "Posthorn Test Intermediate")
    }

    /// A root that all tests of the process may use.
    package static var shared: CertificateAuthority { get throws { try sharedRoot.get() } }

    /// An authority below the shared root that all tests of the process may use.
    package static var sharedIntermediate: CertificateAuthority { get throws { try sharedSecond.get() } }

    /// A new root.
    package init(name: String, organisation: String = "Posthorn Tests") throws {
        directory = try OpenSSLProgram.makeDirectory()
        self.name = name
        self.organisation = organisation
        intermediates = ""
        certificate = directory.appendingPathComponent("authority.pem")
        try Self.prepare(directory)
        try OpenSSLProgram.run(
            [
                "req", "-utf8", "-x509", "-config", directory.appendingPathComponent("ca.cnf").path, "-extensions",
                "authority",
            ]
                + CertificateRequest.Key.ec256.arguments
                + [
                    "-nodes", "-days", "3650", "-subj", "/O=\(organisation)/CN=\(name)",
                    "-keyout", directory.appendingPathComponent("authority.key").path, "-out", certificate.path,
                ]
        )
    }

    private init(name: String, organisation: String, directory: URL, parent: CertificateAuthority) throws {
        self.directory = directory
        self.name = name
        self.organisation = organisation
        certificate = directory.appendingPathComponent("authority.pem")
        intermediates = try String(contentsOf: certificate, encoding: .utf8) + parent.intermediates
    }

    /// A new authority below this one.
    package func makeIntermediate(name: String) throws -> CertificateAuthority {
        let directory = try OpenSSLProgram.makeDirectory()
        try Self.prepare(directory)
        let extensions = directory.appendingPathComponent("extensions.cnf")
        let lines = [
            "basicConstraints = critical,CA:TRUE", "keyUsage = critical,keyCertSign,cRLSign",
            "subjectKeyIdentifier = hash", "authorityKeyIdentifier = keyid",
        ]
        try lines.joined(separator: "\n").write(to: extensions, atomically: false, encoding: .utf8)
        try sign(
            subject: "/O=\(organisation)/CN=\(name)",
            key: .ec256,
            hash: .sha256,
            extensions: extensions,
            dates: (Date(timeIntervalSinceNow: -86_400), Date(timeIntervalSinceNow: 3000 * 86_400)),
            keyFile: directory.appendingPathComponent("authority.key"),
            certificateFile: directory.appendingPathComponent("authority.pem")
        )
        return try CertificateAuthority(name: name, organisation: organisation, directory: directory, parent: self)
    }

    /// A new certificate with its key.
    package func issue(_ request: CertificateRequest) throws -> IssuedCertificate {
        let number = counter.add(1, ordering: .relaxed).newValue
        let files = issuedFiles(number)
        let extensions = directory.appendingPathComponent("\(number).cnf")
        try request.extensions.write(to: extensions, atomically: false, encoding: .utf8)
        try sign(
            subject: "/O=\(organisation)/CN=\(request.commonName)",
            key: request.key,
            hash: request.hash,
            extensions: extensions,
            dates: (request.notBefore, request.notAfter),
            keyFile: files.key,
            certificateFile: files.certificate
        )
        let text = try String(contentsOf: files.certificate, encoding: .utf8)
        try (text + intermediates).write(to: files.chain, atomically: false, encoding: .utf8)
        return files
    }

    /// A certificate that nobody but itself vouches for.
    package static func selfSigned(_ request: CertificateRequest) throws -> IssuedCertificate {
        let directory = try OpenSSLProgram.makeDirectory()
        let configuration = directory.appendingPathComponent("request.cnf")
        let text = "[req]\ndistinguished_name = name\n[name]\n[leaf]\n" + request.extensions
        try text.write(to: configuration, atomically: false, encoding: .utf8)
        let certificate = directory.appendingPathComponent("certificate.pem")
        let key = directory.appendingPathComponent("key.pem")
        try OpenSSLProgram.run(
            ["req", "-utf8", "-x509", "-config", configuration.path, "-extensions", "leaf"] + request.key.arguments
                + [
                    "-nodes", "-days", "30", "-subj", "/CN=\(request.commonName)", "-keyout", key.path,
                    "-out", certificate.path,
                ]
        )
        return IssuedCertificate(certificate: certificate, key: key, chain: certificate)
    }

    /// Withdraws a certificate; lists and answers made afterwards say so.
    package func revoke(_ issued: IssuedCertificate) throws {
        try database.withLock { _ in
            try OpenSSLProgram.run(["ca"] + configuration + ["-revoke", issued.certificate.path])
        }
    }

    /// A revocation list, PEM.
    ///
    /// - Parameter nextUpdate: When it runs out.
    package func revocationList(nextUpdate: Date = Date(timeIntervalSinceNow: 30 * 86_400)) throws -> URL {
        let file = directory.appendingPathComponent("list-\(UUID().uuidString).pem")
        let start = min(Date(timeIntervalSinceNow: -3600), nextUpdate.addingTimeInterval(-86_400))
        try database.withLock { _ in
            try OpenSSLProgram.run(
                ["ca"] + configuration + [
                    "-gencrl", "-crl_lastupdate", Self.text(start), "-crl_nextupdate", Self.text(nextUpdate),
                    "-out", file.path,
                ]
            )
        }
        return file
    }

    /// The answer of this authority's OCSP responder about a certificate, DER, good for a day.
    ///
    /// - Parameter forger: Another authority that signs in place of this one.
    package func revocationAnswer(
        about issued: IssuedCertificate,
        signedBy forger: CertificateAuthority? = nil
    ) throws -> [UInt8] {
        let file = directory.appendingPathComponent("answer-\(UUID().uuidString).der")
        let request = directory.appendingPathComponent("question-\(UUID().uuidString).der")
        let signer = forger ?? self
        let key = signer.directory.appendingPathComponent("authority.key").path
        try OpenSSLProgram.run([
            "ocsp", "-issuer", certificate.path, "-cert", issued.certificate.path, "-reqout", request.path,
            "-no_nonce",
        ])
        try database.withLock { _ in
            try OpenSSLProgram.run([
                "ocsp", "-index", directory.appendingPathComponent("index.txt").path, "-CA", certificate.path,
                "-rsigner", signer.certificate.path, "-rkey", key, "-reqin", request.path, "-respout", file.path,
                "-ndays", "1",
            ])
        }
        return try [UInt8](Data(contentsOf: file))
    }

    private var configuration: [String] {
        [
            "-config", directory.appendingPathComponent("ca.cnf").path, "-cert", certificate.path,
            "-keyfile", directory.appendingPathComponent("authority.key").path, "-batch",
        ]
    }

    private func issuedFiles(_ number: Int) -> IssuedCertificate {
        IssuedCertificate(
            certificate: directory.appendingPathComponent("\(number)-certificate.pem"),
            key: directory.appendingPathComponent("\(number)-key.pem"),
            chain: directory.appendingPathComponent("\(number)-chain.pem")
        )
    }

    private func sign(
        subject: String,
        key: CertificateRequest.Key,
        hash: CertificateRequest.Hash,
        extensions: URL,
        dates: (Date, Date),
        keyFile: URL,
        certificateFile: URL
    ) throws {
        let request = certificateFile.appendingPathExtension("csr")
        try OpenSSLProgram.run(
            ["req", "-utf8", "-new", "-config", directory.appendingPathComponent("ca.cnf").path] + key.arguments
                + ["-nodes", "-subj", subject, "-keyout", keyFile.path, "-out", request.path]
        )
        try database.withLock { _ in
            try OpenSSLProgram.run(
                ["ca"] + configuration + [
                    "-in", request.path, "-md", hash.rawValue, "-notext", "-out", certificateFile.path,
                    "-startdate", Self.text(dates.0), "-enddate", Self.text(dates.1), "-extfile", extensions.path,
                ]
            )
        }
    }

    private static func prepare(_ directory: URL) throws {
        let text = """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical,CA:TRUE
            keyUsage = critical,keyCertSign,cRLSign
            subjectKeyIdentifier = hash
            [ca]
            default_ca = this
            [this]
            database = \(directory.path)/index.txt
            new_certs_dir = \(directory.path)/new
            crlnumber = \(directory.path)/crlnumber
            default_md = sha256
            policy = any
            rand_serial = yes
            unique_subject = no
            [any]
            organizationName = optional
            commonName = optional
            """
        try text.write(to: directory.appendingPathComponent("ca.cnf"), atomically: false, encoding: .utf8)
        try "".write(to: directory.appendingPathComponent("index.txt"), atomically: false, encoding: .utf8)
        try "01\n".write(to: directory.appendingPathComponent("crlnumber"), atomically: false, encoding: .utf8)
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("new"),
            withIntermediateDirectories: true
        )
    }

    private static func text(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMddHHmmss'Z'"
        return formatter.string(from: date)
    }
}
