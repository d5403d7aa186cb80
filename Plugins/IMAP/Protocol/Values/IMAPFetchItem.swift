/// What FETCH is to say of a message (RFC 9051 section 6.4.5 and the extensions' RFCs).
public struct IMAPFetchItem: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case word(String)
        case section(IMAPSection, isPeek: Bool, range: Range<UInt64>?)
        case binary(part: [Int], isPeek: Bool, range: Range<UInt64>?)
        case binarySize(part: [Int])
    }

    let kind: Kind

    private static func word(_ word: String) -> IMAPFetchItem { IMAPFetchItem(kind: .word(word)) }

    /// The UID.
    public static let uid = word("UID")
    /// The flags.
    public static let flags = word("FLAGS")
    /// When the message came into the store.
    public static let internalDate = word("INTERNALDATE")
    /// The size in octets.
    public static let size = word("RFC822.SIZE")
    /// The header in short.
    public static let envelope = word("ENVELOPE")
    /// The parts, without dispositions, languages and locations.
    public static let body = word("BODY")
    /// The parts.
    public static let bodyStructure = word("BODYSTRUCTURE")
    /// The modification sequence (CONDSTORE, RFC 7162).
    public static let modSequence = word("MODSEQ")
    /// The name for good (OBJECTID, RFC 8474).
    public static let emailID = word("EMAILID")
    /// The conversation's name (OBJECTID, RFC 8474).
    public static let threadID = word("THREADID")
    /// When the message came into the folder (SAVEDATE, RFC 8514).
    public static let saveDate = word("SAVEDATE")
    /// The first words of the text (PREVIEW, RFC 8970).
    public static let preview = word("PREVIEW")
    /// The first words of the text, if the server has them at hand.
    public static let lazyPreview = word("PREVIEW (LAZY)")
    /// Gmail's name of the message.
    public static let gmailMessageID = word("X-GM-MSGID")
    /// Gmail's name of the conversation.
    public static let gmailThreadID = word("X-GM-THRID")
    /// Gmail's labels.
    public static let gmailLabels = word("X-GM-LABELS")

    /// A section, or a range of its octets.
    ///
    /// - Parameter isPeek: Whether the message stays unread.
    public static func section(
        _ section: IMAPSection,
        isPeek: Bool = true,
        range: Range<UInt64>? = nil
    ) -> IMAPFetchItem {
        IMAPFetchItem(kind: .section(section, isPeek: isPeek, range: range))
    }

    /// A part without its transfer encoding (BINARY, RFC 3516), or a range of its octets.
    public static func binary(part: [Int], isPeek: Bool = true, range: Range<UInt64>? = nil) -> IMAPFetchItem {
        IMAPFetchItem(kind: .binary(part: part, isPeek: isPeek, range: range))
    }

    /// The size of a part without its transfer encoding (BINARY, RFC 3516).
    public static func binarySize(part: [Int]) -> IMAPFetchItem { IMAPFetchItem(kind: .binarySize(part: part)) }
}
