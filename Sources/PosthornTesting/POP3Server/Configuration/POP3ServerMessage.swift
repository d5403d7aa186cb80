/// A message in a maildrop of a ``POP3TestServer``.
public struct POP3ServerMessage: Sendable {
    /// The name that UIDL tells (RFC 1939: 1 to 70 octets from `!` to `~`). Nothing is checked, so that tests can make
    /// the server tell what no server should: two messages may have the same name.
    public var uid: String
    /// The octets. A message that does not end with CRLF gets one on the way.
    public var content: ServerContent
    /// What STAT and LIST tell in place of the true size.
    public var listedSize: UInt64?
    /// Whether RETR and TOP refuse it with `[UTF8]` unless the client has said UTF8 (RFC 6856).
    public var requiresUTF8 = false
    /// Whether a session that is open has marked it with DELE.
    public internal(set) var isMarkedForDeletion = false

    /// Creates a message.
    public init(uid: String, content: ServerContent, listedSize: UInt64? = nil) {
        self.uid = uid
        self.content = content
        self.listedSize = listedSize
    }

    /// Creates a message of a text, whose line ends are as they are: write `\r\n`.
    public init(uid: String, text: String) {
        self.init(uid: uid, content: ServerContent(text))
    }

    /// All octets, in memory.
    public var octets: [UInt8] { content.octets }
    /// The octets as text; invalid UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: content.octets, as: UTF8.self) }
    /// The size that the server tells.
    var shownSize: UInt64 { listedSize ?? content.size }
}
