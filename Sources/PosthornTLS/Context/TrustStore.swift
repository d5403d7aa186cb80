import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Fills an `SSL_CTX` with the authorities it believes and the revocation lists it honours.
enum TrustStore {
    static func load(_ roots: TLSTrustRoots, into context: ContextHandle) throws(TLSError) {
        guard !roots.sources.isEmpty, let store = SSL_CTX_get_cert_store(context.pointer) else {
            throw TLSError(.configuration, "no trust roots are configured; use those of the system or name a PEM file")
        }
        for source in roots.sources {
            switch source {
            case .system: SSL_CTX_set_default_verify_paths(context.pointer)
            case .file(let path): add(try PEMFile.certificates(at: path, role: "trust roots"), to: store)
            case .directory(let path): add(try certificates(inDirectory: path), to: store)
            }
        }
        // Who names a certificate as trusted means it, whether it is a root or issued by somebody else.
        if !roots.includesSystem { X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN)) }
        ERR_clear_error()
    }

    static func loadRevocationLists(at path: String, into context: ContextHandle) throws(TLSError) {
        let lists = try PEMFile.revocationLists(at: path)
        defer { lists.forEach { X509_CRL_free($0) } }
        guard let store = SSL_CTX_get_cert_store(context.pointer),
            let parameters = SSL_CTX_get0_param(context.pointer),
            lists.allSatisfy({ X509_STORE_add_crl(store, $0) == 1 })
        else {
            throw TLSError(
                .configuration,
                "the revocation list file '\(PEMFile.shown(path))' cannot be used; fetch it anew",
                detail: OpenSSLErrorQueue.take().text
            )
        }
        let flags = UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
        X509_VERIFY_PARAM_set_flags(parameters, flags)
    }

    /// Whether the system has no list of authorities at all, as in a bare container.
    static var systemIsEmpty: Bool {
        let file = environment("SSL_CERT_FILE") ?? X509_get_default_cert_file().map { String(cString: $0) } ?? ""
        let directory = environment("SSL_CERT_DIR") ?? X509_get_default_cert_dir().map { String(cString: $0) } ?? ""
        if access(file, R_OK) == 0 { return false }
        return directory.split(separator: ":").allSatisfy { fileNames(inDirectory: String($0))?.isEmpty ?? true }
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func add(_ certificates: [X509Certificate], to store: OpaquePointer) {
        for certificate in certificates { X509_STORE_add_cert(store, certificate.pointer) }
        ERR_clear_error()
    }

    private static func certificates(inDirectory path: String) throws(TLSError) -> [X509Certificate] {
        guard !path.utf8.contains(0), let names = fileNames(inDirectory: path) else {
            throw TLSError(
                .configuration,
                "the trust roots directory '\(PEMFile.shown(path))' cannot be read; check that it exists"
            )
        }
        var result: [X509Certificate] = []
        var seen: Set<[UInt8]> = []
        for name in names.sorted() where looksLikeCertificate(name) {
            // A directory may hold other things under these names; what is no certificate is passed over.
            let found = (try? PEMFile.certificates(at: path + "/" + name, role: "trust roots")) ?? []
            result += found.filter { seen.insert($0.der).inserted }
        }
        guard !result.isEmpty else {
            throw TLSError(
                .configuration,
                "the trust roots directory '\(PEMFile.shown(path))' holds no PEM certificate "
                    + "(*.pem, *.crt, *.cer); name another"
            )
        }
        return result
    }

    private static func looksLikeCertificate(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: ".") else { return false }
        let ending = name[name.index(after: dot)...].lowercased()
        return ["pem", "crt", "cer"].contains(ending) || (!ending.isEmpty && ending.utf8.allSatisfy { 48...57 ~= $0 })
    }

    /// The names of a directory's entries, hidden ones left out; `nil` if it cannot be read.
    private static func fileNames(inDirectory path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory), names.count < 10_000 {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { octets in
                String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
