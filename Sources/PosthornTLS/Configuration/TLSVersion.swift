import COpenSSL

/// A version of the TLS protocol.
package struct TLSVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number of the version on the wire, for example 0x0304.
    package let rawValue: UInt16

    /// TLS 1.0, for servers in tests only: a client configuration refuses it.
    package static let v1_0 = TLSVersion(rawValue: 0x0301)
    /// TLS 1.1, for servers in tests only: a client configuration refuses it.
    package static let v1_1 = TLSVersion(rawValue: 0x0302)
    /// TLS 1.2 (RFC 5246), the lowest version that clients take (RFC 8997).
    package static let v1_2 = TLSVersion(rawValue: 0x0303)
    /// TLS 1.3 (RFC 8446).
    package static let v1_3 = TLSVersion(rawValue: 0x0304)

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }

    package var description: String {
        switch self {
        case .v1_0: "TLS 1.0"
        case .v1_1: "TLS 1.1"
        case .v1_2: "TLS 1.2"
        case .v1_3: "TLS 1.3"
        default: "TLS version 0x" + String(rawValue, radix: 16)
        }
    }

    /// The version that a settings file names: `1.2` or `1.3`.
    package init?(setting text: String) {
        switch text {
        case "1.2": self = .v1_2
        case "1.3": self = .v1_3
        default: return nil
        }
    }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(of ssl: OpaquePointer) { rawValue = UInt16(truncatingIfNeeded: SSL_version(ssl)) }
}
