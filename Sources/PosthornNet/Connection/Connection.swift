import NIOCore
import Posthorn
import PosthornTLS

/// A connection to a mail server: octets of one protocol over TCP and TLS, with limits, deadlines and a transcript.
///
/// One task at a time uses a connection. It may be handed from one task to another (kept in a pool); two tasks that
/// wait at once get ``MailError`` with code `misuse`.
///
/// Whatever throws from a waiting call ends the connection, with one exception: a parser's own error. After an error
/// of ``flush(deadline:)`` or ``writeBody(_:)-([UInt8])`` ask ``next(_:deadline:)`` all the same: a server that refuses and closes
/// in the middle of a message has sent its reason first, and what arrived can still be read.
///
/// Cancellation of the task ends every wait at once with ``MailError`` code `cancelled` (its cause is
/// `CancellationError`) and closes the connection.
package final class Connection: Sendable {
    /// What the connection was made with.
    package let options: ConnectionOptions
    /// The server that was asked for.
    package let endpoint: Endpoint

    let link: Link
    let inner: Locked<ConnectionState>
    let executor: LoopExecutor

    /// Whether anybody hears the transcript. Ask before work is done for it.
    package let isTranscribed: Bool

    init(endpoint: Endpoint, options: ConnectionOptions, link: Link, info: ConnectionInfo, total: Deadline) {
        self.endpoint = endpoint
        self.options = options
        self.link = link
        executor = LoopExecutor(link.channel.eventLoop)
        isTranscribed = options.transcript.isEnabled
        inner = Locked(ConnectionState(options: options, info: info, total: total))
    }

    deinit { link.abort() }

    /// Connects: resolves the name, tries the addresses (RFC 8305), asks the proxy, and with
    /// ``ConnectionSecurity/tls`` does the TLS handshake.
    ///
    /// - Throws: ``MailError`` with code `connection-failed`, `timed-out`, `tls-failed` or `cancelled`. Nothing is
    ///   left open then.
    package static func connect(to endpoint: Endpoint, options: ConnectionOptions) async throws -> Connection {
        try await Connector(endpoint: endpoint, options: options).connect()
    }

    // MARK: What is known

    /// Addresses and times.
    package var info: ConnectionInfo { inner.withLock { $0.info } }

    /// Whether TLS is active.
    package var isEncrypted: Bool { inner.withLock { $0.tls != nil } }

    /// Octets sent to the network, TLS included.
    package var octetsSent: UInt64 { link.state.withLock { $0.octetsSent } }

    /// Octets received from the network, TLS included.
    package var octetsReceived: UInt64 { link.state.withLock { $0.octetsReceived } }

    /// Whether the peer or this side has ended the connection, or it broke. Octets that arrived before can still be read.
    package var isPeerClosed: Bool {
        pull()
        return inner.withLock { $0.peerEnded } || link.state.withLock { $0.isClosed || $0.isAborted }
    }

    /// Whether octets have arrived that nobody has read: between commands that means the server talks out of turn.
    ///
    /// Looks at what is there and never waits. During a long body a reply that comes early shows here.
    package var hasUnreadInput: Bool {
        pull()
        return inner.withLock { !$0.received.isEmpty }
    }

    /// Whether the peer ended TLS without its close_notify: what came last may have been cut off on the way.
    /// Known when ``isPeerClosed``.
    package var isTruncated: Bool { inner.withLock { $0.isTruncated } }

    // MARK: The transcript

    /// Writes into the transcript, what ``InboundParser/record(_:in:)`` cannot know.
    package func withTranscript(_ body: (inout Transcript) -> Void) {
        // Outside the lock: a listener may ask the connection something.
        var (transcript, bodyOctets) = inner.withLock { state in
            defer { state.untoldBody = 0 }
            return (state.transcript, state.untoldBody)
        }
        if bodyOctets > 0 { transcript.sentBody(octets: bodyOctets) }
        body(&transcript)
        inner.withLock { $0.transcript = transcript }
    }
}
