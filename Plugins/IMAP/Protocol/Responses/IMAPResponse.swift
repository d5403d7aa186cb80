import Posthorn

/// What the parser makes of octets: whole responses, and large body sections in pieces.
enum IMAPEvent: Hashable, Sendable {
    /// A complete response. A section that came in pieces before is without octets in it.
    case response(IMAPResponse)
    /// A body section begins that comes in pieces.
    case literalBegins(IMAPStreamedLiteral)
    /// The next octets of it, not empty.
    case literalPiece([UInt8])
    /// It is complete. The rest of the response follows.
    case literalEnds
}

/// A body section that comes in pieces.
struct IMAPStreamedLiteral: Hashable, Sendable {
    /// The message's number; 0 in the answers of UIDONLY.
    var number: UInt32
    /// Its UID, if the server has sent that before.
    var uid: UInt32?
    /// Which section.
    var section: IMAPSection
    /// Whether its transfer encoding was taken away (RFC 3516).
    var isBinary: Bool
    /// Where the octets begin in the section, if a range was asked for.
    var origin: UInt64?
    /// How many octets follow.
    var size: UInt64
}

/// One response of an IMAP server (RFC 9051 section 7). Large values are kept apart: a response is moved often.
enum IMAPResponse: Hashable, Sendable {
    /// The first response: OK, PREAUTH or BYE.
    indirect case greeting(IMAPStatus)
    /// The end of a command.
    indirect case tagged(tag: String, IMAPStatus)
    /// An untagged OK, NO, BAD or BYE.
    indirect case status(IMAPStatus)
    /// The server waits for more: a literal, a step of a sign-in, the end of IDLE.
    case continuation(IMAPContinuation)
    /// CAPABILITY; the words as they came.
    case capabilities([String])
    /// ENABLED (RFC 5161); the words as they came.
    case enabled([String])
    /// LIST, LSUB or XLIST.
    indirect case list(IMAPListEntry)
    /// STATUS.
    indirect case mailboxStatus(IMAPMailboxStatus)
    /// SEARCH.
    case search(IMAPFoundNumbers)
    /// SORT (RFC 5256).
    case sort(IMAPFoundNumbers)
    /// ESEARCH (RFC 4731).
    indirect case extendedSearch(IMAPExtendedSearch)
    /// THREAD (RFC 5256).
    case threads(IMAPThreads)
    /// FLAGS.
    case flags([MessageFlag])
    /// EXISTS: the number of messages.
    case exists(UInt32)
    /// RECENT (RFC 3501).
    case recent(UInt32)
    /// EXPUNGE: the message of that number is gone, and those behind it move up.
    case expunged(UInt32)
    /// VANISHED (RFC 7162): the messages of these UIDs are gone; `earlier` if nothing moves up.
    case vanished([ClosedRange<UInt32>], earlier: Bool)
    /// FETCH or UIDFETCH.
    indirect case fetch(IMAPFetchedMessage)
    /// NAMESPACE (RFC 2342).
    indirect case namespaces(IMAPNamespaces)
    /// ID (RFC 2971): what the server says of itself.
    case id([IMAPIDField])
    /// QUOTA (RFC 9208).
    case quota(IMAPQuota)
    /// QUOTAROOT: the quotas that apply to a folder.
    case quotaRoots(IMAPMailboxName, roots: [String])
    /// ACL (RFC 4314).
    case accessList(IMAPMailboxName, [IMAPAccessEntry])
    /// MYRIGHTS.
    case myRights(IMAPMailboxName, rights: String)
    /// LISTRIGHTS: the rights that an identifier always has, and the groups of rights that can be given to it.
    case listRights(IMAPMailboxName, identifier: String, required: String, optional: [String])
    /// METADATA (RFC 5464); an empty name for the server.
    case metadata(IMAPMailboxName, [IMAPMetadataEntry])
    /// Something that is not known; it was passed over. The name is in capital letters.
    case unknown(name: String)
}

/// OK, NO, BAD, BYE or PREAUTH with code and text (RFC 9051 section 7.1).
struct IMAPStatus: Hashable, Sendable {
    /// The word that it begins with.
    enum Kind: String, Hashable, Sendable { case ok = "OK", no = "NO", bad = "BAD", bye = "BYE", preauth = "PREAUTH" }

    var kind: Kind
    /// What stands in brackets.
    var code: IMAPResponseCode?
    /// For people; from outside, so to be shown through `PeerText` only.
    var text: String
}

/// `+` with what follows.
struct IMAPContinuation: Hashable, Sendable {
    /// Everything behind `+ `: base64 in a sign-in, otherwise a text for people.
    var text: [UInt8]
}

/// An entry of LIST (RFC 9051 section 7.3.1, RFC 5258).
struct IMAPListEntry: Hashable, Sendable {
    var name: IMAPMailboxName
    /// Such as `\HasNoChildren`, in the server's case.
    var attributes: [String]
    /// What separates levels; `nil` if there are no levels.
    var delimiter: UInt8?
    /// Whether it came as LSUB.
    var isSubscription = false
    /// The words of CHILDINFO: criteria that a folder below it meets.
    var childInfo: [String] = []
    /// The name before a renaming, or a name that the server corrected.
    var oldName: IMAPMailboxName?

    /// Whether an attribute is there; case does not matter. The name is in capital letters.
    func has(_ attribute: String) -> Bool { attributes.contains { $0.uppercased() == attribute } }
}

/// The values of STATUS (RFC 9051 section 7.3.4); `nil` for what was not asked for.
struct IMAPMailboxStatus: Hashable, Sendable {
    var name: IMAPMailboxName
    var messages: UInt32?
    var recent: UInt32?
    var uidNext: UInt32?
    var uidValidity: UInt32?
    var unseen: UInt32?
    /// Messages with `\Deleted`.
    var deleted: UInt32?
    /// Octets of all messages (RFC 8438).
    var size: UInt64?
    /// Octets that expunging would free (RFC 9208).
    var deletedStorage: UInt64?
    var highestModSequence: UInt64?
    /// Octets of the largest message that may be appended (RFC 7889).
    var appendLimit: UInt64?
    /// RFC 8474.
    var mailboxID: String?
}

/// Numbers of messages, or UIDs if UIDs were asked for.
struct IMAPFoundNumbers: Hashable, Sendable {
    var numbers: [UInt32] = []
    /// The highest modification sequence of them (RFC 7162).
    var modSequence: UInt64?
}

/// ESEARCH (RFC 4731, RFC 7377, RFC 9394).
struct IMAPExtendedSearch: Hashable, Sendable {
    /// A part of a long result: which of the messages, counted from the first or, negative, from the last.
    struct Partial: Hashable, Sendable {
        var first: Int64
        var last: Int64
        var numbers: [ClosedRange<UInt32>]
    }

    /// The tag of the command that it answers.
    var tag: String?
    /// Of a search in several folders: which one.
    var mailbox: IMAPMailboxName?
    var uidValidity: UInt32?
    /// Whether the numbers are UIDs.
    var isUID = false
    var min: UInt32?
    var max: UInt32?
    var count: UInt32?
    /// In the order of the result (of SORT: sorted). `nil` if nothing was found or it was not asked for.
    var all: [ClosedRange<UInt32>]?
    var modSequence: UInt64?
    var partial: Partial?
    /// How well each message fits, 1 to 100 (RFC 6203).
    var relevancy: [UInt32] = []
}

/// What RFC 2342 says of the server's folders.
struct IMAPNamespaces: Hashable, Sendable {
    struct Namespace: Hashable, Sendable {
        var prefix: [UInt8]
        var delimiter: UInt8?
    }

    var personal: [Namespace] = []
    var otherUsers: [Namespace] = []
    var shared: [Namespace] = []
}

/// A field of ID.
struct IMAPIDField: Hashable, Sendable {
    var name: String
    var value: String?
}

/// QUOTA.
struct IMAPQuota: Hashable, Sendable {
    struct Resource: Hashable, Sendable {
        /// In capital letters: `STORAGE` (units of 1,024 octets), `MESSAGE`, `MAILBOX`, `ANNOTATION-STORAGE`.
        var name: String
        var usage: UInt64
        var limit: UInt64
    }

    var root: String
    var resources: [Resource]
}

/// An entry of an access list: who, and which rights.
struct IMAPAccessEntry: Hashable, Sendable {
    var identifier: String
    var rights: String
}

/// An entry of METADATA.
struct IMAPMetadataEntry: Hashable, Sendable {
    var name: String
    /// `nil` for NIL: there is none. Also if the server only says that it has changed.
    var value: [UInt8]?
}
