import NIOCore

/// What the event loop and the task that uses a connection share.
struct LinkState {
    /// What a task waits for.
    enum Condition {
        /// Octets that have not been taken, or the end.
        case input
        /// Room for more output, or the end.
        case room
        /// Everything written handed to the system, or the end.
        case drained
        /// The end.
        case closed
    }

    /// How a wait ended.
    enum Wake {
        case ready
        case timedOut
        case cancelled
        /// Another task waits already.
        case occupied
    }

    struct Waiter {
        let condition: Condition
        let deadline: NIODeadline?
        let continuation: UnsafeContinuation<Wake, Never>
    }

    /// Received and not yet taken.
    var inbound: [ByteBuffer] = []
    var inboundOctets = 0
    /// Whether the handler has stopped reading until what is there has been taken.
    var isPaused = false
    /// Written and not yet handed to the system.
    var outstanding = 0
    /// The part of ``outstanding`` behind which nothing has been written yet that tells when it is done.
    var untold = 0
    var isClosed = false
    /// Whether this side has given the connection up; the channel closes soon.
    var isAborted = false
    /// Why the channel was closed, if not by a proper end.
    var failure: (any Error)?
    var wasCancelled = false
    var waiter: Waiter?
    var timer: Scheduled<Void>?
    var timerInstant: NIODeadline?
    var octetsReceived: UInt64 = 0
    var octetsSent: UInt64 = 0

    /// Keeps what was received. Small pieces are put together: a peer that sends single octets shall not fill the
    /// memory with large, nearly empty buffers.
    mutating func append(_ buffer: inout ByteBuffer, allocator: ByteBufferAllocator) {
        let count = buffer.readableBytes
        inboundOctets &+= count
        guard count < 32 * 1024 else {
            inbound.append(buffer)
            return
        }
        if let last = inbound.indices.last, inbound[last].readableBytes < 32 * 1024 {
            inbound[last].writeBuffer(&buffer)
        } else {
            var copy = allocator.buffer(capacity: count)
            copy.writeBuffer(&buffer)
            inbound.append(copy)
        }
    }

    func isMet(_ condition: Condition) -> Bool {
        if isClosed { return true }
        switch condition {
        case .input: return !inbound.isEmpty
        case .room: return outstanding < Link.highWater
        case .drained: return outstanding == 0
        case .closed: return false
        }
    }

    /// Takes the waiter if what it waits for has come.
    mutating func takeReadyWaiter() -> Waiter? {
        guard let waiter, isMet(waiter.condition) else { return nil }
        // Room is reported late, so that a writer is woken once for many octets.
        if waiter.condition == .room, !isClosed, outstanding > Link.lowWater { return nil }
        self.waiter = nil
        return waiter
    }
}
