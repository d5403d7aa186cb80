/// Knows which faults strike when, on one connection.
struct FaultSchedule<Fault: ServerFault> {
    /// A fault as it was written, with all that must hold for it: it may be one of several alternatives.
    struct Entry {
        let fault: Fault
        let gates: [ServerFaultGate]
        let isDone: Bool?

        /// Whether octets are counted from the beginning of a message.
        var isPerMessage: Bool {
            gates.contains { gate in
                switch gate {
                case .message: true
                case .chance(let chance, _, _): chance.unit == .message
                case .connection, .encrypted: false
                }
            }
        }
    }

    /// An end of the connection that is to come.
    struct Deadline {
        let fault: Fault
        /// After how many octets more.
        let octets: Int
        let ending: ServerEnding
    }

    private let entries: [Entry]
    private let connection: Int
    private var counts: [Fault.Place: Int] = [:]
    private(set) var message = 0
    /// The octets that came and went, and how many they were when the message began.
    private(set) var received = 0
    private(set) var sent = 0
    private var receivedBefore = 0
    private var sentBefore = 0
    var isEncrypted = false

    /// Creates the schedule of a connection.
    init(_ faults: [Fault], connection: Int) {
        entries = faults.flatMap(Self.entries).filter { entry in
            entry.gates.allSatisfy { if case .connection(let turn) = $0 { turn.includes(connection) } else { true } }
        }
        self.connection = connection
    }

    private static func entries(of fault: Fault) -> [Entry] {
        guard case .oneOf(let faults, let chance) = fault.kind else {
            return [Entry(fault: fault, gates: fault.gates, isDone: fault.isDone)]
        }
        return faults.enumerated().flatMap { index, alternative in
            entries(of: alternative).map { entry in
                Entry(
                    fault: entry.fault,
                    gates: fault.gates + [.chance(chance, index: index, count: faults.count)] + entry.gates,
                    isDone: fault.isDone ?? entry.isDone
                )
            }
        }
    }

    /// Begins the next message, or the one with a number.
    ///
    /// - Parameters:
    ///   - number: The number of the message; 0 for what concerns none.
    ///   - start: How many octets had come before the command that begins it.
    ///   - places: Where replies are counted anew.
    mutating func beginMessage(_ number: Int? = nil, at start: Int, countingAnew places: [Fault.Place] = []) {
        message = number ?? message + 1
        receivedBefore = start
        sentBefore = sent
        for place in places { counts[place] = nil }
    }

    mutating func countReceived(_ octets: Int) { received += octets }
    mutating func countSent(_ octets: Int) { sent += octets }

    /// Counts one more reply at these places, and finds the faults that strike there.
    mutating func strikes(at places: [Fault.Place]) -> [Entry] {
        guard !entries.isEmpty else { return [] }
        for place in places { counts[place, default: 0] += 1 }
        return entries.filter { entry in
            guard case .at(let place, let turn, _) = entry.fault.kind, places.contains(place) else { return false }
            return turn.includes(counts[place] ?? 0) && isOpen(entry)
        }
    }

    /// When the octets that come end the connection.
    var receivingDeadline: Deadline? {
        earliest { entry in
            guard case .received(let limit, let ending) = entry.fault.kind else { return nil }
            return (limit - received + (entry.isPerMessage ? receivedBefore : 0), ending)
        }
    }

    /// When the octets that are sent end the connection.
    var sendingDeadline: Deadline? {
        earliest { entry in
            guard case .sent(let limit, let ending) = entry.fault.kind else { return nil }
            return (limit - sent + (entry.isPerMessage ? sentBefore : 0), ending)
        }
    }

    private func earliest(_ rest: (Entry) -> (octets: Int, ending: ServerEnding)?) -> Deadline? {
        guard !entries.isEmpty else { return nil }
        return entries.compactMap { entry -> Deadline? in
            guard let rest = rest(entry), isOpen(entry) else { return nil }
            return Deadline(fault: entry.fault, octets: max(0, rest.octets), ending: rest.ending)
        }.min { $0.octets < $1.octets }
    }

    /// The least patient fault of those that wait for a silence.
    var idleFault: (fault: Fault, limit: Duration, reply: Fault.Reply?, ending: ServerEnding)? {
        guard !entries.isEmpty else { return nil }
        return entries.compactMap { entry in
            guard case .idle(let limit, let reply, let ending) = entry.fault.kind, isOpen(entry) else { return nil }
            return (entry.fault, limit, reply, ending)
        }.min { $0.limit < $1.limit }
    }

    private func isOpen(_ entry: Entry) -> Bool {
        entry.gates.allSatisfy { gate in
            switch gate {
            case .connection(let turn): turn.includes(connection)
            // Before the first one there is no message.
            case .message(let turn): message > 0 && turn.includes(message)
            case .encrypted(let wanted): isEncrypted == wanted
            case .chance(let chance, let index, let count):
                chance.pick(of: count, connection: connection, message: message) == index
            }
        }
    }
}
