/// Where the faults of the configuration strike.
extension SMTPServerSession {
    /// Comes to a place whose next reply faults may shape.
    ///
    /// - Returns: the reply that a fault gives in place of the usual one.
    mutating func arrive(at places: SMTPServerFault.Place...) -> SMTPServerReply? {
        let found = faults.strikes(at: places + [.anyReply])
        for entry in found { steps.append(.fault(entry.fault)) }
        strikes = found
        return answerOfStrikes
    }

    /// What a fault answers in place of the usual reply.
    var answerOfStrikes: SMTPServerReply? { strikes?.last { $0.fault.answer != nil }?.fault.answer }

    /// Whether a message is taken whatever is answered; `nil` if no fault says so.
    var takingOfStrikes: Bool? { strikes?.last { $0.takesMessage != nil }?.takesMessage }

    /// The one place that all replies pass.
    mutating func reply(_ reply: SMTPServerReply) {
        if strikes == nil { _ = arrive() }
        let found = strikes ?? []
        strikes = nil
        guard !isEnded else { return }
        var plan = SMTPReplyPlan(reply)
        if repliesAhead > 0 {
            repliesAhead -= 1
            plan.octets = []
        }
        for entry in found {
            if case .at(_, _, let act) = entry.fault.kind { plan.apply(act) }
        }
        carryOut(plan)
    }

    private mutating func carryOut(_ plan: SMTPReplyPlan) {
        if plan.delay > .zero { steps.append(.wait(plan.delay)) }
        if let pause = plan.drip {
            for octet in plan.octets where !isEnded {
                steps.append(.wait(pause))
                send([octet])
            }
        } else {
            send(plan.octets)
        }
        repliesAhead += plan.repliesAhead
        if let ending = plan.ending { end(ending) }
    }

    private mutating func send(_ octets: [UInt8]) {
        guard !octets.isEmpty, !isEnded else { return }
        let deadline = faults.sendingDeadline
        let sent = octets.prefix(deadline?.octets ?? octets.count)
        faults.countSent(sent.count)
        if !sent.isEmpty { steps.append(.send(Array(sent))) }
        if let deadline, deadline.octets <= octets.count {
            steps.append(.fault(deadline.fault))
            end(deadline.ending)
        }
    }

    /// Asks for the server's side of a TLS handshake.
    mutating func beginHandshake() {
        guard !isEnded else { return }
        var handshake = SMTPServerHandshake()
        for entry in faults.strikes(at: [.handshake]) {
            steps.append(.fault(entry.fault))
            if case .at(_, _, let act) = entry.fault.kind { handshake.apply(act) }
        }
        if handshake.delay > .zero { steps.append(.wait(handshake.delay)) }
        if let ending = handshake.endingBefore { return end(ending) }
        endingAfterHandshake = handshake.endingAfter
        steps.append(.startTLS(handshake))
        phase = .handshake
    }
}
