public import Posthorn

/// What a search looks for (RFC 9051 section 6.4.4 and the extensions' RFCs). The server searches; texts are compared
/// without regard to case, and where they occur inside.
///
/// ```swift
/// let criteria = IMAPSearchCriteria.all(of: [.unseen, .from("orders@"), .since(IMAPDate(year: 2026, month: 11, day: 1))])
/// ```
public struct IMAPSearchCriteria: Hashable, Sendable {
    indirect enum Node: Hashable, Sendable {
        /// A key without argument.
        case key(String)
        /// A key with a string.
        case text(String, String)
        case header(String, String)
        case date(String, IMAPDate)
        case number(String, UInt64)
        case keyword(String, MessageFlag)
        case numbers(IMAPSequenceSet)
        case uids(IMAPSequenceSet)
        case objectID(String, String)
        case label(String)
        case not(Node)
        case any([Node])
        case all([Node])
        case fuzzy(Node)
    }

    let node: Node

    private init(_ node: Node) { self.node = node }

    // MARK: Everything, and combinations

    /// Every message.
    public static let all = IMAPSearchCriteria(.key("ALL"))

    /// Messages that fulfil each of the criteria; every message if there are none.
    public static func all(of criteria: [IMAPSearchCriteria]) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.all(criteria.map(\.node)))
    }

    /// Messages that fulfil at least one of the criteria; none if there are none.
    public static func any(of criteria: [IMAPSearchCriteria]) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.any(criteria.map(\.node)))
    }

    /// Messages that do not fulfil a criterion.
    public static func not(_ criterion: IMAPSearchCriteria) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.not(criterion.node))
    }

    /// Messages that fulfil a criterion more or less (FUZZY, RFC 6203).
    public static func fuzzy(_ criterion: IMAPSearchCriteria) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.fuzzy(criterion.node))
    }

    // MARK: Flags

    /// Messages with a flag.
    public static func flag(_ flag: MessageFlag) -> IMAPSearchCriteria {
        IMAPSearchCriteria(systemKey(flag).map { .key($0) } ?? .keyword("KEYWORD", flag))
    }

    /// Messages without a flag.
    public static func withoutFlag(_ flag: MessageFlag) -> IMAPSearchCriteria {
        IMAPSearchCriteria(systemKey(flag).map { .key("UN\($0)") } ?? .keyword("UNKEYWORD", flag))
    }

    /// System flags have keys of their own.
    private static func systemKey(_ flag: MessageFlag) -> String? {
        let name = flag.description.uppercased()
        return ["\\SEEN", "\\ANSWERED", "\\FLAGGED", "\\DELETED", "\\DRAFT"].contains(name)
            ? String(name.dropFirst()) : nil
    }

    /// Messages that have been read.
    public static let seen = IMAPSearchCriteria(.key("SEEN"))
    /// Messages that have not been read.
    public static let unseen = IMAPSearchCriteria(.key("UNSEEN"))

    // MARK: Texts

    /// The subject holds a text.
    public static func subject(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("SUBJECT", text)) }
    /// The From field holds a text.
    public static func from(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("FROM", text)) }
    /// The To field holds a text.
    public static func to(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("TO", text)) }
    /// The Cc field holds a text.
    public static func cc(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("CC", text)) }
    /// The Bcc field holds a text.
    public static func bcc(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("BCC", text)) }
    /// The body holds a text.
    public static func body(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("BODY", text)) }
    /// Header or body hold a text.
    public static func text(_ text: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("TEXT", text)) }

    /// A field of the header holds a text; with an empty text: the field is there.
    public static func header(_ name: String, _ text: String = "") -> IMAPSearchCriteria {
        IMAPSearchCriteria(.header(name, text))
    }

    // MARK: Dates and sizes

    /// Came into the store before a day.
    public static func before(_ day: IMAPDate) -> IMAPSearchCriteria { IMAPSearchCriteria(.date("BEFORE", day)) }
    /// Came into the store on a day.
    public static func on(_ day: IMAPDate) -> IMAPSearchCriteria { IMAPSearchCriteria(.date("ON", day)) }
    /// Came into the store on a day or later.
    public static func since(_ day: IMAPDate) -> IMAPSearchCriteria { IMAPSearchCriteria(.date("SINCE", day)) }
    /// The Date field is before a day.
    public static func sentBefore(_ day: IMAPDate) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.date("SENTBEFORE", day))
    }
    /// The Date field is on a day.
    public static func sentOn(_ day: IMAPDate) -> IMAPSearchCriteria { IMAPSearchCriteria(.date("SENTON", day)) }
    /// The Date field is on a day or later.
    public static func sentSince(_ day: IMAPDate) -> IMAPSearchCriteria { IMAPSearchCriteria(.date("SENTSINCE", day)) }
    /// Came into the folder before a day (SAVEDATE, RFC 8514).
    public static func savedBefore(_ day: IMAPDate) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.date("SAVEDBEFORE", day))
    }
    /// Came into the folder on a day (SAVEDATE, RFC 8514).
    public static func savedOn(_ day: IMAPDate) -> IMAPSearchCriteria { IMAPSearchCriteria(.date("SAVEDON", day)) }
    /// Came into the folder on a day or later (SAVEDATE, RFC 8514).
    public static func savedSince(_ day: IMAPDate) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.date("SAVEDSINCE", day))
    }
    /// Came into the store more than so many seconds ago (WITHIN, RFC 5032).
    public static func older(seconds: UInt32) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.number("OLDER", UInt64(seconds)))
    }
    /// Came into the store in the last so many seconds (WITHIN, RFC 5032).
    public static func younger(seconds: UInt32) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.number("YOUNGER", UInt64(seconds)))
    }
    /// Larger than so many octets.
    public static func larger(_ octets: UInt64) -> IMAPSearchCriteria { IMAPSearchCriteria(.number("LARGER", octets)) }
    /// Smaller than so many octets.
    public static func smaller(_ octets: UInt64) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.number("SMALLER", octets))
    }

    // MARK: Names

    /// Messages with these numbers.
    public static func numbers(_ set: IMAPSequenceSet) -> IMAPSearchCriteria { IMAPSearchCriteria(.numbers(set)) }
    /// Messages with these UIDs.
    public static func uids(_ set: IMAPSequenceSet) -> IMAPSearchCriteria { IMAPSearchCriteria(.uids(set)) }
    /// Changed at this modification sequence or behind it (CONDSTORE, RFC 7162).
    public static func modified(since sequence: UInt64) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.number("MODSEQ", sequence))
    }
    /// The message of a name for good (OBJECTID, RFC 8474).
    public static func emailID(_ id: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.objectID("EMAILID", id)) }
    /// The messages of a conversation (OBJECTID, RFC 8474).
    public static func threadID(_ id: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.objectID("THREADID", id)) }
    /// What Gmail's own search finds.
    public static func gmail(_ query: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.text("X-GM-RAW", query)) }
    /// Messages with a label of Gmail.
    public static func gmailLabel(_ label: String) -> IMAPSearchCriteria { IMAPSearchCriteria(.label(label)) }
    /// The message of a name of Gmail.
    public static func gmailMessageID(_ id: UInt64) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.number("X-GM-MSGID", id))
    }
    /// The messages of a conversation of Gmail.
    public static func gmailThreadID(_ id: UInt64) -> IMAPSearchCriteria {
        IMAPSearchCriteria(.number("X-GM-THRID", id))
    }
}
