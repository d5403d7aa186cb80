/// ENVELOPE (RFC 9051 section 7.5.2).
extension IMAPLexer {
    /// Takes an envelope.
    mutating func envelope() throws(IMAPSyntaxProblem) -> IMAPEnvelope {
        var envelope = IMAPEnvelope()
        try open()
        spaces()
        envelope.date = try ntext()
        spaces()
        envelope.subject = try ntext()
        // Sender and Reply-To nearly always repeat From: the same octets are read once.
        var known = KnownAddresses()
        envelope.from = try addresses(&known)
        envelope.sender = try addresses(&known)
        envelope.replyTo = try addresses(&known)
        envelope.to = try addresses(&known)
        envelope.cc = try addresses(&known)
        envelope.bcc = try addresses(&known)
        // Some servers (Yandex, hMailServer) leave out the last fields if they are NIL.
        guard !takeClose() else { return envelope }
        envelope.inReplyTo = try ntext()
        guard !takeClose() else { return envelope }
        envelope.messageID = try ntext()
        while !takeClose() {
            // A field more than there are: passed over.
            if isAtEnd { throw problem("an envelope without its end") }
            try skipValue()
        }
        return envelope
    }

    /// The list that was read last, and where it stands.
    private struct KnownAddresses {
        var range = 0..<0
        var addresses: [IMAPAddress] = []
    }

    private mutating func addresses(_ known: inout KnownAddresses) throws(IMAPSyntaxProblem) -> [IMAPAddress] {
        spaces()
        guard next == IMAPOctet.open else {
            if takeNil() || next == IMAPOctet.close { return [] }
            // An empty string for an empty list (Yahoo).
            let text = try nstring()
            guard text?.octets.isEmpty == true else { throw problem("no list where addresses have to be") }
            return []
        }
        if repeats(known.range) {
            move(to: position &+ known.range.count)
            return known.addresses
        }
        let start = position
        var addresses: [IMAPAddress] = []
        try list { lexer throws(IMAPSyntaxProblem) in
            if lexer.next == IMAPOctet.open {
                addresses.append(try lexer.address())
            } else if !lexer.takeNil() {
                throw lexer.problem("no '(' where an address has to begin")
            }
        }
        known = KnownAddresses(range: start..<position, addresses: addresses)
        return addresses
    }

    /// Whether the octets of a range come again here. A list ends with its own parenthesis, so the comparison is exact.
    private func repeats(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= octets.count &- position else { return false }
        for offset in 0..<range.count where octets[range.lowerBound &+ offset] != octets[position &+ offset] {
            return false
        }
        return true
    }

    private mutating func address() throws(IMAPSyntaxProblem) -> IMAPAddress {
        try open()
        var address = IMAPAddress(mailbox: nil, host: nil)
        // Exchange now and then sends an address of fewer than four fields; what is there is used.
        guard !takeClose() else { return address }
        address.name = try ntext()
        guard !takeClose() else { return address }
        address.route = try ntext()
        guard !takeClose() else { return address }
        address.mailbox = try ntext()
        guard !takeClose() else { return address }
        address.host = try ntext()
        while !takeClose() {
            if isAtEnd { throw problem("an address without its end") }
            try skipValue()
        }
        return address
    }
}
