package import Posthorn

/// A proxy between this computer and a server.
package struct ProxyServer: Sendable {
    /// How the proxy is spoken to.
    package struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The word in the settings file.
        package let description: String
        /// SOCKS version 5 (RFC 1928); the proxy resolves the server's name.
        package static let socks5 = Kind(description: "socks5")
        /// HTTP's CONNECT method (RFC 9110, section 9.3.6).
        package static let http = Kind(description: "http")
    }

    /// How the proxy is spoken to.
    package var kind: Kind
    /// Where the proxy is.
    package var endpoint: Endpoint
    /// Who signs in to the proxy; `nil` for nobody.
    package var username: String?
    /// The password for the proxy.
    package var password: SecretSource?

    package init(kind: Kind, endpoint: Endpoint, username: String? = nil, password: SecretSource? = nil) {
        self.kind = kind
        self.endpoint = endpoint
        self.username = username
        self.password = password
    }
}
