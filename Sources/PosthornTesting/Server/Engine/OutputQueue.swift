/// What a server still has to send, and what follows on that: replies of any length, sent piece by piece.
struct OutputQueue {
    /// What is to be done, in order.
    enum Item {
        case wait(Duration)
        /// A reply; with a pause before each octet if wanted.
        case reply(ServerOutput, drip: Duration?)
        case handshake(ServerHandshake)
        case end(ServerEnding)
    }

    /// How many octets one call sends at most, and how many of a reply that drips.
    private static let octets = 64 * 1_024
    private static let drops = 256

    private var items: [Item] = []
    private var next = 0

    var isEmpty: Bool { next >= items.count }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func clear() { (items, next) = ([], 0) }

    /// Puts a reply behind what waits already, as the plan says.
    mutating func append(_ plan: ReplyPlan) {
        if plan.delay > .zero { append(.wait(plan.delay)) }
        append(.reply(plan.output, drip: plan.drip))
        if let ending = plan.ending { append(.end(ending)) }
    }

    /// Gives the next steps.
    ///
    /// - Returns: `false` if the connection has ended by that.
    mutating func pump<Fault: ServerFault, Event>(
        _ steps: inout [ServerStep<Fault, Event>],
        _ faults: inout FaultSchedule<Fault>
    ) -> Bool {
        var batch: [UInt8] = []
        var room = Self.octets
        defer { if isEmpty { clear() } }
        while !isEmpty, room > 0 {
            switch items[next] {
            case .wait(let duration):
                Self.flush(&batch, &steps)
                steps.append(.wait(duration))
                next += 1
            case .handshake(let handshake):
                Self.flush(&batch, &steps)
                steps.append(.startTLS(handshake))
                next += 1
            case .end(let ending):
                Self.flush(&batch, &steps)
                steps.append(.end(ending))
                clear()
                return false
            case .reply(var output, let drip):
                let octets = output.next(drip == nil ? room : 1)
                if octets.isEmpty {
                    next += 1
                    continue
                }
                items[next] = .reply(output, drip: drip)
                room -= drip == nil ? octets.count : Self.octets / Self.drops
                if let drip {
                    Self.flush(&batch, &steps)
                    steps.append(.wait(drip))
                }
                let deadline = faults.sendingDeadline
                let sent = octets.prefix(deadline?.octets ?? octets.count)
                faults.countSent(sent.count)
                batch += sent
                if let deadline, deadline.octets <= octets.count {
                    Self.flush(&batch, &steps)
                    steps.append(.fault(deadline.fault))
                    steps.append(.end(deadline.ending))
                    clear()
                    return false
                }
            }
        }
        Self.flush(&batch, &steps)
        return true
    }

    private static func flush<Fault, Event>(_ batch: inout [UInt8], _ steps: inout [ServerStep<Fault, Event>]) {
        guard !batch.isEmpty else { return }
        steps.append(.send(batch))
        batch = []
    }
}
