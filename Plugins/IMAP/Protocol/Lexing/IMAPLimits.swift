/// What a server may send at most. Beyond a limit, reading ends with a ``MailError`` of code `protocol-violation`.
///
/// Memory is taken as octets come, never for a size that a server has merely announced.
public struct IMAPLimits: Hashable, Sendable {
    /// Octets of one response, literals not counted: 1 MiB.
    public var line = 1 << 20
    /// Octets of a response that lists messages by number (SEARCH, ESEARCH, SORT, THREAD, VANISHED): 16 MiB, enough for
    /// more than a million messages.
    public var resultLine = 16 << 20
    /// Octets of one literal that becomes part of a value, such as a subject or a folder's name: 1 MiB.
    public var literal = 1 << 20
    /// Octets of all literals together that become part of the values of one response: 16 MiB.
    public var literalsOfResponse = 16 << 20
    /// A body section of at most that many octets becomes part of the value; a larger one comes in pieces: 64 KiB.
    /// Never more than ``literal``. With -1, all of them come in pieces.
    public var inlineSection = 64 << 10
    /// Octets of a body section that comes in pieces: 4 GiB.
    public var streamedLiteral: UInt64 = 4 << 30
    /// How deep parentheses may stand in one another: 64. Values above 128 count as 128: a stack has an end.
    public var depth = 64
    /// Elements of one list: flags, mailboxes' attributes, addresses, numbers: 2,000,000. What a line can hold is the
    /// nearer limit of most lists.
    public var elements = 2_000_000
    /// Parts of one body structure: 10,000.
    public var parts = 10_000
    /// Octets of a response code, such as `[APPENDUID 1 2]`: 64 KiB.
    public var responseCode = 64 << 10

    /// The limits as described.
    public init() {}

    /// The depth that is used.
    var usedDepth: Int { max(1, min(depth, 128)) }
}
