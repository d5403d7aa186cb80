/// How a connection is protected: there are these three ways and no fall-back between them.
package struct ConnectionSecurity: Sendable, Hashable, CustomStringConvertible {
    /// The word in the settings file.
    package let description: String

    /// TLS from the first octet.
    package static let tls = ConnectionSecurity(description: "tls")
    /// The protocol's STARTTLS command; a server without it is refused.
    package static let startTLS = ConnectionSecurity(description: "starttls")
    /// No protection; for loopback hosts only.
    package static let none = ConnectionSecurity(description: "none")
}
