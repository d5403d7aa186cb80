/// What a test server's engine wants done, in order.
package enum ServerStep<Fault: Sendable, Event: Sendable>: Sendable {
    /// Send these octets.
    case send([UInt8])
    /// Do nothing for a while; what comes meanwhile is read afterwards.
    case wait(Duration)
    /// Begin the server's side of a TLS handshake, with octets that arrive from now on.
    case startTLS(ServerHandshake)
    /// A command line has come; secrets are hidden.
    case command(String)
    /// The client has done something against the protocol.
    case violation(String)
    /// Something has happened that the server's books hold, such as a message that was taken.
    case event(Event)
    /// A fault has struck.
    case fault(Fault)
    /// End the connection after everything is sent, or fall silent.
    case end(ServerEnding)
}
