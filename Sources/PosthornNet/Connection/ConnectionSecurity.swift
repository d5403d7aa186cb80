/// How a connection is protected: there are these three ways and no fall-back between them.
package struct ConnectionSecurity: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// The word in the settings file.
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// TLS from the first octet.
    package static let tls = ConnectionSecurity(rawValue: "tls")
    /// The protocol's STARTTLS command; a server without it is refused.
    package static let startTLS = ConnectionSecurity(rawValue: "starttls")
    /// No protection; for loopback hosts only.
    package static let none = ConnectionSecurity(rawValue: "none")
    /// All three.
    package static let allCases = [tls, startTLS, none]

    /// The word in the settings file.
    package var description: String { rawValue }
}
