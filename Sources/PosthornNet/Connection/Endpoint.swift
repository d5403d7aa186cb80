/// A server: a host and a port.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host name (international names in their xn-- form) or an address, IPv6 without brackets.
    package var host: String
    /// The TCP port.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `mail.example.org:465`, `[::1]:465`
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether the host is this computer, by its own name: `localhost`, 127.0.0.0/8 or ::1.
    ///
    /// Other names may resolve to a loopback address too, but only today.
    package var isLoopback: Bool {
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if name == "localhost" { return true }
        return IPAddress(name)?.isLoopback ?? false
    }
}
