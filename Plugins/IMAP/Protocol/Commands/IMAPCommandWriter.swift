import Posthorn
import PosthornNet

/// Writes the arguments of one command. Each is checked here: no CR, LF or NUL leaves in anything but a literal.
struct IMAPCommandWriter {
    let encoding: IMAPEncoding
    private(set) var pieces: [IMAPCommandPiece] = []
    private var text = WireText()
    private var contents = 0

    /// Longer strings go as literals: servers limit the length of a line (RFC 7162 section 4: 8,192 octets).
    private static let quotedLimit = 1_024

    init(_ encoding: IMAPEncoding) { self.encoding = encoding }

    /// Ends the command.
    mutating func finish() -> [IMAPCommandPiece] {
        text.appendLineEnd()
        flush()
        return pieces
    }

    private mutating func flush() {
        guard !text.isEmpty else { return }
        pieces.append(.text(IMAPCommandText(text)))
        text = WireText()
    }

    // MARK: Words

    /// Writes text that this module has made: never anything from outside.
    mutating func raw(_ text: String) { self.text.append(text) }

    /// Writes a space.
    mutating func space() { text.append(" ") }

    /// Writes an atom from outside.
    mutating func atom(_ atom: String, _ what: StaticString) throws(MailError) {
        guard !atom.isEmpty, atom.utf8.allSatisfy(IMAPOctet.isAtom) else { throw Self.refused(atom, what) }
        text.append(atom)
    }

    /// Writes a flag: a keyword, or a backslash and a word.
    mutating func flag(_ flag: MessageFlag) throws(MailError) {
        let name = flag.description
        let word = name.utf8.first == IMAPOctet.backslash ? name.utf8.dropFirst() : name.utf8[...]
        // `]` stands in keywords of Courier and Gmail, and no server is known to refuse it.
        guard !word.isEmpty, word.allSatisfy({ IMAPOctet.isAtom($0) || $0 == IMAPOctet.closeBracket }) else {
            throw Self.refused(name, "flag")
        }
        text.append(name)
    }

    /// Writes flags in parentheses.
    mutating func flags(_ flags: some Sequence<MessageFlag>) throws(MailError) {
        try list(flags) { writer, flag throws(MailError) in try writer.flag(flag) }
    }

    /// Writes elements in parentheses, with spaces between them.
    mutating func list<Element>(
        _ elements: some Sequence<Element>,
        _ write: (inout IMAPCommandWriter, Element) throws(MailError) -> Void
    ) throws(MailError) {
        raw("(")
        var isFirst = true
        for element in elements {
            if !isFirst { space() }
            isFirst = false
            try write(&self, element)
        }
        raw(")")
    }

    /// Writes a set of numbers.
    mutating func set(_ set: IMAPSequenceSet) throws(MailError) {
        guard !set.isEmpty else {
            throw MailError(.misuse, "the set of messages is empty, and IMAP cannot say that; do not send the command")
        }
        guard set.ranges.first?.lowerBound != 0, set.openEnd != 0 else {
            throw MailError(.misuse, "the set of messages holds the number 0, which no message has; leave it out")
        }
        raw(set.description)
    }

    // MARK: Strings

    /// Writes a string in the shortest way that can carry it: as an atom, in quotes, as a literal.
    mutating func astring(_ string: String, _ what: StaticString) throws(MailError) {
        try astring(Array(string.utf8), what)
    }

    /// Writes octets as ``astring(_:_:)-(String,_)`` does.
    mutating func astring(_ octets: [UInt8], _ what: StaticString) throws(MailError) {
        let isAtom =
            !octets.isEmpty && octets.count <= Self.quotedLimit
            && octets.allSatisfy { IMAPOctet.isAtom($0) || $0 == IMAPOctet.closeBracket }
        // NIL is a word with a meaning, and `+` at the beginning misleads servers of old.
        if isAtom, octets[0] != UInt8(ascii: "+"), octets.count != 3 || !octets.elementsEqual("NIL".utf8, by: Self.same)
        {
            text.append(octets)
        } else {
            try string(octets, what)
        }
    }

    /// Writes a string in quotes or as a literal.
    mutating func string(_ string: String, _ what: StaticString) throws(MailError) {
        try self.string(Array(string.utf8), what)
    }

    /// Writes a string in quotes or as a literal; `nil` as NIL.
    mutating func nstring(_ string: String?, _ what: StaticString) throws(MailError) {
        if let string { try self.string(string, what) } else { raw("NIL") }
    }

    private mutating func string(_ octets: [UInt8], _ what: StaticString) throws(MailError) {
        guard Self.isLine(octets) else { throw Self.refused(octets, what) }
        if isQuotable(octets) { text.append(Self.quoted(octets)) } else { literal(octets, isBinary: false) }
    }

    /// Writes a secret in quotes or as a literal; no log shows it.
    mutating func secret(_ secret: Secret, _ what: StaticString) throws(MailError) {
        let octets = secret.withBytes { Array($0) }
        guard Self.isLine(octets) else {
            throw MailError(
                .misuse,
                "the \(what) holds a line break or a NUL, which IMAP cannot carry; check where it comes from"
            )
        }
        if isQuotable(octets) {
            text.appendSecret(Self.quoted(octets))
        } else {
            literalHeader(UInt64(octets.count), isBinary: false)
            text.appendSecret(octets)
        }
    }

    /// Writes a text that is in its form already.
    mutating func wire(_ other: WireText) { text.append(other) }

    /// Writes octets that no log shows, as they are.
    mutating func secretOctets(_ octets: [UInt8]) { text.appendSecret(octets) }

    /// Writes a value that may hold anything: in quotes, as a literal, or, with a NUL in it, as literal8 (RFC 3516).
    mutating func value(_ octets: [UInt8]?) {
        guard let octets else { return raw("NIL") }
        if octets.contains(0) {
            literal(octets, isBinary: true)
        } else if Self.isLine(octets), isQuotable(octets) {
            text.append(Self.quoted(octets))
        } else {
            literal(octets, isBinary: false)
        }
    }

    /// Writes the name of a folder.
    mutating func mailbox(_ name: IMAPMailboxName) throws(MailError) { try astring(name.octets, "folder's name") }

    /// Writes a pattern of LIST: `%` and `*` have their meaning in quotes, too.
    mutating func pattern(_ pattern: IMAPMailboxName) throws(MailError) { try string(pattern.octets, "folder's name") }

    // MARK: Literals

    private mutating func literal(_ octets: [UInt8], isBinary: Bool) {
        literalHeader(UInt64(octets.count), isBinary: isBinary)
        text.append(octets)
    }

    /// Writes the place of a message's octets, which the caller sends.
    mutating func content(size: UInt64, isBinary: Bool) {
        literalHeader(size, isBinary: isBinary)
        flush()
        pieces.append(.content(index: contents, size: size))
        contents += 1
    }

    private mutating func literalHeader(_ size: UInt64, isBinary: Bool) {
        let isImmediate = encoding.isImmediate(size)
        raw("\(isBinary ? "~" : ""){\(size)\(isImmediate ? "+" : "")}\r\n")
        guard !isImmediate else { return }
        flush()
        pieces.append(.waitForContinuation)
    }

    // MARK: Checks

    private func isQuotable(_ octets: [UInt8]) -> Bool {
        guard octets.count <= Self.quotedLimit else { return false }
        if octets.allSatisfy({ $0 < 0x80 }) { return true }
        // Between the two UTF-8 strings in quotes are allowed, and something else in a literal (RFC 6855 section 3).
        return encoding.isUTF8 && String(validating: octets, as: UTF8.self) != nil
    }

    private static func quoted(_ octets: [UInt8]) -> [UInt8] {
        var quoted = [IMAPOctet.quote]
        quoted.reserveCapacity(octets.count + 2)
        for octet in octets {
            if octet == IMAPOctet.quote || octet == IMAPOctet.backslash { quoted.append(IMAPOctet.backslash) }
            quoted.append(octet)
        }
        quoted.append(IMAPOctet.quote)
        return quoted
    }

    private static func same(_ one: UInt8, _ other: UInt8) -> Bool { IMAPOctet.upper(one) == other }

    /// Whether there is no CR, LF or NUL.
    private static func isLine(_ octets: [UInt8]) -> Bool {
        !octets.contains { $0 == 0 || $0 == IMAPOctet.carriageReturn || $0 == IMAPOctet.lineFeed }
    }

    static func refused(_ text: String, _ what: StaticString) -> MailError { refused(Array(text.utf8), what) }

    private static func refused(_ octets: [UInt8], _ what: StaticString) -> MailError {
        MailError(
            .misuse,
            "the \(what) '\(PeerText.shown(octets, limit: 80))' cannot be written in an IMAP command: it is empty or holds a "
                + "line break, a NUL or another character that is not allowed there; use another one"
        )
    }
}
