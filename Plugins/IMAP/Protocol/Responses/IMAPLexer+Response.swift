/// A whole response (RFC 9051 section 7).
extension IMAPLexer {
    /// Takes an untagged response behind its `* `.
    mutating func untagged() throws(IMAPSyntaxProblem) -> IMAPResponse {
        spaces()
        if IMAPOctet.isDigit(next) { return try numbered() }
        // A negative number is no number; as an unknown response it would hide a loss of messages.
        if next == UInt8(ascii: "-"), IMAPOctet.isDigit(peek(1)) { throw problem("a negative number") }
        if let kind = statusKind() { return .status(try status(kind)) }
        let name = String(decoding: try word().map(IMAPOctet.upper), as: UTF8.self)
        if let response = try named(name) {
            // Trailing spaces are harmless; anything else means that the response was understood wrongly.
            spaces()
            guard isAtEnd else { throw problem("octets behind the end of \(name)") }
            return response
        }
        return .unknown(name: name)
    }

    private mutating func named(_ name: String) throws(IMAPSyntaxProblem) -> IMAPResponse? {
        switch name {
        case "CAPABILITY": return .capabilities(try words())
        case "ENABLED": return .enabled(try words())
        // XLIST is what Gmail had before SPECIAL-USE.
        case "LIST", "XLIST": return .list(try listEntry())
        case "LSUB":
            var entry = try listEntry()
            entry.isSubscription = true
            return .list(entry)
        case "STATUS": return .mailboxStatus(try mailboxStatus())
        case "SEARCH": return .search(try foundNumbers())
        case "SORT": return .sort(try foundNumbers())
        case "ESEARCH": return .extendedSearch(try extendedSearch())
        case "THREAD": return .threads(try threads())
        case "FLAGS": return .flags(try flags())
        case "VANISHED": return try vanished()
        case "NAMESPACE": return .namespaces(try namespaces())
        case "ID": return .id(try idFields())
        case "QUOTA": return .quota(try quota())
        case "QUOTAROOT": return try quotaRoots()
        case "ACL": return try accessList()
        case "MYRIGHTS": return try myRights()
        case "LISTRIGHTS": return try listRights()
        case "METADATA": return try metadata()
        default:
            try passOverUnknown()
            return nil
        }
    }

    /// `* 12 EXISTS` and the like.
    private mutating func numbered() throws(IMAPSyntaxProblem) -> IMAPResponse {
        let number = try number()
        spaces()
        if take(word: "FETCH") {
            guard number > 0 else { throw problem("a FETCH of the message 0") }
            return .fetch(try message(IMAPFetchedMessage(number: number)))
        }
        if take(word: "EXISTS") { return .exists(number) }
        if take(word: "EXPUNGE") {
            guard number > 0 else { throw problem("an EXPUNGE of the message 0") }
            return .expunged(number)
        }
        if take(word: "RECENT") { return .recent(number) }
        if take(word: "UIDFETCH") {
            var message = IMAPFetchedMessage(number: 0)
            message.uid = number
            return .fetch(try self.message(message))
        }
        let name = String(decoding: try word().map(IMAPOctet.upper), as: UTF8.self)
        try passOverUnknown()
        return .unknown(name: name)
    }

    private mutating func message(_ empty: IMAPFetchedMessage) throws(IMAPSyntaxProblem) -> IMAPFetchedMessage {
        var message = empty
        spaces()
        try open()
        _ = try fetchItems(into: &message, endsAtLiteral: false)
        try end()
        return message
    }

    /// Takes the beginning of a FETCH whose last item has a literal that comes in pieces.
    ///
    /// - Returns: `nil` if it is no FETCH.
    mutating func beginningOfFetch() throws(IMAPSyntaxProblem) -> (IMAPFetchedMessage, PendingSection)? {
        guard take(UInt8(ascii: "*")) else { return nil }
        spaces()
        let number = try number()
        spaces()
        var message = IMAPFetchedMessage(number: number)
        if take(word: "UIDFETCH") {
            message.uid = number
            message.number = 0
        } else if !take(word: "FETCH") {
            return nil
        }
        guard number > 0 else { throw problem("a FETCH of the message 0") }
        spaces()
        try open()
        guard let pending = try fetchItems(into: &message, endsAtLiteral: true) else {
            throw problem("a literal behind the end of a FETCH")
        }
        return (message, pending)
    }

    /// Nothing but spaces may follow.
    mutating func end() throws(IMAPSyntaxProblem) {
        spaces()
        guard isAtEnd else { throw problem("octets behind the end of a FETCH") }
    }

    /// Passes over what nobody knows. Its line has an end, so that it need not be balanced.
    private mutating func passOverUnknown() throws(IMAPSyntaxProblem) {
        do {
            try skipRest()
        } catch  where error.isLimit {
            throw error
        } catch {
            move(to: octets.count)
        }
    }
}
