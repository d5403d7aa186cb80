/// Knows which faults strike when, on one connection.
struct SMTPFaultSchedule {
    private let faults: [SMTPServerFault]
    private let connection: Int
    private var counts: [SMTPServerFault.Place: Int] = [:]
    private(set) var message = 0
    /// The octets that came and went, and how many they were when the message began.
    private(set) var received = 0
    private(set) var sent = 0
    private var receivedBefore = 0
    private var sentBefore = 0
    var isEncrypted = false

    /// An end of the connection that is to come.
    struct Deadline {
        let fault: SMTPServerFault
        /// After how many octets more.
        let octets: Int
        let ending: SMTPServerFault.Ending
    }

    /// Creates the schedule of a connection.
    init(_ faults: [SMTPServerFault], connection: Int) {
        self.faults = faults.flatMap(Self.alternatives).filter { fault in
            fault.gates.allSatisfy { if case .connection(let turn) = $0 { turn.includes(connection) } else { true } }
        }
        self.connection = connection
    }

    /// The single faults that a fault may come to, each with the dice that decide on it.
    private static func alternatives(of fault: SMTPServerFault) -> [SMTPServerFault] {
        guard case .oneOf(let faults, let chance) = fault.kind else { return [fault] }
        return faults.enumerated().flatMap { index, alternative in
            alternatives(of: alternative).map { single in
                var single = single
                single.gates = fault.gates + [.chance(chance, index: index, count: faults.count)] + single.gates
                single.takesMessage = fault.takesMessage ?? single.takesMessage
                return single
            }
        }
    }

    /// Begins a message with a MAIL command.
    ///
    /// - Parameter start: How many octets had come before the command.
    mutating func beginMessage(at start: Int) {
        message += 1
        receivedBefore = start
        sentBefore = sent
        counts[.rcpt] = nil
        counts[.bdat] = nil
    }

    mutating func countReceived(_ octets: Int) { received += octets }
    mutating func countSent(_ octets: Int) { sent += octets }

    /// Counts one more reply at these places, and finds the faults that strike there.
    mutating func strikes(at places: [SMTPServerFault.Place]) -> [SMTPServerFault] {
        guard !faults.isEmpty else { return [] }
        for place in places { counts[place, default: 0] += 1 }
        return faults.filter { fault in
            guard case .at(let place, let turn, _) = fault.kind, places.contains(place) else { return false }
            return turn.includes(counts[place] ?? 0) && isOpen(fault)
        }
    }

    /// When the octets that come end the connection.
    var receivingDeadline: Deadline? {
        guard !faults.isEmpty else { return nil }
        return faults.compactMap { fault -> Deadline? in
            guard case .received(let limit, let ending) = fault.kind, isOpen(fault) else { return nil }
            let count = received - (fault.isPerMessage ? receivedBefore : 0)
            return Deadline(fault: fault, octets: max(0, limit - count), ending: ending)
        }.min { $0.octets < $1.octets }
    }

    /// When the octets that are sent end the connection.
    var sendingDeadline: Deadline? {
        guard !faults.isEmpty else { return nil }
        return faults.compactMap { fault -> Deadline? in
            guard case .sent(let limit, let ending) = fault.kind, isOpen(fault) else { return nil }
            let count = sent - (fault.isPerMessage ? sentBefore : 0)
            return Deadline(fault: fault, octets: max(0, limit - count), ending: ending)
        }.min { $0.octets < $1.octets }
    }

    /// The least patient fault of those that wait for a silence.
    var idleFault: (fault: SMTPServerFault, limit: Duration, reply: SMTPServerReply?, ending: SMTPServerFault.Ending)? {
        guard !faults.isEmpty else { return nil }
        return faults.compactMap { fault in
            guard case .idle(let limit, let reply, let ending) = fault.kind, isOpen(fault) else { return nil }
            return (fault, limit, reply, ending)
        }.min { $0.limit < $1.limit }
    }

    private func isOpen(_ fault: SMTPServerFault) -> Bool {
        fault.gates.allSatisfy { gate in
            switch gate {
            case .connection(let turn): turn.includes(connection)
            // Before the first MAIL there is no message.
            case .message(let turn): message > 0 && turn.includes(message)
            case .encrypted(let wanted): isEncrypted == wanted
            case .chance(let chance, let index, let count):
                chance.pick(of: count, connection: connection, message: message) == index
            }
        }
    }
}

extension SMTPServerFault {
    /// Whether octets are counted from the beginning of a message.
    fileprivate var isPerMessage: Bool {
        gates.contains { gate in
            switch gate {
            case .message: true
            case .chance(let chance, _, _): chance.unit == .message
            case .connection, .encrypted: false
            }
        }
    }
}
