/// A conversation in which the faults of a configuration strike.
protocol ScriptedSession: ServerSession where Fault: ServerFault {
    var faults: FaultSchedule<Fault> { get set }
    /// The faults that strike at the next reply; `nil` if nobody has asked for them yet.
    var strikes: [FaultSchedule<Fault>.Entry]? { get set }
    var steps: [ServerStep<Fault, Event>] { get set }
}

extension ScriptedSession {
    /// Comes to places whose next reply faults may shape.
    ///
    /// - Returns: the reply that a fault gives in place of the usual one.
    @discardableResult
    mutating func arrive(at places: Fault.Place...) -> Fault.Reply? {
        let found = faults.strikes(at: places + [.anyReply])
        for entry in found { steps.append(.fault(entry.fault)) }
        strikes = found
        return answerOfStrikes
    }

    /// What a fault answers in place of the usual reply.
    var answerOfStrikes: Fault.Reply? { strikes?.last { $0.fault.answer != nil }?.fault.answer }

    /// Whether what is answered is done whatever the reply says; `nil` if no fault says so.
    var decisionOfStrikes: Bool? { strikes?.last { $0.isDone != nil }?.isDone }

    /// The acts of the faults that strike at the next reply, which are used up by that.
    mutating func takeActs() -> [ServerAct<Fault.Reply>] {
        if strikes == nil { arrive() }
        defer { strikes = nil }
        return Self.acts(of: strikes ?? [])
    }

    /// How the handshake goes that is to begin.
    mutating func planHandshake() -> ServerHandshake {
        var handshake = ServerHandshake()
        let found = faults.strikes(at: [.handshake])
        for entry in found { steps.append(.fault(entry.fault)) }
        for act in Self.acts(of: found) { handshake.apply(act) }
        return handshake
    }

    private static func acts(of entries: [FaultSchedule<Fault>.Entry]) -> [ServerAct<Fault.Reply>] {
        entries.compactMap { if case .at(_, _, let act) = $0.fault.kind { act } else { nil } }
    }

    mutating func violation(_ sentence: String) {
        steps.append(.violation(sentence))
    }

    mutating func takeSteps() -> [ServerStep<Fault, Event>] {
        defer { steps = [] }
        return steps
    }
}
