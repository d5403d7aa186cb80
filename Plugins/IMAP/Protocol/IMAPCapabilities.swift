import Posthorn

/// What a server announced (RFC 9051 section 7.2.2).
public struct IMAPCapabilities: Equatable, Sendable {
    /// The words in upper case.
    private var words: Set<String> = []
    /// What is passed over, also where IMAP4rev2 has it.
    private var ignored: Set<String> = []
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
        self.ignored.formUnion(ignored)
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

    /// Whether an extension that IMAP4rev2 has in it is there.
    private func has(_ word: String) -> Bool { !ignored.contains(word) && (offers(word) || isRev2) }

    /// Whether literals need no permission.
    var literals: IMAPEncoding.Literals {
        if offers("LITERAL+") { return .plus }
        return has("LITERAL-") ? .minus : .synchronizing
    }

    /// UID EXPUNGE and the names of appended messages (RFC 4315).
    var hasUIDPLUS: Bool { has("UIDPLUS") }
    /// Leaving a folder without expunging (RFC 3691).
    var hasUNSELECT: Bool { has("UNSELECT") }
    /// Waiting (RFC 2177).
    var hasIDLE: Bool { has("IDLE") }
    /// MOVE (RFC 6851).
    var hasMOVE: Bool { has("MOVE") }
    /// ESEARCH (RFC 4731).
    var hasESEARCH: Bool { has("ESEARCH") }
    /// The first response of a sign-in in the command (RFC 4959).
    var hasSASLIR: Bool { has("SASL-IR") }
    /// LIST … RETURN (RFC 5258).
    var hasLISTEXTENDED: Bool { has("LIST-EXTENDED") }
    /// `\Sent` and its kind (RFC 6154).
    var hasSPECIALUSE: Bool { has("SPECIAL-USE") }
    /// ENABLE (RFC 5161).
    var hasENABLE: Bool { has("ENABLE") }

    /// The capabilities for people, sorted.
    public var summary: String { words.sorted().map { PeerText.shown($0, limit: 100) }.joined(separator: ", ") }
}
