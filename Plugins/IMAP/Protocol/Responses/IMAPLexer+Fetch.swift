import Posthorn

/// The items of FETCH (RFC 9051 section 7.5.2 and the extensions' RFCs).
extension IMAPLexer {
    /// A section whose literal begins where the octets end: it comes in pieces.
    struct PendingSection {
        var section: IMAPSection
        var isBinary: Bool
        var origin: UInt64?
    }

    /// Takes items up to the end of the list.
    ///
    /// - Parameter endsAtLiteral: whether the octets end in front of a literal that is to come in pieces.
    /// - Returns: the section that the literal belongs to; `nil` if the list is complete.
    mutating func fetchItems(
        into message: inout IMAPFetchedMessage,
        endsAtLiteral: Bool
    ) throws(IMAPSyntaxProblem) -> PendingSection? {
        while !takeClose() {
            if isAtEnd { throw problem("a FETCH without its end") }
            if let pending = try fetchItem(into: &message, endsAtLiteral) { return pending }
        }
        return nil
    }

    private mutating func fetchItem(
        into message: inout IMAPFetchedMessage,
        _ endsAtLiteral: Bool
    ) throws(IMAPSyntaxProblem) -> PendingSection? {
        switch IMAPOctet.upper(next) {
        case UInt8(ascii: "F"):
            if take(word: "FLAGS") {
                message.flags = try flags()
                return nil
            }
        case UInt8(ascii: "U"):
            if take(word: "UID") {
                spaces()
                let uid = try looseNumber()
                // 0 is no UID (RFC 9051 section 2.3.1.1); a message under a wrong name is worse than none.
                guard uid > 0 else { throw problem("the UID 0") }
                message.uid = uid
                return nil
            }
        case UInt8(ascii: "B"):
            return try bodyItem(into: &message, endsAtLiteral)
        case UInt8(ascii: "R"):
            return try rfc822Item(into: &message, endsAtLiteral)
        case UInt8(ascii: "I"):
            if take(word: "INTERNALDATE") {
                spaces()
                try readable("INTERNALDATE", &message) { lexer, message throws(IMAPSyntaxProblem) in
                    message.internalDate = try lexer.dateTime()
                }
                return nil
            }
        case UInt8(ascii: "E"):
            if take(word: "ENVELOPE") {
                spaces()
                try readable("ENVELOPE", &message) { lexer, message throws(IMAPSyntaxProblem) in
                    if !lexer.takeNil() { message.envelope = try lexer.envelope() }
                }
                return nil
            }
        case UInt8(ascii: "M"):
            if take(word: "MODSEQ") {
                spaces()
                let isList = try takeOpen()
                spaces()
                message.modSequence = try looseNumber64()
                if isList { try close() }
                return nil
            }
        default: break
        }
        try extraItem(into: &message)
        return nil
    }

    /// Reads an item; if the server sent it broken, passes over it and notes its name, so that one message that a server
    /// cannot describe does not hide all others.
    private mutating func readable(
        _ name: String,
        _ message: inout IMAPFetchedMessage,
        _ body: (inout IMAPLexer, inout IMAPFetchedMessage) throws(IMAPSyntaxProblem) -> Void
    ) throws(IMAPSyntaxProblem) {
        let before = self
        do {
            try body(&self, &message)
        } catch  where error.isLimit {
            throw error
        } catch {
            self = before
            // If this cannot be passed over either, the first problem says more.
            do { try skipValue() } catch let second { throw second.isLimit ? second : error }
            message.note(name)
        }
    }

    // MARK: Sections

    private mutating func bodyItem(
        into message: inout IMAPFetchedMessage,
        _ endsAtLiteral: Bool
    ) throws(IMAPSyntaxProblem) -> PendingSection? {
        if take(letters: "BODY[") { return try section(isBinary: false, into: &message, endsAtLiteral) }
        if take(letters: "BINARY[") { return try section(isBinary: true, into: &message, endsAtLiteral) }
        if take(letters: "BINARY.SIZE[") {
            let part = try partNumber()
            guard take(IMAPOctet.closeBracket) else { throw problem("no ']' where a section has to end") }
            spaces()
            if let size = try looseNumber64() { message.change { $0.binarySizes[part] = size } }
            return nil
        }
        let isExtended = isNext("BODYSTRUCTURE")
        if isExtended || isNext("BODY") {
            move(to: position &+ (isExtended ? 13 : 4))
            spaces()
            try readable(isExtended ? "BODYSTRUCTURE" : "BODY", &message) { lexer, message throws(IMAPSyntaxProblem) in
                if !lexer.takeNil() {
                    message.bodyStructure = try lexer.bodyStructure()
                    message.isBodyStructureExtended = isExtended
                }
            }
            return nil
        }
        try extraItem(into: &message)
        return nil
    }

    private mutating func rfc822Item(
        into message: inout IMAPFetchedMessage,
        _ endsAtLiteral: Bool
    ) throws(IMAPSyntaxProblem) -> PendingSection? {
        if take(word: "RFC822.SIZE") {
            spaces()
            // Exchange says -1 of messages that it has not converted yet.
            message.size = try looseNumber64()
            return nil
        }
        if take(word: "RFC822") { return try value(of: .message, false, nil, into: &message, endsAtLiteral) }
        if take(word: "RFC822.HEADER") { return try value(of: .header, false, nil, into: &message, endsAtLiteral) }
        if take(word: "RFC822.TEXT") { return try value(of: .text, false, nil, into: &message, endsAtLiteral) }
        try extraItem(into: &message)
        return nil
    }

    private mutating func section(
        isBinary: Bool,
        into message: inout IMAPFetchedMessage,
        _ endsAtLiteral: Bool
    ) throws(IMAPSyntaxProblem) -> PendingSection? {
        let section = try sectionName()
        var origin: UInt64?
        if take(UInt8(ascii: "<")) {
            origin = try number64()
            // Some servers (old Exchange) repeat the length: `<0.2048>`.
            if take(UInt8(ascii: ".")) { _ = try number64() }
            guard take(UInt8(ascii: ">")) else { throw problem("no '>' behind where a section begins") }
        }
        return try value(of: section, isBinary, origin, into: &message, endsAtLiteral)
    }

    private mutating func value(
        of section: IMAPSection,
        _ isBinary: Bool,
        _ origin: UInt64?,
        into message: inout IMAPFetchedMessage,
        _ endsAtLiteral: Bool
    ) throws(IMAPSyntaxProblem) -> PendingSection? {
        spaces()
        if isAtEnd, endsAtLiteral { return PendingSection(section: section, isBinary: isBinary, origin: origin) }
        var fetched = IMAPFetchedSection(section: section, isBinary: isBinary, origin: origin)
        fetched.octets = try nstring()?.array
        message.sections.append(fetched)
        return nil
    }

    /// Takes what stands in the brackets, and the bracket.
    private mutating func sectionName() throws(IMAPSyntaxProblem) -> IMAPSection {
        if take(IMAPOctet.closeBracket) { return .message }
        var section = IMAPSection(part: try partNumber())
        if take(letters: "HEADER.FIELDS.NOT") {
            section.specifier = .fieldsNot(try fieldNames())
        } else if take(letters: "HEADER.FIELDS") {
            section.specifier = .fields(try fieldNames())
        } else if take(letters: "HEADER") {
            section.specifier = .header
        } else if take(letters: "TEXT") {
            section.specifier = .text
        } else if take(letters: "MIME") {
            section.specifier = .mime
        }
        spaces()
        guard take(IMAPOctet.closeBracket) else { throw problem("no ']' where a section has to end") }
        return section
    }

    private mutating func fieldNames() throws(IMAPSyntaxProblem) -> [String] {
        spaces()
        return try textList()
    }

    private mutating func partNumber() throws(IMAPSyntaxProblem) -> [Int] {
        var numbers: [Int] = []
        while IMAPOctet.isDigit(next) {
            if numbers.count >= limits.usedDepth {
                throw limit("a part's number of more than \(limits.usedDepth) levels")
            }
            numbers.append(Int(try number()))
            if !take(UInt8(ascii: ".")) { break }
        }
        return numbers
    }

    // MARK: The rarer items

    private mutating func extraItem(into message: inout IMAPFetchedMessage) throws(IMAPSyntaxProblem) {
        if take(word: "EMAILID") {
            let id = try objectID()
            message.change { $0.emailID = id }
        } else if take(word: "THREADID") {
            let id = try objectID()
            message.change { $0.threadID = id }
        } else if take(word: "SAVEDATE") {
            spaces()
            try readable("SAVEDATE", &message) { lexer, message throws(IMAPSyntaxProblem) in
                let date = try lexer.dateTime()
                message.change { $0.saveDate = date }
            }
        } else if take(word: "PREVIEW") {
            spaces()
            // Drafts of RFC 8970 had the algorithm in front: `(FUZZY "…")`, as Dovecot 2.3 sends it.
            let isList = try takeOpen()
            if isList {
                _ = try word()
                spaces()
            }
            let preview = try ntext()
            if isList { try close() }
            message.change { $0.preview = preview }
        } else if take(word: "X-GM-MSGID") {
            spaces()
            let id = try number64Full()
            message.change { $0.gmailMessageID = id }
        } else if take(word: "X-GM-THRID") {
            spaces()
            let id = try number64Full()
            message.change { $0.gmailThreadID = id }
        } else if take(word: "X-GM-LABELS") {
            spaces()
            var labels: [String] = []
            if !takeNil() {
                try list { lexer throws(IMAPSyntaxProblem) in
                    let label = IMAPMailboxName(octets: try lexer.astring())
                    labels.append(label.text(isUTF8: false))
                }
            }
            message.change { $0.gmailLabels = labels }
        } else {
            // Unknown: a name, and one value. A name with brackets may hold spaces and parentheses.
            let name = IMAPStringOctets.text(try word())
            if name.utf8.contains(IMAPOctet.openBracket), !name.utf8.contains(IMAPOctet.closeBracket) {
                while !isAtEnd, !take(IMAPOctet.closeBracket) { move(to: position &+ 1) }
            }
            spaces()
            try skipValue()
            message.note(name)
        }
    }

    private mutating func objectID() throws(IMAPSyntaxProblem) -> String? {
        spaces()
        guard try takeOpen() else { return try ntext() }
        spaces()
        let id = try ntext()
        try close()
        return id
    }

    /// Takes a number of 64 bits: Gmail's identifiers use them all.
    private mutating func number64Full() throws(IMAPSyntaxProblem) -> UInt64 {
        let word = try word()
        guard let value = UInt64(IMAPStringOctets.text(word)) else { throw problem("no number of 64 bits") }
        return value
    }
}
