import COpenSSL

/// One side of a TLS connection, without a socket: octets in, octets out.
///
/// The owner moves ciphertext between this engine and the network:
/// ```swift
/// let engine = try TLSEngine(context: context, serverName: TLSServerName("mail.example.org"))
/// try engine.start()
/// send(engine.takeCiphertext())
/// // whenever octets come from the network:
/// try engine.receive(octets)
/// send(engine.takeCiphertext())
/// while case let count = try engine.readPlaintext(into: buffer), count > 0 { … }
/// // when the network connection ends:
/// if let error = engine.receivedEOF() { … }
/// ```
/// After every call, also one that throws, there may be ciphertext to send (an alert, for example). An error is final:
/// every later call throws it again. An engine belongs to one task or event loop; it is not `Sendable`.
package final class TLSEngine {
    /// Which side of the connection this is.
    package enum Role: Sendable, Hashable {
        case client
        case server
    }

    package let role: Role
    /// The server that a client means to reach; `nil` on the server's side.
    package let serverName: TLSServerName?
    /// Whether the connection began in the clear and TLS was agreed upon with STARTTLS or STLS. Only sentences depend
    /// on it: "use `security: starttls`" helps nobody who already does.
    package var beganInTheClear = false
    /// How far the connection has come.
    package internal(set) var handshakeState = TLSHandshakeState.idle
    /// Whether the peer has ended its side of the connection properly.
    package internal(set) var receivedCloseNotify = false
    /// Called for every session that the server offers for resumption; with TLS 1.3 that is after the handshake, from
    /// within ``readPlaintext(into:)``. It must not call the engine.
    package var onNewSession: ((TLSSession) -> Void)?

    let ssl: OpaquePointer
    let pipe: CiphertextPipe
    let clientContext: TLSContext?
    let serverContext: TLSServerContext?
    let maximumHandshakeBytes: Int

    var firstOctets = FirstOctets()
    var failure: TLSError?
    /// What the verification of the peer found; takes precedence over OpenSSL's own words.
    var verificationFailure: TLSError?
    var clientCertificateWasRequested = false
    var stapleIsGood = false
    var handshakeBytes = 0
    var traffic = PostHandshakeTraffic()
    private var sentCloseNotify = false

    /// The client's side of a connection.
    ///
    /// - Parameters:
    ///   - context: What is demanded of the server.
    ///   - serverName: The host or address that its certificate must be valid for.
    ///   - session: A session to resume. One made under another context, or with another server, is left unused.
    package convenience init(
        context: TLSContext,
        serverName: TLSServerName,
        session: TLSSession? = nil
    ) throws(TLSError) {
        try self.init(
            role: .client,
            handle: context.handle,
            serverName: serverName,
            client: context,
            server: nil,
            maximumHandshakeBytes: context.configuration.maximumHandshakeBytes
        )
        try prepareClient(serverName)
        if let session { offer(session, context: context, serverName: serverName) }
        SSL_set_connect_state(ssl)
    }

    /// The server's side of a connection.
    package convenience init(serverContext: TLSServerContext) throws(TLSError) {
        try self.init(
            role: .server,
            handle: serverContext.handle,
            serverName: nil,
            client: nil,
            server: serverContext,
            maximumHandshakeBytes: serverContext.configuration.maximumHandshakeBytes
        )
        SSL_set_accept_state(ssl)
    }

    private init(
        role: Role,
        handle: ContextHandle,
        serverName: TLSServerName?,
        client: TLSContext?,
        server: TLSServerContext?,
        maximumHandshakeBytes: Int
    ) throws(TLSError) {
        ERR_clear_error()
        let pipe = CiphertextPipe()
        guard let ssl = SSL_new(handle.pointer) else { throw Self.outOfMemory() }
        guard let bio = pipe.makeBIO() else {
            SSL_free(ssl)
            throw Self.outOfMemory()
        }
        // One BIO for both directions takes one reference.
        SSL_set_bio(ssl, bio, bio)
        self.role = role
        self.serverName = serverName
        self.ssl = ssl
        self.pipe = pipe
        self.maximumHandshakeBytes = maximumHandshakeBytes
        clientContext = client
        serverContext = server
        ph_SSL_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { SSL_free(ssl) }

    /// The peer as sentences name it.
    var peer: String { serverName?.text ?? "the client" }

    /// Begins the handshake. A client has ciphertext to send afterwards.
    package func start() throws(TLSError) {
        try checkFailure()
        guard handshakeState == .idle else { return }
        handshakeState = .inProgress
        try advanceHandshake()
    }

    /// Takes octets from the network. They are copied as far as they are not used at once.
    package func receive(_ ciphertext: UnsafeRawBufferPointer) throws(TLSError) {
        try receive(ciphertext) { () throws(TLSError) in }
    }

    /// Takes octets from the network.
    package func receive(_ ciphertext: [UInt8]) throws(TLSError) {
        try withOctets(of: ciphertext) { (octets) throws(TLSError) in try receive(octets) }
    }

    /// Takes octets from the network and lets `body` read plaintext while they stay where they are: the way for bulk
    /// data, since what `body` reads is not copied before it is decrypted.
    package func receive<Result>(
        _ ciphertext: UnsafeRawBufferPointer,
        reading body: () throws(TLSError) -> Result
    ) throws(TLSError) -> Result {
        try checkFailure()
        pipe.lend(ciphertext)
        defer { pipe.keepRest() }
        if handshakeState != .complete {
            try lookAtFirstOctets(ciphertext)
            handshakeBytes &+= ciphertext.count
        } else {
            traffic.received(ciphertext.count)
        }
        if handshakeState == .inProgress { try advanceHandshake() }
        return try body()
    }

    /// Decrypts as much as there is and as fits.
    ///
    /// - Returns: The number of octets read; 0 if there is nothing (more) to read now.
    package func readPlaintext(into target: UnsafeMutableRawBufferPointer) throws(TLSError) -> Int {
        try checkFailure()
        guard handshakeState == .complete, !receivedCloseNotify, target.count > 0 else { return 0 }
        var total = 0
        while total < target.count {
            var count = 0
            ERR_clear_error()
            let result = SSL_read_ex(ssl, target.baseAddress.map { $0 + total }, target.count - total, &count)
            if result == 1 {
                total += count
                traffic.delivered(count)
                // To ask once more takes as long as to read: nothing is kept anywhere.
                if isDrained { break }
                continue
            }
            if let error = readFailure(result) {
                _ = fail(error)
                // What was read before the error is good; the next call throws.
                if total > 0 { return total }
                throw error
            }
            break
        }
        if traffic.isExcessive {
            throw fail(
                TLSError(
                    .limitExceeded,
                    "\(peer) sends messages of the protocol without end and no data; the connection is given up"
                )
            )
        }
        return total
    }

    /// Whether all octets that came have been decrypted and read, so that another read would give nothing.
    package var isDrained: Bool { pipe.unreadCount == 0 && SSL_pending(ssl) == 0 }

    /// Decrypts everything that there is.
    package func takePlaintext() throws(TLSError) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(max(pipe.unreadCount, 1024), 1 << 16))
        while true {
            var count = 0
            var caught: TLSError?
            chunk.withUnsafeMutableBytes { buffer in
                do throws(TLSError) { count = try readPlaintext(into: buffer) } catch { caught = error }
            }
            if let caught, result.isEmpty { throw caught }
            if count == 0 { return result }
            result.append(contentsOf: chunk[..<count])
        }
    }

    /// Encrypts octets; they are part of the next ``takeCiphertext()``. The ciphertext of everything written is held
    /// until it is taken: write large data in pieces.
    package func write(_ plaintext: UnsafeRawBufferPointer) throws(TLSError) {
        try checkFailure()
        guard handshakeState == .complete, !sentCloseNotify else {
            throw TLSError(.notUsable, "data for \(peer) was written before the handshake or after the end")
        }
        guard plaintext.count > 0 else { return }
        // A record holds at most 16 KiB of plaintext and adds some octets of its own.
        pipe.reserveOutgoing(plaintext.count &+ (plaintext.count / 16_384 &+ 1) &* 64)
        var count = 0
        ERR_clear_error()
        if SSL_write_ex(ssl, plaintext.baseAddress, plaintext.count, &count) != 1 || count != plaintext.count {
            throw fail(failure(of: SSL_get_error(ssl, 0)))
        }
    }

    /// Encrypts octets; they are part of the next ``takeCiphertext()``.
    package func write(_ plaintext: [UInt8]) throws(TLSError) {
        try withOctets(of: plaintext) { (octets) throws(TLSError) in try write(octets) }
    }

    /// Changes the keys of this direction (RFC 8446, section 4.6.3); without effect before TLS 1.3.
    ///
    /// - Parameter askPeer: Whether the peer shall change its keys as well.
    package func updateKeys(askPeer: Bool) throws(TLSError) {
        try checkFailure()
        guard handshakeState == .complete, !sentCloseNotify, TLSVersion(of: ssl) >= .v1_3 else { return }
        ERR_clear_error()
        let kind = askPeer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED
        guard SSL_key_update(ssl, kind) == 1 else { throw fail(failure(of: SSL_ERROR_SSL)) }
        let result = SSL_do_handshake(ssl)
        if result != 1 { throw fail(failure(of: SSL_get_error(ssl, result))) }
    }

    /// Whether there is ciphertext to send.
    package var hasCiphertext: Bool { pipe.outgoingCount > 0 }

    /// What is to be sent to the peer, in one piece; empty if there is nothing.
    package func takeCiphertext() -> [UInt8] { pipe.takeOutgoing() }

    /// Ends this side of the connection: a close_notify alert is ready to be sent. Nothing can be written afterwards;
    /// reading goes on until the peer ends its side.
    package func close() {
        guard handshakeState == .complete, failure == nil, !sentCloseNotify else { return }
        sentCloseNotify = true
        ERR_clear_error()
        SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// The network connection ended. Read the plaintext that is left first.
    ///
    /// - Returns: `nil` if the peer had ended TLS before; otherwise an error with code `truncated` (or `notTLS`, or the
    ///   error that had ended the connection already): what came last may have been cut off by somebody on the way.
    package func receivedEOF() -> TLSError? {
        if let failure { return failure }
        if receivedCloseNotify { return nil }
        if handshakeState != .complete {
            firstOctets.end()
            if case .plain(let name) = firstOctets.verdict { return fail(notTLS(name)) }
            let sentence =
                firstOctets.octets.isEmpty
                ? "\(peer) ended the connection without a word of TLS; check port and `security`, "
                    + "or try again later"
                : "\(peer) ended the connection in the middle of the TLS handshake; try again later, and ask "
                    + "\(role == .client ? "the server's operator" : "its user") if it stays so"
            return fail(TLSError(.truncated, sentence))
        }
        return fail(
            TLSError(
                .truncated,
                "the connection to \(peer) broke off without the end that TLS demands; "
                    + "what came last may be incomplete"
            )
        )
    }
}
