import NIOCore
import Posthorn
import PosthornTLS

extension Connection {
    /// The next event of a parser: from what is there, or as soon as it has come.
    ///
    /// Sends first what was written and not flushed, so that no reply is waited for in vain.
    ///
    /// - Parameter deadline: The limit for the whole event.
    /// - Throws: ``MailError`` with code `timed-out`, `cancelled`, `connection-lost`, `tls-failed`, or
    ///   `protocol-violation` if more than ``ConnectionOptions/replyLimit`` octets bring no event; and the parser's
    ///   own errors, after which the connection is still open.
    package func next<Parser: InboundParser>(
        _ parser: inout Parser,
        deadline: Deadline
    ) async throws -> Parser.Event {
        let taken = try parse(&parser)
        if let taken { return taken }
        do {
            try await flush(deadline: deadline)
        } catch let error as MailError where error.code == .connectionLost {
            // A peer may answer and close faster than this task looks: what it said before the end has been said.
            if let last = try nextIfReady(&parser) { return last }
            // An alert of TLS says more than the end behind it.
            try checkOpen()
            throw error
        }
        var silent = 0
        while true {
            if let buffer = link.takeInput() {
                silent &+= buffer.readableBytes
                // Here, and not only while waiting: a peer that always has something to say leaves nothing to wait for.
                try checkTime(deadline)
                take(buffer)
                if let event = try parse(&parser) { return event }
                if silent > options.replyLimit { throw fail(tooMuch(deadline)) }
            } else {
                try checkOpen()
                try await wait(for: .input, deadline: deadline)
            }
        }
    }

    /// Appends what has come to `octets`; waits until something comes. For protocols whose engine keeps the octets itself.
    ///
    /// Sends first what was written and not flushed, so that no reply is waited for in vain.
    ///
    /// - Throws: ``MailError`` with code `timed-out`, `cancelled`, `connection-lost` or `tls-failed`.
    package func receive(into octets: inout [UInt8], deadline: Deadline) async throws {
        do {
            try await flush(deadline: deadline)
        } catch let error as MailError where error.code == .connectionLost {
            // A peer may answer and close faster than this task looks: what it said before the end has been said.
            guard !receiveIfReady(into: &octets) else { return }
            // An alert of TLS says more than the end behind it.
            try checkOpen()
            throw error
        }
        if receiveIfReady(into: &octets) {
            // Here, and not only while waiting: a peer that always has something to say leaves nothing to wait for.
            return try checkTime(deadline)
        }
        repeat {
            try checkOpen()
            try await wait(for: .input, deadline: deadline)
        } while !receiveIfReady(into: &octets)
    }

    /// Appends what has come to `octets`, without waiting.
    ///
    /// - Returns: whether something has.
    package func receiveIfReady(into octets: inout [UInt8]) -> Bool {
        let buffer = link.takeInput()
        let (isAny, answer) = inner.withLock { state -> (Bool, ByteBuffer?) in
            var answer: ByteBuffer?
            if var buffer {
                guard state.tls != nil || !state.received.isEmpty else {
                    // Nothing in between.
                    buffer.withUnsafeReadableBytes { octets.append(contentsOf: $0) }
                    return (true, nil)
                }
                state.take(&buffer)
                answer = state.takeCiphertext()
            }
            guard !state.received.isEmpty else { return (false, answer) }
            state.received.moveAll(into: &octets)
            return (true, answer)
        }
        if let answer { link.send(answer) }
        return isAny
    }

    /// The next event of a parser, if it has come already; never waits and never sends.
    package func nextIfReady<Parser: InboundParser>(_ parser: inout Parser) throws -> Parser.Event? {
        if let event = try parse(&parser) { return event }
        while let buffer = link.takeInput() {
            take(buffer)
            if let event = try parse(&parser) { return event }
        }
        return nil
    }

    /// The next line without its line end.
    package func readLine(limit: Int = LineParser.defaultLimit, deadline: Deadline) async throws -> [UInt8] {
        var parser = LineParser(limit: limit)
        return try await next(&parser, deadline: deadline)
    }

    /// Waits until octets have come that nobody has read, or the peer has ended the connection.
    ///
    /// Meant for waiting without a command under way (IMAP IDLE): the end of the time is no error and the connection
    /// stays open. Gives back memory that an idle connection does not need.
    ///
    /// - Returns: `false` if nothing came by the deadline.
    package func waitForInput(deadline: Deadline) async throws -> Bool {
        try await flush(deadline: deadline)
        while true {
            if isPeerClosed || hasUnreadInput { return true }
            inner.withLock { state in
                state.received.releaseMemory()
                if state.pending.readableBytes == 0 { state.pending = ByteBuffer() }
            }
            switch await link.wait(for: .input, until: deadline.nio) {
            case .ready: continue
            case .timedOut: return false
            case .cancelled: throw cancelled()
            case .occupied: throw occupied()
            }
        }
    }

    /// Parses what is there.
    private func parse<Parser: InboundParser>(_ parser: inout Parser) throws -> Parser.Event? {
        let event = try inner.withLock { state in
            state.received.isEmpty ? nil : try parser.next(from: &state.received)
        }
        if let event, isTranscribed {
            withTranscript { parser.record(event, in: $0) }
        }
        return event
    }

    /// Takes a piece that came from the network, and sends what TLS answers by itself.
    func take(_ buffer: ByteBuffer) {
        var buffer = buffer
        let answer = inner.withLock { state in
            state.take(&buffer)
            return state.takeCiphertext()
        }
        if let answer { link.send(answer) }
    }

    /// Takes what has come, up to a bound, without waiting.
    func pull() {
        while inner.withLock({ $0.received.count < Link.highWater }), let buffer = link.takeInput() { take(buffer) }
    }

    /// - Throws: if nothing more can come.
    func checkOpen() throws {
        if let error = inner.withLock({ $0.tlsFailure }) { throw fail(tlsError(error, during: "the connection")) }
        if inner.withLock({ $0.peerEnded }) { throw fail(lost()) }
        let (isClosed, isEmpty, wasCancelled) = link.state.withLock {
            ($0.isClosed, $0.inbound.isEmpty, $0.wasCancelled)
        }
        guard isClosed, isEmpty else { return }
        if wasCancelled { throw cancelled() }
        let error = inner.withLock { state in
            if let error = state.tls?.receivedEOF() {
                state.isTruncated = true
                return lost(truncated: error)
            }
            return lost()
        }
        throw fail(error)
    }

    /// Waits; an end of the time or of the task is an error.
    func wait(for condition: LinkState.Condition, deadline: Deadline) async throws {
        let limit = deadline.earlier(inner.withLock { $0.total })
        switch await link.wait(for: condition, until: limit.nio) {
        case .ready: return
        case .timedOut: throw fail(timedOut(limit))
        case .cancelled: throw cancelled()
        case .occupied: throw occupied()
        }
    }

    /// - Throws: if the time is over or the task cancelled; for loops that find their input without waiting.
    func checkTime(_ deadline: Deadline) throws {
        let limit = deadline.earlier(inner.withLock { $0.total })
        if limit.isOver { throw fail(timedOut(limit)) }
        if Task.isCancelled {
            link.abort()
            throw cancelled()
        }
    }
}
