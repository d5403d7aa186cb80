import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads the files that a configuration names, and says in one sentence what is wrong with one that cannot be used.
enum PEMFile {
    /// The certificates of a PEM file in their order; at least one.
    ///
    /// - Parameter role: What the file is for, as the start of the sentence: "trust roots".
    static func certificates(at path: String, role: String) throws(TLSError) -> [X509Certificate] {
        let bio = try open(path, role: role)
        defer { BIO_free(bio) }
        var certificates: [X509Certificate] = []
        while let certificate = PEM_read_bio_X509_AUX(bio, nil, refusePassphrase, nil) {
            certificates.append(X509Certificate(owned: certificate))
        }
        try checkEnd(path, role: role, kind: "certificate", marker: "CERTIFICATE", found: certificates.count)
        return certificates
    }

    /// The revocation lists of a PEM file; at least one. The caller frees them.
    static func revocationLists(at path: String) throws(TLSError) -> [OpaquePointer] {
        let role = "revocation list"
        let bio = try open(path, role: role)
        defer { BIO_free(bio) }
        var lists: [OpaquePointer] = []
        while let list = PEM_read_bio_X509_CRL(bio, nil, refusePassphrase, nil) { lists.append(list) }
        do throws(TLSError) {
            try checkEnd(path, role: role, kind: "revocation list", marker: "X509 CRL", found: lists.count)
        } catch {
            lists.forEach { X509_CRL_free($0) }
            throw error
        }
        return lists
    }

    /// The private key of a PEM file. The caller frees it.
    static func privateKey(at path: String, role: String, passphrase: TLSPassphrase?) throws(TLSError) -> OpaquePointer
    {
        let bio = try open(path, role: role)
        defer { BIO_free(bio) }
        let request = PassphraseRequest(passphrase)
        defer { request.wipe() }
        let key = withExtendedLifetime(request) {
            PEM_read_bio_PrivateKey(
                bio,
                nil,
                { buffer, size, _, argument in
                    guard let argument, let buffer else { return -1 }
                    return Unmanaged<PassphraseRequest>.fromOpaque(argument).takeUnretainedValue()
                        .answer(UnsafeMutableRawBufferPointer(start: buffer, count: Int(max(size, 0))))
                },
                Unmanaged.passUnretained(request).toOpaque()
            )
        }
        if let key {
            ERR_clear_error()
            return key
        }
        let queue = OpenSSLErrorQueue.take()
        if request.wasAsked {
            throw passphraseError(path, role: role, request: request, detail: queue.text)
        }
        let sentence =
            holdsPrivateKey(path)
            ? "holds a private key that cannot be read; it must be an unbroken PEM key"
            : "holds no PEM private key (no line '-----BEGIN PRIVATE KEY-----'); name the key's PEM file"
        throw TLSError(.configuration, "the \(role) file '\(shown(path))' \(sentence)", detail: queue.text)
    }

    /// Whether one block of a PEM file calls itself a private key.
    private static func holdsPrivateKey(_ path: String) -> Bool {
        guard let bio = BIO_new_file(path, "rb") else { return false }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        var isFound = false
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var octets: UnsafeMutablePointer<UInt8>?
        var count = 0
        while !isFound, PEM_read_bio(bio, &name, &header, &octets, &count) == 1 {
            if let name { isFound = String(cString: name).hasSuffix("PRIVATE KEY") }
            CRYPTO_free(name, nil, 0)
            CRYPTO_free(header, nil, 0)
            CRYPTO_clear_free(octets, max(count, 0), nil, 0)
        }
        return isFound
    }

    static func passphraseError(
        _ path: String,
        role: String,
        request: PassphraseRequest,
        detail: String
    ) -> TLSError {
        let sentence =
            if !request.isConfigured {
                "is encrypted; set the passphrase of the key, or name a key without one"
            } else if request.failed {
                "is encrypted, and its passphrase could not be obtained; check where the passphrase comes from"
            } else {
                "cannot be decrypted with the given passphrase; check the passphrase"
            }
        return TLSError(.configuration, "the \(role) file '\(shown(path))' \(sentence)", detail: detail)
    }

    /// Opens a file for OpenSSL to read. The caller frees it.
    static func open(_ path: String, role: String) throws(TLSError) -> OpaquePointer {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw TLSError(.configuration, "the \(role) file has no usable name; name a file")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw TLSError(.configuration, "the \(role) file '\(shown(path))' is a directory; name a file")
        }
        ERR_clear_error()
        if let bio = BIO_new_file(path, "rb") { return bio }
        let queue = OpenSSLErrorQueue.take()
        let sentence =
            switch queue.systemError {
            case ENOENT, ENOTDIR: "does not exist; check the path"
            case EACCES, EPERM: "may not be read by this user; check its owner and mode"
            case let code?: "cannot be opened: " + String(cString: strerror(code))
            case nil: "cannot be opened"
            }
        throw TLSError(.configuration, "the \(role) file '\(shown(path))' \(sentence)", detail: queue.text)
    }

    /// Whether the loop over a PEM file ended at its end, with something found.
    private static func checkEnd(
        _ path: String,
        role: String,
        kind: String,
        marker: String,
        found: Int
    ) throws(TLSError) {
        let queue = OpenSSLErrorQueue.take()
        let endedWell = queue.contains(library: Int32(ERR_LIB_PEM), reason: Int32(PEM_R_NO_START_LINE))
        if endedWell, found > 0 { return }
        let sentence =
            endedWell || queue.entries.isEmpty
            ? "holds no PEM \(kind) (no line '-----BEGIN \(marker)-----'); name a PEM file"
            : "holds a broken PEM \(kind) after \(found) good; fetch the file anew"
        throw TLSError(.configuration, "the \(role) file '\(shown(path))' \(sentence)", detail: queue.text)
    }

    static func shown(_ path: String) -> String { PeerText.escaped(path, limit: 300) }
}

/// Answers OpenSSL when it asks for a passphrase, and remembers that it asked. Without this OpenSSL would ask on the
/// terminal.
final class PassphraseRequest {
    private let passphrase: TLSPassphrase?
    private var octets: [UInt8] = []
    private(set) var wasAsked = false
    private(set) var failed = false

    var isConfigured: Bool { passphrase != nil }

    init(_ passphrase: TLSPassphrase?) { self.passphrase = passphrase }

    /// Copies the passphrase to where OpenSSL wants it; -1 if there is none.
    func answer(_ target: UnsafeMutableRawBufferPointer) -> Int32 {
        wasAsked = true
        guard fetch(), octets.count <= target.count else { return -1 }
        target.copyBytes(from: octets)
        return Int32(octets.count)
    }

    /// Calls the body with the passphrase as a C string, `nil` if there is none or it holds a NUL octet.
    func withCString<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
        wasAsked = true
        guard fetch(), !octets.contains(0) else { return body(nil) }
        octets.append(0)
        defer { octets.removeLast() }
        return octets.withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress) }
    }

    func wipe() {
        octets.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        octets = []
    }

    private func fetch() -> Bool {
        guard let passphrase else { return false }
        guard octets.isEmpty else { return true }
        do {
            octets = try passphrase.bytes()
            // Room for the NUL of `withCString`, so that it never copies the octets elsewhere.
            octets.reserveCapacity(octets.count + 1)
            return true
        } catch {
            failed = true
            return false
        }
    }
}

/// For PEM blocks that are never encrypted: answers "no passphrase" instead of asking on the terminal.
let refusePassphrase: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
    _,
    _,
    _,
    _ in -1
}
