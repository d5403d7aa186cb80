import Posthorn

/// The name of a folder on the wire, and how it is to be read.
///
/// Folders' names are UTF-8 once IMAP4rev2 or UTF8=ACCEPT is enabled (RFC 9051 section 5.1, RFC 6855), and modified
/// UTF-7 before (RFC 3501 section 5.1.3).
struct IMAPMailboxName: Hashable, Sendable {
    /// The name as it came.
    var octets: [UInt8]

    /// The name for people. Modified UTF-7 that is none, and octets that are no UTF-8, are shown as they came.
    func text(isUTF8: Bool) -> String {
        let isASCII = octets.allSatisfy { $0 < 0x80 }
        // Some servers send UTF-8 without being asked (Zimbra, old Exchange).
        if !isUTF8, isASCII, let decoded = ModifiedUTF7.decoded(octets) { return decoded }
        return IMAPStringOctets.text(octets)
    }

    /// Whether it is the inbox, whose name has no case (RFC 9051 section 5.1).
    var isInbox: Bool {
        octets.count == 5 && octets.elementsEqual("INBOX".utf8) { IMAPOctet.upper($0) == $1 }
    }
}
