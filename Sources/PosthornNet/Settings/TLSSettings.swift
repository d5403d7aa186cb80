package import Posthorn
import PosthornTLS

/// The group `tls`: which certificates are trusted, and how this client identifies itself.
package struct TLSSettings: PluginSettings {
    /// `system`, and paths of PEM files and directories.
    package var trust: [String]
    package var crl: String?
    package var pins: [String]
    package var certificate: String?
    package var key: String?
    package var passphrase: SecretSource?
    package var minimum: String
    package var ciphers: String?
    package var cipherSuites: String?

    static let trust = SettingsKey<[String]>(
        "trust",
        .list(of: .path(or: ["system"]), allowsEmpty: false),
        default: ["system"],
        help: "Which authorities are trusted: 'system', a PEM file, a directory of such files, or a list of these."
    )
    static let crl = SettingsKey<String?>(
        optional: "crl",
        .path,
        help: "A PEM file with lists of revoked certificates; a certificate on one of them is refused.",
        example: "revoked.pem"
    )
    static let pins = SettingsKey<[String]>(
        "pins",
        .list(of: SettingsType(name: "SHA-256 of a public key in base64", example: "sha256/…", parse: TLSSettings.pin)),
        default: [],
        help: "Public keys of which one must be in the server's chain, beside all other checks."
    )
    static let certificate = SettingsKey<String?>(
        optional: "certificate",
        .path,
        help: "This client's certificate: a PEM file with its chain, or PKCS#12 (.p12, .pfx).",
        example: "client.pem"
    )
    static let key = SettingsKey<String?>(
        optional: "key",
        .path,
        help: "The private key of the certificate; not needed with PKCS#12.",
        example: "client.key"
    )
    static let passphrase = SettingsKey<SecretSource?>(
        optional: "passphrase",
        .secret,
        help: "The passphrase of the key or of the PKCS#12 file.",
        example: "{ env: POSTHORN_KEY_PASSPHRASE }"
    )
    static let minimum = SettingsKey(
        "minimum",
        SettingsType(name: "one of 1.2, 1.3", example: "1.2", parse: TLSSettings.version),
        default: "1.2",
        help: "The oldest version of TLS that is accepted."
    )
    static let ciphers = SettingsKey<String?>(
        optional: "ciphers",
        .string,
        help: "Ciphers for TLS 1.2, as OpenSSL lists them.",
        example: "ECDHE+AESGCM"
    )
    static let cipherSuites = SettingsKey<String?>(
        optional: "cipher-suites",
        .string,
        help: "Cipher suites for TLS 1.3, as OpenSSL lists them.",
        example: "TLS_AES_256_GCM_SHA384"
    )

    /// All keys.
    package static let schema = SettingsSchema(
        trust,
        crl,
        pins,
        certificate,
        key,
        passphrase,
        minimum,
        ciphers,
        cipherSuites
    )

    /// Takes the values.
    package init(_ values: SettingsValues) throws {
        trust = try values[Self.trust]
        crl = try values[Self.crl]
        pins = try values[Self.pins]
        certificate = try values[Self.certificate]
        key = try values[Self.key]
        passphrase = try values[Self.passphrase]
        minimum = try values[Self.minimum]
        ciphers = try values[Self.ciphers]
        cipherSuites = try values[Self.cipherSuites]
    }

    /// A key without certificate, or a certificate without key.
    package static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        let certificate = try values[Self.certificate]
        let key = try values[Self.key]
        if let certificate, key == nil, !isPKCS12(certificate) {
            return [values.issue(at: Self.certificate, "the private key is missing; name its file in `key`")]
        }
        if certificate == nil, key != nil {
            return [values.issue(at: Self.key, "the certificate is missing; name its file in `certificate`")]
        }
        return []
    }

    /// The rules as PosthornTLS knows them.
    func makeConfiguration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration(trustRoots: .combined(trust.map(Self.roots)))
        configuration.revocationList = crl
        configuration.pins = pins
        configuration.minimumVersion = TLSVersion(setting: minimum) ?? .v1_2
        configuration.cipherList = ciphers
        configuration.cipherSuites = cipherSuites
        let secret = try passphrase?.resolveAtOnce()
        let phrase = secret.map { secret in TLSPassphrase { secret.withBytes { Array($0) } } }
        if let certificate {
            configuration.clientIdentity =
                if let key { .pem(certificateChain: certificate, privateKey: key, passphrase: phrase) } else {
                    .pkcs12(file: certificate, passphrase: phrase)
                }
        }
        return configuration
    }

    private static func roots(_ word: String) -> TLSTrustRoots {
        if word == "system" { return .system }
        return FileKind.isDirectory(word) ? .directory(word) : .file(word)
    }

    private static func isPKCS12(_ path: String) -> Bool {
        let lower = path.lowercased()
        return lower.hasSuffix(".p12") || lower.hasSuffix(".pfx")
    }

    private static func version(_ text: String) throws -> String {
        guard ["1.2", "1.3"].contains(text) else {
            throw SettingsError(
                "'\(PeerText.shown(text, limit: 20))' is not one of 1.2, 1.3; older versions of TLS are not safe"
            )
        }
        return text
    }

    private static func pin(_ text: String) throws -> String {
        let digest = text.hasPrefix("sha256/") ? text.dropFirst(7) : text[...]
        guard let octets = Base64.decode(Array(digest.utf8)), octets.count == 32 else {
            throw SettingsError(
                "'\(PeerText.shown(text, limit: 60))' is not a SHA-256 in base64 (44 characters, perhaps with 'sha256/' "
                    + "before); `posthorn check` shows the server's"
            )
        }
        return text
    }
}
