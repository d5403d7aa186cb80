import Posthorn

/// What a server announced (RFC 9051 section 7.2.2).
public struct IMAPCapabilities: Equatable, Sendable {
    /// The words in upper case.
    private var words: Set<String> = []
    /// The SASL mechanisms in the server's order, upper case.
    public private(set) var mechanisms: [String] = []

    /// Nothing is known.
    init() {}

    /// Words as they came; at most 1,000.
    init(_ announced: [String]) {
        for word in announced.prefix(1_000) {
            let upper = word.uppercased()
            words.insert(upper)
            if upper.hasPrefix("AUTH=") { mechanisms.append(String(upper.dropFirst(5))) }
        }
    }

    /// Whether nothing was announced.
    var isEmpty: Bool { words.isEmpty }

    /// Forgets capabilities, as if the server had not announced them. The words are upper case.
    mutating func ignore(_ ignored: [String]) {
        for word in ignored { words.remove(word) }
    }

    /// Whether a capability was announced, such as `MOVE`. The case of letters does not matter.
    public func offers(_ capability: String) -> Bool { words.contains(capability.uppercased()) }

    /// IMAP4rev2, which has many of the extensions in it.
    public var isRev2: Bool { offers("IMAP4REV2") }

    /// What stands behind `=` in the words of a name, such as `REFERENCES` of `THREAD=REFERENCES`.
    public func arguments(of name: String) -> [String] {
        let prefix = name.uppercased() + "="
        return words.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    /// Whether literals need no permission.
    var literals: IMAPEncoding.Literals {
        if offers("LITERAL+") { return .plus }
        return offers("LITERAL-") || isRev2 ? .minus : .synchronizing
    }

    /// UID EXPUNGE and the names of appended messages (RFC 4315).
    var hasUIDPLUS: Bool { offers("UIDPLUS") || isRev2 }
    /// Leaving a folder without expunging (RFC 3691).
    var hasUNSELECT: Bool { offers("UNSELECT") || isRev2 }
    /// Waiting (RFC 2177).
    var hasIDLE: Bool { offers("IDLE") || isRev2 }
    /// MOVE (RFC 6851).
    var hasMOVE: Bool { offers("MOVE") || isRev2 }
    /// ESEARCH (RFC 4731).
    var hasESEARCH: Bool { offers("ESEARCH") || isRev2 }
    /// The first response of a sign-in in the command (RFC 4959).
    var hasSASLIR: Bool { offers("SASL-IR") || isRev2 }
    /// LIST … RETURN (RFC 5258).
    var hasLISTEXTENDED: Bool { offers("LIST-EXTENDED") || isRev2 }
    /// `\Sent` and its kind (RFC 6154).
    var hasSPECIALUSE: Bool { offers("SPECIAL-USE") || isRev2 }
    /// ENABLE (RFC 5161).
    var hasENABLE: Bool { offers("ENABLE") || isRev2 }

    /// The capabilities for people, sorted.
    public var summary: String { words.sorted().map { PeerText.shown($0, limit: 100) }.joined(separator: ", ") }
}
