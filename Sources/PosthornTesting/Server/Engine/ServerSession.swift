/// The server's side of a conversation, without a socket: octets in, steps out.
///
/// The owner calls ``begin(encryption:)`` once, then ``received(_:)-(UnsafeRawBufferPointer)`` for all that comes, and
/// ``encryptionEstablished(_:)`` after a ``ServerStep/startTLS(_:)`` whose handshake went well. While ``hasMore`` is
/// true, the owner calls ``more()`` whenever the client has room for it, so that long replies need no memory.
package protocol ServerSession: SendableMetatype {
    associatedtype Fault: Sendable
    associatedtype Event: Sendable
    typealias Step = ServerStep<Fault, Event>

    /// Begins the conversation: with the greeting or, if TLS is wanted from the first octet, with the handshake.
    ///
    /// - Parameter encryption: The facts of a handshake that the owner has done already.
    mutating func begin(encryption: ServerEncryption?) -> [Step]
    /// Takes octets from the client.
    mutating func received(_ bytes: UnsafeRawBufferPointer) -> [Step]
    /// Goes on after a handshake.
    mutating func encryptionEstablished(_ encryption: ServerEncryption) -> [Step]
    /// How long the client may stay silent now.
    var idleLimit: Duration { get }
    /// Ends the conversation because nothing came for ``idleLimit``.
    mutating func timedOut() -> [Step]
    /// Whether a reply, or commands that have come already, wait for ``more()``.
    var hasMore: Bool { get }
    /// Goes on with what waits: a piece of it.
    mutating func more() -> [Step]
    /// Takes what wakes the conversation when something happens elsewhere: the owner calls ``woken()`` then. It may be
    /// called from anywhere.
    mutating func setAlarm(_ alarm: @escaping @Sendable () -> Void)
    /// Looks at what has happened elsewhere.
    mutating func woken() -> [Step]
    /// The client is gone: nothing is said any more.
    mutating func disconnected()
}

extension ServerSession {
    package mutating func received(_ bytes: [UInt8]) -> [Step] { bytes.withUnsafeBytes { received($0) } }
    package var hasMore: Bool { false }
    package mutating func more() -> [Step] { [] }
    package mutating func setAlarm(_ alarm: @escaping @Sendable () -> Void) {}
    package mutating func woken() -> [Step] { [] }
    package mutating func disconnected() {}
}
