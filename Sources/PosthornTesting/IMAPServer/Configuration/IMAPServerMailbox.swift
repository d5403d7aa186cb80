/// A mailbox of an ``IMAPTestServer``: how it begins, or what it holds now.
public struct IMAPServerMailbox: Sendable {
    /// Its name, with the separator of the configuration between its levels. `INBOX` is written so.
    public var name: String
    /// Its attributes besides those that follow from the others: what it is for, such as `\Sent`, or `\Noselect`.
    public var attributes: [String]
    /// RFC 3501 section 2.3.1.1; not 0.
    public var uidValidity: UInt32
    /// The UID of the next message; 0 for the one after the last message.
    public var uidNext: UInt32 = 0
    /// Whether LSUB lists it.
    public var isSubscribed = true
    /// Whether it can only be read.
    public var isReadOnly = false
    /// Whether clients can make keywords: `\*` among the PERMANENTFLAGS.
    public var takesKeywords = true
    /// The number of the last change (RFC 7162). Given by the server.
    public internal(set) var highestModificationSequence: UInt64 = 0
    /// The messages. Those without UIDs get them when the server starts; they are sorted by them.
    public var messages: [IMAPServerMessage]

    /// Creates a mailbox.
    public init(
        _ name: String,
        attributes: [String] = [],
        uidValidity: UInt32 = 1,
        messages: [IMAPServerMessage] = []
    ) {
        self.name = name
        self.attributes = attributes
        self.uidValidity = uidValidity
        self.messages = messages
    }
}
