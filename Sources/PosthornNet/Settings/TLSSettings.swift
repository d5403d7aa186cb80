import Posthorn
import PosthornTLS

/// The group `tls`: whom the client trusts, and who it is itself.
struct TLSSettings: PluginSettings {
    /// Where trusted authorities come from.
    enum Trust: Sendable, Hashable {
        case system
        case path(String)
    }

    /// The lowest version of the protocol.
    enum Minimum: String, Sendable, CaseIterable {
        case v1_2 = "1.2"
        case v1_3 = "1.3"
    }

    var trust: [Trust]
    var revocationList: String?
    var pins: [String]
    var certificate: String?
    var key: String?
    var passphrase: SecretSource?
    var minimum: Minimum
    var ciphers: String?
    var cipherSuites: String?

    private static let trustType: SettingsType<Trust> = .word(
        "system",
        as: .system,
        or: SettingsType<String>.path.map(
            { Trust.path($0) },
            back: { if case .path(let path) = $0 { path } else { "" } }
        )
    )

    static let trustKey = SettingsKey(
        "trust",
        .list(of: trustType, allowsEmpty: false),
        default: [.system],
        help:
            "The authorities that are trusted: the system's, a PEM file, a directory of PEM files, or several of these.",
        example: "[system, own-ca.pem]"
    )
    static let crlKey = SettingsKey(
        optional: "crl",
        .path,
        help:
            "A PEM file with revocation lists. With it, a certificate whose authority has no current list in it is refused.",
        example: "revoked.pem"
    )
    static let pinsKey = SettingsKey(
        "pins",
        .list(of: .pin),
        default: [],
        help:
            "Pinned public keys (base64 of the SHA-256); one of the server's chain must match, beside everything else."
    )
    static let certificateKey = SettingsKey(
        optional: "certificate",
        .path,
        help: "The client's own certificate with those above it: a PEM file, or a PKCS#12 file (.p12, .pfx).",
        example: "client.pem"
    )
    static let keyKey = SettingsKey(
        optional: "key",
        .path,
        help: "The private key of 'certificate' as PEM file, if it is not in the same file.",
        example: "client.key"
    )
    static let passphraseKey = SettingsKey(
        optional: "passphrase",
        .secret,
        help: "The passphrase of the private key or of the PKCS#12 file."
    )
    static let minimumKey = SettingsKey(
        "minimum",
        .choice(Minimum.allCases),
        default: Minimum.v1_2,
        help: "The lowest version of TLS."
    )
    static let ciphersKey = SettingsKey(
        optional: "ciphers",
        .string,
        help: "OpenSSL's list of ciphers for TLS 1.2.",
        example: "ECDHE+AESGCM"
    )
    static let cipherSuitesKey = SettingsKey(
        optional: "cipher-suites",
        .string,
        help: "OpenSSL's list of cipher suites for TLS 1.3.",
        example: "TLS_AES_256_GCM_SHA384"
    )

    static let schema =
        SettingsSchema(trustKey, crlKey, pinsKey, certificateKey, keyKey, passphraseKey)
        + SettingsSchema(minimumKey, ciphersKey, cipherSuitesKey)

    init(_ values: SettingsValues) throws {
        trust = try values[Self.trustKey]
        revocationList = try values[Self.crlKey]
        pins = try values[Self.pinsKey]
        certificate = try values[Self.certificateKey]
        key = try values[Self.keyKey]
        passphrase = try values[Self.passphraseKey]
        minimum = try values[Self.minimumKey]
        ciphers = try values[Self.ciphersKey]
        cipherSuites = try values[Self.cipherSuitesKey]
    }

    static func check(_ values: SettingsValues) throws -> [SettingsIssue] {
        guard try values[certificateKey] == nil else { return [] }
        var issues: [SettingsIssue] = []
        if try values[keyKey] != nil {
            issues.append(values.issue(at: keyKey, "a key needs its certificate; add 'certificate'"))
        }
        if try values[passphraseKey] != nil {
            issues.append(values.issue(at: passphraseKey, "a passphrase belongs to a key; add 'certificate'"))
        }
        return issues
    }

    /// The configuration without the passphrase, which is asked for when it is needed.
    func configuration(passphrase: Secret?) -> TLSConfiguration {
        var configuration = TLSConfiguration(
            trustRoots: .combined(
                trust.map { source in
                    switch source {
                    case .system: .system
                    case .path(let path): FileKind.isDirectory(path) ? .directory(path) : .file(path)
                    }
                }
            )
        )
        configuration.revocationList = revocationList
        configuration.pins = pins
        configuration.minimumVersion = minimum == .v1_3 ? .v1_3 : .v1_2
        configuration.cipherList = ciphers
        configuration.cipherSuites = cipherSuites
        if let certificate {
            let source = passphrase.map { secret in TLSPassphrase { secret.withBytes { Array($0) } } }
            let name = certificate.lowercased()
            configuration.clientIdentity =
                name.hasSuffix(".p12") || name.hasSuffix(".pfx")
                ? .pkcs12(file: certificate, passphrase: source)
                : .pem(certificateChain: certificate, privateKey: key ?? certificate, passphrase: source)
        }
        return configuration
    }
}

extension SettingsType where Value == String {
    /// The SHA-256 of a public key, in base64.
    static var pin: Self {
        SettingsType(name: "pin", example: "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", describe: { $0 }) {
            text in
            let encoded = text.hasPrefix("sha256/") ? text.dropFirst(7) : text[...]
            guard Base64.decode(Array(encoded.utf8))?.count == 32 else {
                throw SettingsError(
                    "'\(PeerText.shown(text, limit: 80))' is not the base64 of a SHA-256 (44 characters); "
                        + "'posthorn check' shows the pin of a server"
                )
            }
            return text
        }
    }
}
