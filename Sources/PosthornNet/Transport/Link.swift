import NIOCore

/// The bridge between a channel on its event loop and the one task that uses it.
///
/// The channel moves octets; everything else (TLS, parsing, limits) is done by the task. Reading stops while more
/// than ``highWater`` octets wait to be taken, so that a flood stays in the peer's hands.
final class Link: Sendable {
    /// From here on reading stops, and writers wait.
    static let highWater = 256 * 1024
    /// Below this, reading and writing go on.
    static let lowWater = 96 * 1024

    let channel: any Channel
    let state = Locked(LinkState())

    init(channel: any Channel) { self.channel = channel }

    // MARK: The event loop's side

    func received(_ buffer: ByteBuffer) {
        var buffer = buffer
        state.withLock { state in
            state.octetsReceived &+= UInt64(buffer.readableBytes)
            state.append(&buffer, allocator: channel.allocator)
        }
    }

    /// A batch of reads is complete.
    ///
    /// - Returns: Whether reading goes on at once.
    func receivedBatch() -> Bool {
        let (waiter, goesOn) = state.withLock { state in
            state.isPaused = state.inboundOctets >= Self.highWater
            return (state.takeReadyWaiter(), !state.isPaused)
        }
        waiter?.continuation.resume(returning: .ready)
        return goesOn
    }

    func failed(_ error: any Error) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    func closed() {
        let (waiter, timer) = state.withLock { state -> (LinkState.Waiter?, Scheduled<Void>?) in
            state.isClosed = true
            state.outstanding = 0
            defer { state.timer = nil }
            return (state.takeReadyWaiter(), state.timer)
        }
        timer?.cancel()
        waiter?.continuation.resume(returning: .ready)
    }

    private func wrote(_ octets: Int, _ result: Result<Void, any Error>) {
        state.withLock { state -> LinkState.Waiter? in
            guard !state.isClosed else { return nil }
            state.outstanding &-= octets
            if case .failure(let error) = result, state.failure == nil { state.failure = error }
            return state.takeReadyWaiter()
        }?.continuation.resume(returning: .ready)
    }

    // MARK: The task's side

    /// Hands octets to the channel. Does not wait; see ``LinkState/Condition/room``.
    func send(_ buffer: ByteBuffer) {
        let octets = buffer.readableBytes
        guard octets > 0 else { return }
        let (isOpen, told) = state.withLock { state -> (Bool, Int) in
            guard !state.isClosed else { return (false, 0) }
            state.outstanding &+= octets
            state.octetsSent &+= UInt64(octets)
            state.untold &+= octets
            // Small pieces are told together with the next ones: for a single one it takes longer than to send it.
            guard state.untold >= Self.toldTogether else { return (true, 0) }
            defer { state.untold = 0 }
            return (true, state.untold)
        }
        guard isOpen else { return }
        channel.writeAndFlush(buffer, promise: told > 0 ? promise(of: told) : nil)
    }

    /// From this many octets on it is asked when they are handed to the system.
    private static let toldTogether = 64 * 1024

    private func promise(of octets: Int) -> EventLoopPromise<Void> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { [weak self] in self?.wrote(octets, $0) }
        return promise
    }

    /// Sees to it that the end of all that was sent is told.
    private func tellAll() {
        let untold = state.withLock { state in
            defer { state.untold = 0 }
            return state.isClosed ? 0 : state.untold
        }
        if untold > 0 { channel.writeAndFlush(channel.allocator.buffer(capacity: 0), promise: promise(of: untold)) }
    }

    /// The oldest received piece that has not been taken.
    func takeInput() -> ByteBuffer? {
        let (buffer, resumes) = state.withLock { state -> (ByteBuffer?, Bool) in
            guard !state.inbound.isEmpty else { return (nil, false) }
            let buffer = state.inbound.removeFirst()
            state.inboundOctets &-= buffer.readableBytes
            guard state.isPaused, !state.isClosed, state.inboundOctets < Self.lowWater else { return (buffer, false) }
            state.isPaused = false
            return (buffer, true)
        }
        if resumes { channel.read() }
        return buffer
    }

    /// Ends the channel at once. Whoever waits is told.
    func abort() {
        state.withLock { $0.isAborted = true }
        channel.close(promise: nil)
    }

    /// Ends the channel because the task was cancelled.
    private func cancel() {
        let waiter = state.withLock { state -> LinkState.Waiter? in
            state.wasCancelled = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume(returning: .cancelled)
        abort()
    }

    /// Waits. Cancellation of the task ends the wait and the channel.
    func wait(for condition: LinkState.Condition, until deadline: NIODeadline?) async -> LinkState.Wake {
        if condition == .drained || condition == .room { tellAll() }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let waiter = LinkState.Waiter(condition: condition, deadline: deadline, continuation: continuation)
                let wake = state.withLock { state -> LinkState.Wake? in
                    if state.wasCancelled { return .cancelled }
                    if state.isMet(condition) { return .ready }
                    if state.waiter != nil { return .occupied }
                    state.waiter = waiter
                    if let deadline { arm(&state, deadline) }
                    return nil
                }
                if let wake { continuation.resume(returning: wake) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Sees to it that a timer fires by `deadline`. One timer serves many waits: while it runs, a wait with a later
    /// end costs nothing.
    private func arm(_ state: inout LinkState, _ deadline: NIODeadline) {
        if let armed = state.timerInstant, armed <= deadline { return }
        state.timer?.cancel()
        state.timerInstant = deadline
        state.timer = channel.eventLoop.scheduleTask(deadline: deadline) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        let now = NIODeadline.now()
        state.withLock { state -> LinkState.Waiter? in
            if let instant = state.timerInstant, instant > now { return nil }
            state.timer = nil
            state.timerInstant = nil
            guard let waiter = state.waiter, let deadline = waiter.deadline else { return nil }
            guard deadline <= now else {
                if !state.isClosed { arm(&state, deadline) }
                return nil
            }
            state.waiter = nil
            return waiter
        }?.continuation.resume(returning: .timedOut)
    }
}
