/// How a reply is sent: what the faults that struck have made of it.
struct SMTPReplyPlan {
    var octets: [UInt8]
    var delay = Duration.zero
    /// The pause before each octet.
    var drip: Duration?
    /// How the connection ends afterwards.
    var ending: SMTPServerFault.Ending?
    /// How many later replies have been given already.
    var repliesAhead = 0

    init(_ reply: SMTPServerReply) {
        octets = reply.octets
    }

    mutating func apply(_ act: SMTPServerFault.Act) {
        switch act.value {
        case .answer(let reply): octets = reply.octets
        case .answerAhead(let reply):
            octets += reply.octets
            repliesAhead += 1
        case .surplus(let reply): octets += reply.octets
        case .twice: octets += octets
        case .cut(let count, let ending):
            octets = Array(octets.prefix(count))
            self.ending = ending
        case .lose: octets = []
        case .delay(let duration): delay += duration
        case .drip(let pause): drip = pause
        case .end(let ending):
            octets = []
            self.ending = ending
        case .endAfterReply(let ending): self.ending = ending
        case .announce(let lines, let keywords): announce(adding: lines, hiding: keywords)
        }
    }

    /// Changes the lines of a reply to EHLO after the first, which is a greeting.
    private mutating func announce(adding lines: [String], hiding keywords: [String]) {
        let old = String(decoding: octets, as: UTF8.self).split(separator: "\r\n").map { $0.dropFirst(4) }
        guard let first = old.first, octets.starts(with: Array("250".utf8)) else { return }
        let hidden = Set(keywords.map { $0.uppercased() })
        let kept = old.dropFirst().filter { line in
            !hidden.contains((line.split(separator: " ").first ?? "").uppercased())
        }
        let all = [String(first)] + kept.map(String.init) + lines
        octets = SMTPServerReply(all.map { "250 " + $0 }.joined(separator: "\n")).octets
    }
}
