/// A message in a mailbox of an ``IMAPTestServer``.
public struct IMAPServerMessage: Sendable {
    /// Its number in the mailbox (RFC 3501 section 2.3.1.1); 0 for the next one that is free.
    public var uid: UInt32
    /// Its flags, such as `\Seen`, and its keywords. `\Recent` is not kept.
    public var flags: [String]
    /// When it came, as INTERNALDATE tells it: `dd-Mon-yyyy hh:mm:ss +hhmm`.
    public var internalDate: String
    /// The octets.
    public var content: ServerContent
    /// What RFC822.SIZE tells in place of the true size.
    public var listedSize: UInt64?
    /// The number of its last change (RFC 7162). Given by the server.
    public internal(set) var modificationSequence: UInt64 = 0

    /// Creates a message.
    public init(
        uid: UInt32 = 0,
        flags: [String] = [],
        internalDate: String = "01-Jan-2026 12:00:00 +0000",
        content: ServerContent,
        listedSize: UInt64? = nil
    ) {
        self.uid = uid
        self.flags = flags
        self.internalDate = internalDate
        self.content = content
        self.listedSize = listedSize
    }

    /// Creates a message of a text, whose line ends are as they are: write `\r\n`.
    public init(uid: UInt32 = 0, flags: [String] = [], text: String) {
        self.init(uid: uid, flags: flags, content: ServerContent(text))
    }

    /// All octets, in memory.
    public var octets: [UInt8] { content.octets }
    /// The octets as text; invalid UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: content.octets, as: UTF8.self) }
}
