import Posthorn

/// What stands in brackets in front of a text (RFC 9051 section 7.1, and the extensions' RFCs).
enum IMAPResponseCode: Hashable, Sendable {
    /// A code without argument, in capital letters, such as `ALERT` or `TRYCREATE`.
    case word(String)
    /// The character sets that a search may use.
    case badCharset([String])
    case capability([String])
    case permanentFlags([MessageFlag])
    case uidNext(UInt32)
    case uidValidity(UInt32)
    case unseen(UInt32)
    /// RFC 4315: where appended messages are. One number for each message, in their order.
    case appendUID(validity: UInt32, uids: [ClosedRange<UInt32>])
    /// RFC 4315: where copied messages are. As many sources as copies, in the same order.
    case copyUID(validity: UInt32, from: [ClosedRange<UInt32>], to: [ClosedRange<UInt32>])
    /// RFC 7162
    case highestModSequence(UInt64)
    /// RFC 7162: messages that STORE left alone, because somebody else had changed them.
    case modified([ClosedRange<UInt32>])
    /// RFC 8474
    case mailboxID(String)
    /// RFC 5464: the size of the longest entry that was left out.
    case metadataLongEntries(UInt64)
    /// RFC 5464: the largest entry that the server keeps, in octets.
    case metadataMaxSize(UInt64)
    /// RFC 5464: no more entries, or no private ones.
    case metadata(String)
    /// RFC 5465: the events that the server knows.
    case badEvent([String])
    /// RFC 2221, RFC 2193: another server. Never followed.
    case referral(String)
    /// RFC 4469: the part that could not be used.
    case badURL(String)
    /// RFC 9738: the server did as many messages; the lowest of them, if it says so.
    case messageLimit(UInt32, lowest: UInt32?)
    /// RFC 9585: how far a long command is.
    case inProgress(tag: String?, done: UInt32?, of: UInt32?)
    /// Any other code with an argument; the argument as it came.
    case unknown(name: String, text: String)

    /// The name, in capital letters.
    var name: String {
        switch self {
        case .word(let name), .unknown(let name, _): name
        case .badCharset: "BADCHARSET"
        case .capability: "CAPABILITY"
        case .permanentFlags: "PERMANENTFLAGS"
        case .uidNext: "UIDNEXT"
        case .uidValidity: "UIDVALIDITY"
        case .unseen: "UNSEEN"
        case .appendUID: "APPENDUID"
        case .copyUID: "COPYUID"
        case .highestModSequence: "HIGHESTMODSEQ"
        case .modified: "MODIFIED"
        case .mailboxID: "MAILBOXID"
        case .metadataLongEntries, .metadataMaxSize, .metadata: "METADATA"
        case .badEvent: "BADEVENT"
        case .referral: "REFERRAL"
        case .badURL: "BADURL"
        case .messageLimit: "MESSAGELIMIT"
        case .inProgress: "INPROGRESS"
        }
    }
}
