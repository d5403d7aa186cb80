/// When the connections of a test server are encrypted.
public struct ServerSecurity: Hashable, Sendable {
    enum Value: Hashable, Sendable { case none, startTLS, implicitTLS }
    let value: Value

    /// Never; the command that begins TLS is not offered.
    public static let none = ServerSecurity(value: .none)
    /// After STARTTLS (RFC 3207) or STLS (RFC 2595). Without it, a sign-in is neither offered nor taken.
    public static let startTLS = ServerSecurity(value: .startTLS)
    /// From the first octet (RFC 8314).
    public static let implicitTLS = ServerSecurity(value: .implicitTLS)
}
