/// The limits of time of a connection. Each is for a whole step.
package struct Timeouts: Sendable, Hashable {
    /// Resolving the name, connecting, and the proxy's answer. 30 seconds.
    package var connect: Duration = .seconds(30)
    /// The TLS handshake. 30 seconds.
    package var tls: Duration = .seconds(30)
    /// The server's greeting. 5 minutes (RFC 5321, section 4.5.3.2.1).
    package var greeting: Duration = .seconds(300)
    /// A whole reply. 5 minutes (RFC 5321, section 4.5.3.2.2).
    package var reply: Duration = .seconds(300)
    /// The time in which at least ``minimumProgress`` octets of a body must get through. 3 minutes
    /// (RFC 5321, section 4.5.3.2.5).
    package var transfer: Duration = .seconds(180)
    /// How long a connection may be kept unused. 5 minutes.
    package var idle: Duration = .seconds(300)
    /// All that is done in one go, from connecting on; `nil` for no limit.
    package var total: Duration?
    /// The end of the connection: what was written last, close_notify, and the peer's end. 2 seconds.
    package var close: Duration = .seconds(2)

    /// 16 KiB: what a body must move within ``transfer``.
    package static let minimumProgress = 16 * 1024

    /// The limits of RFC 5321.
    package init() {}

    /// The limit for a reply.
    ///
    /// - Parameter subject: What is answered: `MAIL FROM`, never an argument of it.
    package func reply(to subject: String) -> Deadline {
        Deadline(reply: reply, to: subject)
    }
}
