/// How a connection of a test server ends.
public struct ServerEnding: Hashable, Sendable {
    enum Value: Hashable, Sendable { case close, cut, reset, silence, stopReading }
    let value: Value

    /// Politely: everything is sent, TLS is ended (close_notify), the connection is closed. What the client still
    /// sends is read and dropped for a second, so that nothing of the last reply is lost.
    public static let close = ServerEnding(value: .close)
    /// As a server leaves it that is killed: the connection is closed without the end of TLS. If the client has sent
    /// octets that were not read, the system makes a reset of it.
    public static let cut = ServerEnding(value: .cut)
    /// Hard, with a TCP reset: what was sent last may be lost on the way to the client.
    public static let reset = ServerEnding(value: .reset)
    /// Not at all: it stays open, the server reads on and says nothing any more. It stays until the client goes or
    /// the server is stopped.
    public static let silence = ServerEnding(value: .silence)
    /// Not at all, and the server reads nothing either: a client that goes on sending is held up.
    public static let stopReading = ServerEnding(value: .stopReading)

    /// Whether the connection stays open.
    var isSilent: Bool { value == .silence || value == .stopReading }
}
