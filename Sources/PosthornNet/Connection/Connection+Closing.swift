import NIOCore
import PosthornTLS

extension Connection {
    /// Ends the connection properly: sends what is pending and TLS' close_notify. Takes at most
    /// ``Timeouts/close``, whatever the peer does, and never fails.
    ///
    /// The protocol's own farewell (QUIT, LOGOUT) comes before.
    package func closeGracefully() async {
        let deadline = Deadline(after: options.timeouts.close, for: "the end of the connection", key: "timeouts.close")
        let last = inner.withLock { state -> ByteBuffer? in
            if state.tls == nil { return state.pending.readableBytes > 0 ? try? state.seal(nil) : nil }
            if state.pending.readableBytes > 0, let text = try? state.seal(nil) { link.send(text) }
            state.tls?.close()
            return state.takeCiphertext()
        }
        if let last { link.send(last) }
        _ = await link.wait(for: .drained, until: deadline.nio)
        link.abort()
        _ = await link.wait(for: .closed, until: deadline.nio)
        if isTranscribed { withTranscript { $0.event("closed") } }
    }

    /// Ends the connection at once. What was not sent is lost.
    package func abort() { link.abort() }
}
