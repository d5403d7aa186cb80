/// A protocol version or an extension that the IMAP test server can support, by its word in the list of capabilities.
public struct IMAPServerExtension: Hashable, Sendable, CustomStringConvertible {
    /// The word.
    public let description: String

    private init(_ word: String) {
        description = word
    }

    /// RFC 3501.
    public static let imap4rev1 = Self("IMAP4rev1")
    /// RFC 9051, without BINARY: names of mailboxes in UTF-8 after ENABLE, ESEARCH as the reply to SEARCH. Not one of
    /// the ``usual`` ones.
    public static let imap4rev2 = Self("IMAP4rev2")
    /// Literals that are not waited for (RFC 7888), of any length.
    public static let literalPlus = Self("LITERAL+")
    /// The same up to 4,096 octets. Not one of the ``usual`` ones, which have ``literalPlus``.
    public static let literalMinus = Self("LITERAL-")
    /// AUTHENTICATE may carry the first response (RFC 4959).
    public static let saslIR = Self("SASL-IR")
    /// RFC 2971.
    public static let id = Self("ID")
    /// RFC 5161.
    public static let enable = Self("ENABLE")
    /// RFC 2342.
    public static let namespace = Self("NAMESPACE")
    /// LIST tells `\HasChildren` and `\HasNoChildren` (RFC 3348).
    public static let children = Self("CHILDREN")
    /// Several patterns, selection options and RETURN in LIST (RFC 5258).
    public static let listExtended = Self("LIST-EXTENDED")
    /// LIST with RETURN (STATUS …) (RFC 5819).
    public static let listStatus = Self("LIST-STATUS")
    /// LIST tells what mailboxes are for (RFC 6154).
    public static let specialUse = Self("SPECIAL-USE")
    /// SIZE in STATUS (RFC 8438).
    public static let statusSize = Self("STATUS=SIZE")
    /// RFC 3691.
    public static let unselect = Self("UNSELECT")
    /// UID EXPUNGE, APPENDUID and COPYUID (RFC 4315).
    public static let uidPlus = Self("UIDPLUS")
    /// RFC 6851.
    public static let move = Self("MOVE")
    /// RFC 2177.
    public static let idle = Self("IDLE")
    /// MODSEQ, CHANGEDSINCE, UNCHANGEDSINCE, HIGHESTMODSEQ (RFC 7162).
    public static let condstore = Self("CONDSTORE")
    /// SEARCH with RETURN (RFC 4731).
    public static let esearch = Self("ESEARCH")
    /// `$`, what a SEARCH with RETURN (SAVE) has found (RFC 5182).
    public static let searchRes = Self("SEARCHRES")
    /// GETQUOTA and GETQUOTAROOT (RFC 9208): ``IMAPServerConfiguration/quota``.
    public static let quota = Self("QUOTA")
    /// The size of the largest message that APPEND takes (RFC 7889): ``IMAPServerConfiguration/Limits/literal``.
    public static let appendLimit = Self("APPENDLIMIT")

    /// All of them, in the order in which they are announced.
    public static let all: [IMAPServerExtension] = [
        .imap4rev1, .imap4rev2, .literalPlus, .literalMinus, .saslIR, .id, .enable, .namespace, .children,
        .listExtended, .listStatus, .specialUse, .statusSize, .unselect, .uidPlus, .move, .idle, .condstore, .esearch,
        .searchRes, .quota, .appendLimit,
    ]
    /// All but ``imap4rev2`` and ``literalMinus``.
    public static let usual = Set(all).subtracting([.imap4rev2, .literalMinus])
}
