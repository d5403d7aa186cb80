import Posthorn
import PosthornTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The PEM files of a server: the user's own, or some that were made and go away with this value.
final class CertificateFiles: Sendable {
    let certificate: String
    let key: String
    let authority: String?
    private let directory: String?

    init(_ certificate: ServerCertificate) throws {
        switch certificate.value {
        case .files(let certificate, let key, let authority):
            self.certificate = certificate
            self.key = key
            self.authority = authority
            directory = nil
        case .selfMade(let names):
            let made = try TestCertificates.make(names: names)
            let directory = try Self.makeDirectory()
            self.directory = directory
            self.certificate = directory + "/server.pem"
            key = directory + "/server.key"
            authority = directory + "/authority.pem"
            try Self.write(made.certificatePEM, to: directory + "/server.pem")
            try Self.write(made.keyPEM, to: directory + "/server.key")
            try Self.write(made.authorityPEM, to: directory + "/authority.pem")
        }
    }

    deinit {
        guard let directory else { return }
        for name in ["server.pem", "server.key", "authority.pem"] { unlink(directory + "/" + name) }
        rmdir(directory)
    }

    /// What a server shows.
    var identity: TLSIdentity { .pem(certificateChain: certificate, privateKey: key) }

    private static func makeDirectory() throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = (parent + "/posthorn-testing-XXXXXX").utf8CString.map { $0 }
        let isMade = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard isMade else { throw failure("a directory in '\(PeerText.shown(parent))'", errno) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("the file '\(path)'", errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.writeOnce(descriptor, $0) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure("the file '\(path)'", errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func writeOnce(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func failure(_ what: String, _ reason: CInt) -> MailError {
        MailError(
            .storage,
            "\(what) cannot be made for the test server's certificate: \(String(cString: strerror(reason)))"
        )
    }
}
