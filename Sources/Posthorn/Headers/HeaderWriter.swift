/// Writes one header field: folds it at 78 columns (RFC 5322 section 2.1.1) and refuses what could become
/// a second field.
struct HeaderWriter {
    /// The columns that a line should not exceed.
    static let preferredWidth = 78
    /// The octets that a line must not exceed.
    static let hardWidth = 998

    private(set) var octets: [UInt8]
    let field: String
    let utf8: Bool
    private var column: Int
    /// The columns of the current line: less once it holds an encoded word (RFC 2047 section 2).
    private var width = preferredWidth

    init(field: String, utf8: Bool) {
        self.field = field
        self.utf8 = utf8
        octets = Array(field.utf8)
        octets.append(UInt8(ascii: ":"))
        column = octets.count
    }

    mutating func write(_ header: HeaderField) throws {
        switch header.value.kind {
        case .text(let text): try write(text, as: header.name.grammar)
        case .addresses(let list): try write(list)
        case .messageIDs(let ids): try write(messageIDs: ids)
        case .tokens(let text): try write(tokens: text)
        case .named(let name, let identifier):
            try refuseBreaks(identifier.utf8)
            if !name.isEmpty { try write(phrase: name, then: []) }
            try write(messageIDs: [identifier])
        case .raw(let raw): try write(raw: raw)
        }
        octets.append(contentsOf: [0x0D, 0x0A])
    }

    private mutating func write(_ text: String, as grammar: HeaderName.Grammar) throws {
        try refuseBreaks(text.utf8)
        switch grammar {
        case .text: try write(text: text)
        case .tokens: try write(tokens: text)
        case .messageIDs:
            try write(messageIDs: text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
        case .addresses:
            let list: AddressList
            do {
                list = try AddressList.parse(text)
            } catch let error as MailError {
                throw MailError(.invalidAddress, "the header field '\(field)': \(error.message)", cause: error)
            }
            try write(list)
        }
    }

    // MARK: Pieces

    /// Writes a piece that must stay together, with the white space before it, at which the line may be folded.
    mutating func put(_ piece: [UInt8], after space: [UInt8] = [0x20]) throws {
        if !space.isEmpty, column + space.count + piece.count > width {
            octets.append(contentsOf: [0x0D, 0x0A])
            column = 0
            width = Self.preferredWidth
        }
        octets.append(contentsOf: space)
        octets.append(contentsOf: piece)
        column += space.count + piece.count
        guard column <= Self.hardWidth else {
            throw MailError(
                .invalidMessage,
                "the header field '\(field)' holds a piece without spaces that is longer than the \(Self.hardWidth) "
                    + "octets that a line may have; shorten it"
            )
        }
    }

    private mutating func put(encoded text: Substring, context: EncodedWordEncoder.Context) throws {
        var encoder = EncodedWordEncoder(text, context: context)
        while let word = encoder.next(room: EncodedWordEncoder.lineWidth - column - 1) {
            try put(word)
            width = EncodedWordEncoder.lineWidth
        }
    }

    /// CR, LF and NUL in a value would end the field and begin another one.
    func refuseBreaks(_ text: some Sequence<UInt8>) throws {
        for octet in text where octet == 0x0D || octet == 0x0A || octet == 0 {
            let what = octet == 0 ? "a NUL" : "a line break"
            throw MailError(
                .invalidMessage,
                "the header field '\(field)' contains \(what); take it out, a field's text is one line"
            )
        }
    }

    // MARK: Text

    private mutating func write(text: String) throws {
        for segment in TextSegments.split(text, context: .text, utf8: utf8) {
            if segment.isEncoded {
                try put(encoded: segment.text, context: .text)
            } else {
                try put(Array(segment.text.utf8), after: segment.space)
            }
        }
    }

    private mutating func write(tokens text: String) throws {
        try refuseBreaks(text.utf8)
        guard utf8 || text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw MailError(
                .invalidMessage,
                "the header field '\(field)' may hold ASCII characters only; it contains others: encode or replace them"
            )
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw MailError(.invalidMessage, "the header field '\(field)' contains a control character; take it out")
        }
        for word in text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }) { try put(Array(word)) }
    }

    private mutating func write(messageIDs ids: [String]) throws {
        for id in ids {
            try refuseBreaks(id.utf8)
            guard MessageID.isUsable(id) else {
                throw MailError(
                    .invalidMessage,
                    "the header field '\(field)' holds '\(PeerText.shown(id, limit: 100))', which is not a message "
                        + "identifier; write it as <unique@domain>, ASCII without spaces"
                )
            }
            try put(Array(MessageID.bracketed(id).utf8))
        }
    }

    private mutating func write(raw: [UInt8]) throws {
        guard utf8 || raw.allSatisfy({ $0 < 0x80 }) else {
            throw MailError(
                .invalidMessage,
                "the header field '\(field)' holds octets beyond ASCII, which this way cannot carry; encode them"
            )
        }
        var line = column
        for (index, octet) in raw.enumerated() {
            switch octet {
            case 0x0D where index + 1 < raw.count && raw[index + 1] == 0x0A: continue
            case 0x0A where index > 0 && raw[index - 1] == 0x0D:
                guard index + 1 < raw.count, raw[index + 1] == 0x20 || raw[index + 1] == 0x09 else {
                    try refuseBreaks([octet])
                    continue
                }
                line = 0
            case 0x0D, 0x0A, 0: try refuseBreaks([octet])
            default: line += 1
            }
            guard line <= Self.hardWidth else {
                throw MailError(
                    .invalidMessage,
                    "the header field '\(field)' has a line longer than \(Self.hardWidth) octets; fold it"
                )
            }
        }
        if let first = raw.first, first != 0x20, first != 0x09, first != 0x0D { octets.append(0x20) }
        octets.append(contentsOf: raw)
    }

    // MARK: Addresses

    private mutating func write(_ list: AddressList) throws {
        for (index, entry) in list.entries.enumerated() {
            let end: [UInt8] = index + 1 < list.entries.count ? [UInt8(ascii: ",")] : []
            switch entry {
            case .mailbox(let mailbox): try write(mailbox, then: end)
            case .group(let group):
                try write(phrase: group.name, then: [UInt8(ascii: ":")])
                for (position, member) in group.members.enumerated() {
                    let isLast = position + 1 == group.members.count
                    try write(member, then: isLast ? [UInt8(ascii: ";")] + end : [UInt8(ascii: ",")])
                }
                if group.members.isEmpty { try put([UInt8(ascii: ";")] + end, after: []) }
            }
        }
    }

    private mutating func write(_ mailbox: Mailbox, then end: [UInt8]) throws {
        if mailbox.address.needsUTF8, !utf8 {
            throw MailError(
                .invalidAddress,
                "the header field '\(field)' holds '\(mailbox.address)', whose part before the '@' is not ASCII; "
                    + "this way cannot carry it (SMTPUTF8 is not available)"
            )
        }
        let address = utf8 ? mailbox.address : try mailbox.address.withASCIIDomain()
        guard let name = mailbox.name, !name.isEmpty else {
            return try put(Array(address.wireText.utf8) + end)
        }
        try write(phrase: name, then: [])
        try put(Array("<\(address.wireText)>".utf8) + end)
    }

    private mutating func write(phrase: String, then end: [UInt8]) throws {
        try refuseBreaks(phrase.utf8)
        if Phrase.isPlain(phrase, utf8: utf8) {
            let words = phrase.utf8.split(separator: 0x20)
            for (index, word) in words.enumerated() {
                try put(Array(word) + (index + 1 == words.count ? end : []))
            }
        } else if Phrase.isQuotable(phrase, utf8: utf8) {
            try put(Array(AddressSyntax.quoted(phrase).utf8) + end)
        } else {
            for segment in TextSegments.split(phrase, context: .phrase, utf8: utf8) {
                if segment.isEncoded {
                    try put(encoded: segment.text, context: .phrase)
                } else {
                    try put(Array(segment.text.utf8))
                }
            }
            if !end.isEmpty { try put(end, after: []) }
        }
    }
}
