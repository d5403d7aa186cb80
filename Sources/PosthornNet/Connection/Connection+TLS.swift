import NIOCore
import Posthorn
import PosthornTLS

extension Connection {
    /// Begins TLS, after the server has agreed to the protocol's STARTTLS command.
    ///
    /// Whatever the protocol has learned before (capabilities, greeting) must be forgotten and asked again.
    ///
    /// - Throws: ``MailError`` with code `protocol-violation` if the server sent anything behind its reply; with code
    ///   `tls-failed`, `timed-out`, `connection-lost` or `cancelled`.
    ///
    /// - Parameter unread: How many octets behind the server's reply the caller holds already.
    package func startTLS(unread kept: Int = 0) async throws {
        // Deferred: this is not an upgrade, and the server may have spoken in the clear already.
        if options.security == .tls, !isEncrypted { return try await startImplicitTLS() }
        pull()
        let unread = kept + inner.withLock { $0.received.count }
        guard unread == 0 else { throw fail(surplus(unread)) }
        try await beginTLS()
    }

    /// Begins TLS as the first thing on a connection. What the server said already (a greeting in the clear) goes
    /// to TLS, which knows what to call it.
    func startImplicitTLS() async throws {
        guard inner.withLock({ $0.received.isEmpty }) else {
            throw fail(
                MailError(
                    .protocolViolation,
                    "the server \(endpoint) spoke behind the proxy before TLS began; check that it expects TLS on this "
                        + "port, or use 'security: starttls'"
                )
            )
        }
        try await beginTLS()
    }

    private func beginTLS() async throws {
        guard inner.withLock({ $0.tls == nil && $0.pending.readableBytes == 0 }) else {
            throw fail(MailError(.misuse, "TLS cannot begin on \(endpoint): it is active already or text is unsent"))
        }
        guard let context = options.tls else {
            throw fail(
                MailError(.misuse, "TLS cannot begin on \(endpoint): the connection was made without a TLS context")
            )
        }
        try await handshake(context)
    }

    private func handshake(_ context: TLSContext) async throws {
        let deadline = Deadline(after: options.timeouts.tls, for: "the TLS handshake", key: "timeouts.connect")
        let engine = try makeEngine(context)
        do {
            try engine.start()
            send(engine)
            while engine.handshakeState != .complete {
                if let buffer = link.takeInput() {
                    defer { send(engine) }
                    try buffer.withUnsafeReadableBytes { try engine.receive($0) }
                } else if link.state.withLock({ $0.isClosed && !$0.wasCancelled }) {
                    throw engine.receivedEOF() ?? lost()
                } else {
                    try await wait(for: .input, deadline: deadline)
                }
                try checkTime(deadline)
            }
        } catch let error as TLSError {
            send(engine)
            if let sessions = options.sessions { sessions.forget(sessionKey) }
            throw fail(tlsError(error, during: "the TLS handshake"))
        }
        inner.withLock { state in
            state.received = ReceiveBuffer()
            state.tls = engine
            // Octets of the application may have come with the end of the handshake.
            var nothing = ByteBuffer()
            state.take(&nothing)
        }
        if isTranscribed {
            withTranscript { $0.event(encryption.map { "encrypted: \($0.version), \($0.cipher)" } ?? "encrypted") }
        }
    }

    private func makeEngine(_ context: TLSContext) throws -> TLSEngine {
        do {
            let key = sessionKey
            let engine = try TLSEngine(
                context: context,
                serverName: TLSServerName(endpoint.host),
                session: options.sessions?.take(for: key)
            )
            engine.beganInTheClear = options.security == .startTLS
            if let sessions = options.sessions { engine.onNewSession = { sessions.store($0, for: key) } }
            return engine
        } catch {
            throw fail(tlsError(error, during: "the start of TLS"))
        }
    }

    private var sessionKey: TLSSessionCache.Key {
        TLSSessionCache.Key(host: endpoint.host, port: endpoint.port, identity: options.identity)
    }

    private func send(_ engine: TLSEngine) {
        if engine.hasCiphertext { link.send(ByteBuffer(bytes: engine.takeCiphertext())) }
    }
}
