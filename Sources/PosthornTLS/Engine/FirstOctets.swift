/// Looks at the first octets from the peer before OpenSSL does, in order to say in plain words that the peer does not
/// speak TLS at all.
struct FirstOctets {
    /// What the first octets tell.
    enum Verdict: Equatable {
        /// Not enough came to tell.
        case undecided
        /// The beginning of a TLS record.
        case isTLS
        /// Something else, with the protocol's name if it is a known one.
        case plain(protocolName: String?)
    }

    private(set) var octets: [UInt8] = []
    private(set) var verdict = Verdict.undecided

    /// The beginnings of the protocols that are most often met in place of TLS.
    private static let knownBeginnings: [(text: String, name: String)] = [
        ("+OK", "POP3"), ("-ERR", "POP3"), ("* OK", "IMAP"), ("* BYE", "IMAP"), ("* PREAUTH", "IMAP"),
        ("HTTP", "HTTP"), ("GET ", "HTTP"), ("SSH-", "SSH"), ("EHLO", "SMTP"), ("HELO", "SMTP"),
    ]

    /// Looks at as many octets as it needs. Its verdict does not depend on how the octets are cut into pieces.
    mutating func look(at bytes: UnsafeRawBufferPointer) {
        guard verdict == .undecided else { return }
        octets.append(contentsOf: bytes.prefix(max(0, 10 - octets.count)))
        decide(isComplete: octets.count >= 10)
    }

    /// The peer ended the connection: what came so far must do for a verdict.
    mutating func end() {
        if verdict == .undecided, !octets.isEmpty { decide(isComplete: true) }
    }

    private mutating func decide(isComplete: Bool) {
        guard let first = octets.first else { return }
        // A record of kind alert or handshake, and the major version 3 of all of SSL 3 and TLS.
        if first == 0x15 || first == 0x16 {
            if octets.count >= 2 { verdict = octets[1] == 3 ? .isTLS : .plain(protocolName: nil) }
            if octets.count < 2, isComplete { verdict = .isTLS }
            return
        }
        if isReplyCode { return verdict = .plain(protocolName: "SMTP") }
        for known in Self.knownBeginnings where octets.starts(with: known.text.utf8) {
            return verdict = .plain(protocolName: known.name)
        }
        let mayBecomeKnown = Self.knownBeginnings.contains { $0.text.utf8.starts(with: octets) } || mayBecomeReplyCode
        if isComplete || !mayBecomeKnown { verdict = .plain(protocolName: nil) }
    }

    /// Three digits and a space or hyphen: an SMTP reply.
    private var isReplyCode: Bool {
        octets.count >= 4 && mayBecomeReplyCode
    }

    private var mayBecomeReplyCode: Bool {
        let head = octets.prefix(4)
        return head.prefix(3).allSatisfy { (0x30...0x39).contains($0) }
            && (head.first.map { (0x32...0x35).contains($0) } ?? false)
            && (head.count < 4 || head.last == 0x20 || head.last == 0x2D)
    }
}
