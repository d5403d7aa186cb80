import NIOCore
import Posthorn
import PosthornTLS

extension Connection {
    /// Text shorter than this is kept for the next ``flush(deadline:)``, so that many commands travel in one packet.
    static let coalescing = 64 * 1024

    /// Keeps text for the next flush. Neither waits nor fails.
    package func write(_ text: WireText) {
        if isTranscribed { withTranscript { $0.sent(text) } }
        inner.withLock { _ = $0.pending.writeBytes(text.octets) }
    }

    /// Keeps plain octets for the next flush: commands without a secret.
    package func write(_ plain: [UInt8]) {
        if isTranscribed { withTranscript { $0.sent(WireText(.plain(plain))) } }
        inner.withLock { $0.keep(plain) }
    }

    /// Sends what was written, and waits until the system has taken it all.
    ///
    /// - Throws: ``MailError`` as ``flush(deadline:)``.
    package func drain(deadline: Deadline) async throws {
        try await flush(deadline: deadline)
        try await wait(for: .drained, deadline: deadline)
    }

    /// The limit for all that is done in one go (``Timeouts/total``) starts anew: a connection that is kept serves one
    /// request after another.
    package func restartTotal() {
        guard let total = options.timeouts.total else { return }
        inner.withLock { $0.total = Deadline(after: total, for: "the whole request", key: "timeouts.total") }
    }

    /// Sends what was written. Waits only while the peer takes less than it is given.
    ///
    /// - Throws: ``MailError`` with code `timed-out`, `cancelled`, `connection-lost` or `tls-failed`.
    package func flush(deadline: Deadline) async throws {
        guard try hand(nil) else { return }
        try checkTime(deadline)
        try await waitForRoom(deadline)
    }

    /// Sends a part of a message. The octets appear in the transcript as a number only.
    ///
    /// Small parts are kept for the next flush like commands. Large ones are encrypted straight from the caller's
    /// memory and handed over at once; the call waits only while the peer takes less than it is given, at least
    /// ``Timeouts/minimumProgress`` octets per ``Timeouts/transfer``. Give parts of about 256 KiB.
    ///
    /// Look at ``hasUnreadInput`` and ``isPeerClosed`` between two parts: the server may have refused already.
    package func writeBody(_ octets: [UInt8]) async throws {
        let isKept = inner.withLock { state in
            state.untoldBody &+= octets.count
            guard state.pending.readableBytes &+ octets.count < Self.coalescing else { return false }
            state.keep(octets)
            return true
        }
        if isKept { return }
        let deadline = Deadline(after: nil, for: "the peer to take the message", key: "timeouts.transfer")
        // Here, and not only while waiting: a peer that takes everything at once leaves nothing to wait for.
        try checkTime(deadline)
        guard try octets.withUnsafeBytes({ try hand($0) }) else {
            // Nor must it keep this thread from other tasks.
            await Task.yield()
            return
        }
        try await waitForRoom(deadline)
    }

    /// Encrypts and hands to the channel what is pending, and a body.
    ///
    /// - Returns: Whether the peer is behind, so that the caller should wait.
    private func hand(_ body: UnsafeRawBufferPointer?) throws -> Bool {
        let buffer: ByteBuffer?
        do {
            buffer = try inner.withLock { state in
                if body == nil, state.pending.readableBytes == 0 { return nil }
                return try state.seal(body)
            }
        } catch {
            throw fail(tlsError(error, during: "sending"))
        }
        if let buffer { link.send(buffer) }
        let (isBehind, isClosed) = link.state.withLock { ($0.outstanding >= Link.highWater, $0.isClosed) }
        if isClosed, buffer != nil { throw lost() }
        return isBehind
    }

    /// Waits until the peer has taken enough. The deadline is the caller's; apart from it, progress is demanded.
    private func waitForRoom(_ deadline: Deadline) async throws {
        let transfer = options.timeouts.transfer
        var left = try await unsentOctets()
        while true {
            let step = Deadline(after: transfer, for: "the peer to take what is sent", key: "timeouts.transfer")
            let limit = deadline.earlier(step).earlier(inner.withLock { $0.total })
            switch await link.wait(for: .room, until: limit.nio) {
            case .ready:
                if link.state.withLock({ $0.isClosed }) { throw lost() }
                return
            case .cancelled:
                throw cancelled()
            case .occupied:
                throw occupied()
            case .timedOut:
                let now = try await unsentOctets()
                if limit.key != step.key || left &- now < Timeouts.minimumProgress { throw fail(timedOut(limit)) }
                left = now
            }
        }
    }

    /// What the system has not taken yet, to the octet.
    private func unsentOctets() async throws -> Int {
        (try? await link.channel.getOption(.bufferedWritableBytes).get()) ?? 0
    }
}
