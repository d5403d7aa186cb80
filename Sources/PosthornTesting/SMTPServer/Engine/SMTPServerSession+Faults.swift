/// Where the faults of the configuration strike.
extension SMTPServerSession {
    /// The one place that all replies pass.
    mutating func reply(_ reply: SMTPServerReply) {
        let acts = takeActs()
        guard !isEnded else { return }
        var plan = ReplyPlan(ServerOutput(reply.octets))
        if repliesAhead > 0 {
            repliesAhead -= 1
            plan.output.pieces = []
        }
        for act in acts { plan.apply(act, announcing: Self.announcing) }
        carryOut(plan)
    }

    /// Changes the lines of a reply to EHLO after the first, which is a greeting.
    private static func announcing(_ octets: [UInt8], _ lines: [String], _ hidden: Set<String>) -> [UInt8] {
        let old = String(decoding: octets, as: UTF8.self).split(separator: "\r\n").map { $0.dropFirst(4) }
        guard let first = old.first, octets.starts(with: Array("250".utf8)) else { return octets }
        let kept = old.dropFirst().filter { line in
            !hidden.contains((line.split(separator: " ").first ?? "").uppercased())
        }
        let all = [String(first)] + kept.map(String.init) + lines
        return SMTPServerReply(all.map { "250 " + $0 }.joined(separator: "\n")).octets
    }

    private mutating func carryOut(_ plan: ReplyPlan) {
        var queue = OutputQueue()
        queue.append(plan)
        repliesAhead += plan.repliesAhead
        // A reply of SMTP is short: all of it is given at once.
        while !queue.isEmpty {
            if !queue.pump(&steps, &faults) { phase = .ended }
        }
    }

    /// Asks for the server's side of a TLS handshake.
    mutating func beginHandshake() {
        guard !isEnded else { return }
        let handshake = planHandshake()
        if handshake.delay > .zero { steps.append(.wait(handshake.delay)) }
        if let ending = handshake.endingBefore { return end(ending) }
        endingAfterHandshake = handshake.endingAfter
        steps.append(.startTLS(handshake))
        phase = .handshake
    }
}
