/// BODY and BODYSTRUCTURE (RFC 9051 section 7.5.2). Recursive, and bounded by ``IMAPLimits/depth``.
///
/// No item is as often broken as this one: docs/imap-tolerances.md lists what is accepted and who sends it, and how sure
/// the names of the servers are.
extension IMAPLexer {
    /// Takes a body structure.
    mutating func bodyStructure() throws(IMAPSyntaxProblem) -> IMAPBodyStructure {
        var parts = 0
        return try body(&parts)
    }

    private mutating func body(_ parts: inout Int) throws(IMAPSyntaxProblem) -> IMAPBodyStructure {
        parts &+= 1
        if parts > limits.parts { throw limit("a body structure of more than \(limits.parts) parts") }
        try open()
        spaces()
        if next == IMAPOctet.open { return try multipart(&parts) }
        // `()`: Exchange, for a part that it cannot read.
        guard !takeClose() else { return IMAPBodyStructure(type: "APPLICATION", subtype: "OCTET-STREAM") }
        let first = try text()
        spaces()
        if next == IMAPOctet.open {
            // A multipart without parts, `("mixed" ("boundary" "x") …)`: a server in MailKit's issue 371.
            var body = IMAPBodyStructure(type: "MULTIPART", subtype: first)
            try multipartRest(&body)
            return body
        }
        return try single(first, &parts)
    }

    // MARK: Parts in parts

    private mutating func multipart(_ parts: inout Int) throws(IMAPSyntaxProblem) -> IMAPBodyStructure {
        var body = IMAPBodyStructure(type: "MULTIPART", subtype: "")
        while next == IMAPOctet.open {
            body.children.append(try self.body(&parts))
            spaces()
        }
        // No subtype: Courier, after it has cut a message. RFC 2046 section 5.1.3: mixed.
        body.subtype = next == IMAPOctet.close ? "MIXED" : try text()
        try multipartRest(&body)
        return body
    }

    /// Everything behind the subtype.
    private mutating func multipartRest(_ body: inout IMAPBodyStructure) throws(IMAPSyntaxProblem) {
        guard !takeClose() else { return }
        body.parameters = try parameters()
        try extensions(&body)
    }

    // MARK: Single parts

    private mutating func single(
        _ type: String,
        _ parts: inout Int
    ) throws(IMAPSyntaxProblem) -> IMAPBodyStructure {
        var body = IMAPBodyStructure(type: type, subtype: "")
        guard !takeClose() else { return body }
        body.subtype = try text()
        guard !takeClose() else { return body }
        body.parameters = try parameters()
        body.contentID = try field()
        body.contentDescription = try field()
        body.encoding = try field() ?? ""
        body.size = try count()
        spaces()
        let isMessage =
            sameWord(type, "MESSAGE") && (sameWord(body.subtype, "RFC822") || sameWord(body.subtype, "GLOBAL"))
        if isMessage, next == IMAPOctet.open || isNext("NIL") {
            try message(&body, &parts)
        } else if sameWord(type, "MULTIPART"), next == IMAPOctet.open {
            // GMX describes a multipart that it cannot take apart like a single part, and adds its parameters.
            try skipValue()
        }
        spaces()
        // Of texts, and of messages; servers also send it with message/delivery-status.
        if IMAPOctet.isDigit(next) || next == UInt8(ascii: "-") { body.lines = try looseNumber64() }
        guard !takeClose() else { return body }
        // Where the MD5 has to be: Exchange leaves it out, and the list is the disposition.
        if next != IMAPOctet.open { body.md5 = try field() }
        try extensions(&body)
        return body
    }

    private mutating func message(
        _ body: inout IMAPBodyStructure,
        _ parts: inout Int
    ) throws(IMAPSyntaxProblem) {
        if isNext("NIL") {
            // Courier and Domino: NIL for envelope and body. One NIL alone is the MD5 of a message that is described like a
            // file (Exchange, for a message that it cannot read).
            let before = self
            _ = takeNil()
            spaces()
            guard isBodyNext || isNext("NIL") && hasNumberBehindNil() else {
                self = before
                return
            }
        } else {
            let before = self
            do {
                body.envelope = try envelope()
            } catch  where error.isLimit {
                throw error
            } catch {
                self = before
                try skipValue()
            }
        }
        spaces()
        if next == IMAPOctet.open {
            let before = self
            do {
                body.children = [try self.body(&parts)]
            } catch  where error.isLimit {
                throw error
            } catch {
                self = before
                try skipValue()
            }
        } else {
            _ = takeNil()
        }
    }

    /// Whether a body follows, and not a disposition: `((` or two strings.
    private var isBodyNext: Bool {
        var copy = self
        guard copy.take(IMAPOctet.open) else { return false }
        copy.spaces()
        if copy.next == IMAPOctet.open { return true }
        guard (try? copy.nstring()) != nil else { return false }
        copy.spaces()
        return copy.next == IMAPOctet.quote
    }

    /// Whether `NIL 12` follows: no body, and lines.
    private func hasNumberBehindNil() -> Bool {
        var copy = self
        _ = copy.takeNil()
        copy.spaces()
        return IMAPOctet.isDigit(copy.next)
    }

    // MARK: Fields

    /// Disposition, languages, location, and whatever a future version adds; to the end.
    private mutating func extensions(_ body: inout IMAPBodyStructure) throws(IMAPSyntaxProblem) {
        guard !takeClose() else { return }
        body.disposition = try disposition()
        guard !takeClose() else { return }
        if next == IMAPOctet.open {
            body.languages = try textList()
        } else if let language = try ntext() {
            body.languages = [language]
        }
        guard !takeClose() else { return }
        body.location = try field()
        while !takeClose() {
            if isAtEnd { throw problem("a body structure without its end") }
            try skipValue()
        }
    }

    /// A string, or NIL; `nil` too if the part ends here, or if a list is there, which is passed over.
    private mutating func field() throws(IMAPSyntaxProblem) -> String? {
        spaces()
        if next == IMAPOctet.close { return nil }
        if next == IMAPOctet.open {
            try skipValue()
            return nil
        }
        return try ntext()
    }

    /// A size; `nil` if it is none (Yandex and Exchange: NIL, an empty string, -1, nothing).
    private mutating func count() throws(IMAPSyntaxProblem) -> UInt64? {
        spaces()
        switch next {
        case IMAPOctet.close, IMAPOctet.open: return nil
        case IMAPOctet.quote where !IMAPOctet.isDigit(peek(1)):
            _ = try nstring()
            return nil
        default: return try looseNumber64()
        }
    }

    /// Parameters; a value that is NIL is empty (mail.ru), and so is one that is missing.
    private mutating func parameters() throws(IMAPSyntaxProblem) -> [IMAPBodyStructure.Parameter] {
        spaces()
        guard next == IMAPOctet.open else {
            if next != IMAPOctet.close { _ = try nstring() }
            return []
        }
        var parameters: [IMAPBodyStructure.Parameter] = []
        try list { lexer throws(IMAPSyntaxProblem) in
            if lexer.next == IMAPOctet.open {
                // Exchange: a list of lists.
                return try lexer.skipValue()
            }
            let name = try lexer.text()
            lexer.spaces()
            let value = lexer.next == IMAPOctet.close || lexer.next == IMAPOctet.open ? "" : try lexer.text()
            parameters.append(IMAPBodyStructure.Parameter(name, value))
        }
        return parameters
    }

    private mutating func disposition() throws(IMAPSyntaxProblem) -> IMAPBodyStructure.Disposition? {
        guard try takeOpen() else {
            // Exchange: the word alone, without parameters and parentheses.
            return try ntext().map { IMAPBodyStructure.Disposition($0) }
        }
        guard !takeClose() else { return nil }
        var disposition = IMAPBodyStructure.Disposition(try field() ?? "")
        guard !takeClose() else { return disposition }
        disposition.parameters = try parameters()
        while !takeClose() {
            if isAtEnd { throw problem("a disposition without its end") }
            try skipValue()
        }
        return disposition
    }

    private func sameWord(_ text: String, _ word: StaticString) -> Bool {
        var copy = text
        return copy.withUTF8 { bytes in
            guard bytes.count == word.utf8CodeUnitCount else { return false }
            for index in bytes.indices where IMAPOctet.upper(bytes[index]) != word.utf8Start[index] { return false }
            return true
        }
    }
}
