package import Foundation

/// What a certificate made for a test shall say.
package struct CertificateRequest: Sendable {
    /// The kind of key.
    package enum Key: String, Sendable {
        case ec256
        case rsa2048
        case rsa1024
        case ed25519

        var arguments: [String] {
            switch self {
            case .ec256: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .rsa2048: ["-newkey", "rsa:2048"]
            case .rsa1024: ["-newkey", "rsa:1024"]
            case .ed25519: ["-newkey", "ed25519"]
            }
        }
    }

    /// The hash function of the signature.
    package enum Hash: String, Sendable {
        case sha256
        case sha384
        case sha1
    }

    /// What the certificate may be used for.
    package enum Purpose: String, Sendable {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    /// The dNSName entries; taken as they are, also wrong ones.
    package var names: [String]
    /// The iPAddress entries.
    package var addresses: [String]
    /// The subject's common name.
    package var commonName: String
    package var notBefore: Date
    package var notAfter: Date
    package var key: Key
    package var hash: Hash
    package var purpose: Purpose
    /// Whether the certificate demands a stapled OCSP answer (RFC 7633).
    package var mustStaple: Bool

    /// A certificate for these names, valid from yesterday for 30 days unless told otherwise.
    package init(
        names: [String] = [],
        addresses: [String] = [],
        commonName: String = "Test Certificate",
        notBefore: Date = Date(timeIntervalSinceNow: -86_400),
        notAfter: Date = Date(timeIntervalSinceNow: 30 * 86_400),
        key: Key = .ec256,
        hash: Hash = .sha256,
        purpose: Purpose = .server,
        mustStaple: Bool = false
    ) {
        self.names = names
        self.addresses = addresses
        self.commonName = commonName
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.key = key
        self.hash = hash
        self.purpose = purpose
        self.mustStaple = mustStaple
    }

    /// The extensions in the form of OpenSSL's configuration files.
    var extensions: String {
        var lines = [
            "basicConstraints = critical,CA:FALSE",
            "keyUsage = critical,digitalSignature" + (key == .ec256 || key == .ed25519 ? "" : ",keyEncipherment"),
            "extendedKeyUsage = \(purpose.rawValue)",
        ]
        if mustStaple { lines.append("tlsfeature = status_request") }
        if !names.isEmpty || !addresses.isEmpty { lines.append("subjectAltName = @names") }
        lines.append("[names]")
        for (index, name) in names.enumerated() { lines.append("DNS.\(index + 1) = \(name)") }
        for (index, address) in addresses.enumerated() { lines.append("IP.\(index + 1) = \(address)") }
        return lines.joined(separator: "\n") + "\n"
    }
}
