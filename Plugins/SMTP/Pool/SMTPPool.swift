import Posthorn
import PosthornNet
import Synchronization

/// The connections of a transport, and the messages that wait for them.
///
/// Messages wait in one line and are begun in its order. A worker (a task with a connection) takes from it as much as its
/// connection can have under way; when the line is empty it leaves its connection behind for the next one and ends. So
/// nothing runs while nobody sends, and a host may forget the pool at any time: connections that nobody holds end.
final class SMTPPool: Sendable {
    /// What the pool is allowed to do.
    struct Limits: Sendable, Equatable {
        /// Connections at a time.
        var connections = 3
        /// Messages begun in any minute, over all connections; `nil` for any number.
        var messagesPerMinute: Int?
        /// How long an unused connection is kept.
        var idle: Duration = .seconds(300)
    }

    /// What a worker may do next.
    enum Turn {
        /// Send this message.
        case send(SMTPDelivery)
        /// Nothing before this instant.
        case wait(until: ContinuousClock.Instant)
        /// Nothing.
        case nothing
    }

    private struct State: Sendable {
        /// The messages that wait: the first at ``head``. Those whose callers have gone stay until they are met.
        var line: [SMTPDelivery] = []
        var head = 0
        var idle: [Parked] = []
        var workers = 0
        /// The workers that take no message any more and say goodbye.
        var ending = 0
        /// The workers that have no connection yet.
        var opening: [Int: Task<Void, Never>] = [:]
        /// Those that have one and have not asked for a message yet.
        var starting: Set<Int> = []
        var nextWorker = 0
        var rate: SendingRate?
        var hasReaper = false
        /// Connections made before the last ``close()`` are not kept.
        var generation = 0

        /// Whether a message waits whose caller does. Takes away those in front whose callers have gone.
        mutating func hasWaiting() -> Bool {
            while head < line.count, line[head].isSettled { dropFirst() }
            return head < line.count
        }

        mutating func dropFirst() {
            head += 1
            // Together: one at a time would move all others each time.
            if head == line.count || head >= 1_024 {
                line.removeFirst(head)
                head = 0
            }
        }
    }

    private struct Parked: Sendable {
        var session: SMTPSession
        var since: ContinuousClock.Instant
    }

    let limits: Limits
    private let open: @Sendable () async throws -> SMTPSession
    private let state: Mutex<State>

    /// - Parameter open: connects and signs in.
    init(_ limits: Limits, open: @escaping @Sendable () async throws -> SMTPSession) {
        self.limits = limits
        self.open = open
        state = Mutex(State(rate: limits.messagesPerMinute.map { SendingRate(perMinute: $0) }))
    }

    // MARK: The callers' side

    /// Puts messages at the end of the line.
    func submit(_ deliveries: [SMTPDelivery]) {
        state.withLock { state in
            state.line.append(contentsOf: deliveries)
            // A batch fills one connection well before another is worth its handshake and its sign-in.
            let wanted = 1 + (deliveries.count - 1) / 16
            for _ in 0..<wanted { startWorker(&state) }
        }
    }

    /// A caller has gone while its message waited: a connection that is being made may have become useless.
    func callersHaveGone() {
        state.withLock { state in
            guard !state.hasWaiting() else { return }
            // Within the lock: none is cancelled after it has told that it has its connection.
            for task in state.opening.values { task.cancel() }
        }
    }

    /// Says goodbye on the connections that are not in use. Those that are end when they have nothing to do.
    ///
    /// Returns when the goodbyes are sent; what servers answer changes nothing and is awaited by nobody.
    func close() async {
        let idle = state.withLock { state in
            state.generation += 1
            defer { state.idle = [] }
            return state.idle
        }
        await withTaskGroup { group in
            for parked in idle {
                group.addTask {
                    await parked.session.sayGoodbye()
                    Task.detached { await parked.session.finishGoodbye() }
                }
            }
        }
    }

    // MARK: The workers' side

    /// The next message to be sent by a worker.
    func nextTurn(of worker: Int) -> Turn {
        state.withLock { state in
            state.starting.remove(worker)
            guard state.hasWaiting() else { return .nothing }
            if let instant = state.rate?.take() { return .wait(until: instant) }
            let delivery = state.line[state.head]
            state.dropFirst()
            return .send(delivery)
        }
    }

    /// Puts messages back to the front of the line, in their order.
    func putBack(_ deliveries: [SMTPDelivery]) {
        guard !deliveries.isEmpty else { return }
        state.withLock { state in
            state.line.replaceSubrange(..<state.head, with: deliveries)
            state.head = 0
        }
    }

    /// Starts a worker if one can have something to do. It takes a connection that waits, or makes one.
    private func startWorker(_ state: inout State) {
        guard state.hasWaiting(), state.workers < limits.connections else { return }
        let coming = state.opening.count + state.starting.count
        guard coming < state.line.count - state.head else { return }
        let session = state.idle.popLast()?.session
        state.workers += 1
        let number = state.nextWorker
        state.nextWorker += 1
        let generation = state.generation
        let task = Task.detached { [self] in
            await SMTPWorker(pool: self, number: number, generation: generation).run(session)
        }
        if session == nil { state.opening[number] = task } else { state.starting.insert(number) }
    }

    /// Makes a connection.
    func openSession() async throws -> SMTPSession { try await open() }

    /// A worker has its connection. From now on nobody cancels it.
    func opened(_ number: Int) {
        state.withLock { state in
            if state.opening.removeValue(forKey: number) != nil { state.starting.insert(number) }
        }
    }

    /// A worker could not get a connection, and ends.
    ///
    /// Where others work, they go on, and the messages wait for them: many servers allow an account only so many
    /// connections. Otherwise the messages that wait fail with the error.
    func openingFailed(_ number: Int, _ error: MailError) {
        let failed = state.withLock { state -> [SMTPDelivery] in
            state.opening[number] = nil
            state.starting.remove(number)
            state.workers -= 1
            guard state.hasWaiting() else { return [] }
            if !state.idle.isEmpty || error.code == .cancelled {
                // Cancelled because nobody waited; somebody does again.
                startWorker(&state)
                return []
            }
            guard state.workers == state.ending else { return [] }
            defer {
                state.line = []
                state.head = 0
            }
            return Array(state.line[state.head...])
        }
        for delivery in failed { delivery.settle(.failure(error)) }
    }

    /// What becomes of a worker that has nothing to do, or a connection that is of no more use.
    enum Rest {
        /// There is something to do again.
        case goOn
        /// Its connection waits for the next one.
        case parked
        /// It ends its connection, and then calls ``left()``.
        case end
    }

    /// A worker has nothing to do.
    ///
    /// - Parameter session: its connection, if it is of further use.
    func rest(_ session: SMTPSession?, generation: Int) -> Rest {
        state.withLock { state in
            if session != nil, state.hasWaiting() { return .goOn }
            guard let session, generation == state.generation else {
                state.ending += 1
                startWorker(&state)
                return .end
            }
            state.workers -= 1
            session.wasParked = true
            state.idle.append(Parked(session: session, since: .now))
            startReaper(&state)
            return .parked
        }
    }

    /// A worker has ended its connection, and ends: what the settings and the server allow is counted in connections.
    func left() {
        state.withLock { state in
            state.workers -= 1
            state.ending -= 1
            startWorker(&state)
        }
    }

    // MARK: Idle connections

    private func startReaper(_ state: inout State) {
        guard !state.hasReaper else { return }
        state.hasReaper = true
        let limit = limits.idle
        // Without a hold on the pool: one that the host has forgotten ends its connections by going away.
        Task.detached { [weak self] in
            var instant: ContinuousClock.Instant? = .now + limit
            while let next = instant {
                try? await Task.sleep(until: next, clock: .continuous)
                instant = self?.reap()
            }
        }
    }

    /// Ends the connections that were idle for too long.
    ///
    /// - Returns: when to look again; `nil` if none is left.
    private func reap() -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        let (old, next) = state.withLock { state -> ([Parked], ContinuousClock.Instant?) in
            let old = state.idle.filter { $0.since + limits.idle <= now || $0.session.isDead }
            state.idle.removeAll { $0.since + limits.idle <= now || $0.session.isDead }
            let next = state.idle.map { $0.since + limits.idle }.min()
            state.hasReaper = next != nil
            return (old, next)
        }
        for parked in old {
            Task.detached { await parked.session.quit() }
        }
        return next
    }
}
