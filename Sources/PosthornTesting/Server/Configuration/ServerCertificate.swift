/// Who an in-process test server claims to be.
public struct ServerCertificate: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case selfMade(names: [String])
        case files(certificate: String, key: String, authority: String?)
    }
    let value: Value

    /// A certificate of a throw-away authority, both made when the server starts and valid for a day.
    ///
    /// - Parameter names: The host names and IP addresses that it is valid for.
    public static func selfMade(names: [String] = ["localhost", "127.0.0.1", "::1"]) -> ServerCertificate {
        ServerCertificate(value: .selfMade(names: names))
    }

    /// PEM files of one's own.
    ///
    /// - Parameters:
    ///   - certificate: The certificate, and those between it and the authority's.
    ///   - key: The private key, not encrypted.
    ///   - authority: What clients must trust; only handed on to them.
    public static func files(certificate: String, key: String, authority: String? = nil) -> ServerCertificate {
        ServerCertificate(value: .files(certificate: certificate, key: key, authority: authority))
    }
}
