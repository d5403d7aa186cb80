import Posthorn

/// Status responses (RFC 9051 section 7.1). They hold no literals: a text for people may well end in `{5}`.
extension IMAPLexer {
    /// Takes the word of a status response.
    mutating func statusKind() -> IMAPStatus.Kind? {
        if take(word: "OK") { return .ok }
        if take(word: "NO") { return .no }
        if take(word: "BAD") { return .bad }
        if take(word: "BYE") { return .bye }
        if take(word: "PREAUTH") { return .preauth }
        return nil
    }

    /// Takes code and text behind the word, to the end.
    mutating func status(_ kind: IMAPStatus.Kind) throws(IMAPSyntaxProblem) -> IMAPStatus {
        spaces()
        var code: IMAPResponseCode?
        if next == IMAPOctet.openBracket, let end = codeEnd() {
            guard end &- position <= limits.responseCode else {
                throw limit("a response code of more than \(limits.responseCode) octets")
            }
            let inner = UnsafeRawBufferPointer(rebasing: octets[(position &+ 1)..<end])
            code = try IMAPLexer.code(inner, limits: limits)
            move(to: end &+ 1)
            spaces()
        }
        let rest = UnsafeRawBufferPointer(rebasing: octets[min(position, octets.count)...])
        move(to: octets.count)
        return IMAPStatus(kind: kind, code: code, text: rest.isEmpty ? "" : IMAPStringOctets.text(rest))
    }

    /// Where the code's bracket closes: outside of quotes and parentheses, because flags may hold one (Gmail's and
    /// Courier's keywords do); else the first one there is; `nil` if there is none, and then all is text.
    private func codeEnd() -> Int? {
        var inside = 0
        var isQuoted = false
        var first: Int?
        var place = position &+ 1
        while place < octets.count {
            let octet = octets[place]
            if octet == IMAPOctet.closeBracket {
                if inside == 0, !isQuoted { return place }
                if first == nil { first = place }
            }
            if isQuoted {
                if octet == IMAPOctet.backslash { place &+= 1 }
                if octet == IMAPOctet.quote { isQuoted = false }
            } else if octet == IMAPOctet.quote {
                isQuoted = true
            } else if octet == IMAPOctet.open {
                inside &+= 1
            } else if octet == IMAPOctet.close {
                inside &-= 1
            }
            place &+= 1
        }
        return first
    }

    /// Reads what stands in the brackets. What does not fit its name is kept as text.
    private static func code(
        _ inner: UnsafeRawBufferPointer,
        limits: IMAPLimits
    ) throws(IMAPSyntaxProblem) -> IMAPResponseCode? {
        var lexer = IMAPLexer(inner, limits: limits)
        lexer.spaces()
        guard let word = try? lexer.word() else { return nil }
        let name = String(decoding: word.map(IMAPOctet.upper), as: UTF8.self)
        lexer.spaces()
        if lexer.isAtEnd { return .word(name) }
        let start = lexer.position
        do {
            if let code = try lexer.argument(of: name) { return code }
        } catch  where error.isLimit {
            throw error
        } catch {
            // Kept as text below.
        }
        return .unknown(name: name, text: IMAPStringOctets.text(UnsafeRawBufferPointer(rebasing: inner[start...])))
    }

    private mutating func argument(of name: String) throws(IMAPSyntaxProblem) -> IMAPResponseCode? {
        switch name {
        case "CAPABILITY": return .capability(try words())
        case "PERMANENTFLAGS": return .permanentFlags(try flags())
        case "UIDNEXT": return .uidNext(try looseNumber())
        case "UIDVALIDITY": return .uidValidity(try looseNumber())
        case "UNSEEN": return .unseen(try looseNumber())
        case "HIGHESTMODSEQ": return .highestModSequence(try number64())
        case "MODIFIED": return .modified(try numberSet())
        case "APPENDUID":
            let validity = try number()
            spaces()
            return .appendUID(validity: validity, uids: try numberSet())
        case "COPYUID":
            let validity = try number()
            spaces()
            let from = try numberSet()
            spaces()
            return .copyUID(validity: validity, from: from, to: try numberSet())
        case "BADCHARSET": return .badCharset(try textList())
        case "BADEVENT": return .badEvent(try textList())
        case "MAILBOXID":
            guard try takeOpen() else { return .mailboxID(try text()) }
            spaces()
            let id = try text()
            try close()
            return .mailboxID(id)
        case "METADATA":
            if take(word: "LONGENTRIES") {
                spaces()
                return .metadataLongEntries(try number64())
            }
            if take(word: "MAXSIZE") {
                spaces()
                return .metadataMaxSize(try number64())
            }
            return .metadata(String(decoding: try word().map(IMAPOctet.upper), as: UTF8.self))
        case "REFERRAL": return .referral(try text())
        case "BADURL": return .badURL(try text())
        case "MESSAGELIMIT":
            let count = try number()
            spaces()
            return .messageLimit(count, lowest: isAtEnd ? nil : try number())
        case "INPROGRESS":
            try open()
            spaces()
            let tag = try ntext()
            spaces()
            let done = takeNil() ? nil : try number()
            spaces()
            let total = takeNil() ? nil : try number()
            try close()
            return .inProgress(tag: tag, done: done, of: total)
        default: return nil
        }
    }

    /// Takes words to the end.
    mutating func words() throws(IMAPSyntaxProblem) -> [String] {
        var words: [String] = []
        spaces()
        while !isAtEnd {
            if words.count >= limits.elements { throw limit("more than \(limits.elements) words") }
            words.append(IMAPStringOctets.text(try word()))
            spaces()
        }
        return words
    }

    /// Takes a list of strings.
    mutating func textList() throws(IMAPSyntaxProblem) -> [String] {
        var texts: [String] = []
        try list { lexer throws(IMAPSyntaxProblem) in texts.append(try lexer.text()) }
        return texts
    }

    /// Takes a list of flags. NIL counts as an empty list, and words without parentheses as flags to the end.
    mutating func flags() throws(IMAPSyntaxProblem) -> [MessageFlag] {
        spaces()
        var flags: [MessageFlag] = []
        guard next == IMAPOctet.open else {
            // hMailServer and others of old: NIL for no flags; GroupWise: no parentheses.
            if takeNil() { return [] }
            while !isAtEnd, next != IMAPOctet.close {
                flags.append(MessageFlag(IMAPStringOctets.text(try word())))
                spaces()
            }
            return flags
        }
        flags.reserveCapacity(4)
        try list { lexer throws(IMAPSyntaxProblem) in
            if lexer.next == IMAPOctet.quote {
                flags.append(MessageFlag(try lexer.text()))
            } else {
                flags.append(MessageFlag(IMAPStringOctets.text(try lexer.word())))
            }
        }
        return flags
    }

    /// Takes a set of numbers, in the order of the server: `304,319:320`. A range may be written backwards.
    mutating func numberSet() throws(IMAPSyntaxProblem) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        repeat {
            if ranges.count >= limits.elements { throw limit("more than \(limits.elements) ranges of numbers") }
            let first = try number()
            let last = take(UInt8(ascii: ":")) ? try number() : first
            ranges.append(min(first, last)...max(first, last))
        } while take(UInt8(ascii: ","))
        return ranges
    }
}
