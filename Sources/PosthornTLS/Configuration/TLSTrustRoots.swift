/// The authorities whose certificates are believed. Several sources add up.
package struct TLSTrustRoots: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case system
        case file(String)
        case directory(String)
    }

    let sources: [Source]

    /// What the operating system trusts (OpenSSL's default places, `SSL_CERT_FILE` and `SSL_CERT_DIR` included).
    package static let system = TLSTrustRoots(sources: [.system])

    /// The certificates of one PEM file, and nothing else.
    package static func file(_ path: String) -> TLSTrustRoots { TLSTrustRoots(sources: [.file(path)]) }

    /// The certificates of all PEM files directly in a directory (`.pem`, `.crt`, `.cer`, hashed names).
    package static func directory(_ path: String) -> TLSTrustRoots { TLSTrustRoots(sources: [.directory(path)]) }

    /// The sources of all of these together.
    package static func combined(_ roots: [TLSTrustRoots]) -> TLSTrustRoots {
        TLSTrustRoots(sources: roots.flatMap(\.sources))
    }

    var includesSystem: Bool { sources.contains(.system) }
}
