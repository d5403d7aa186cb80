import NIOCore
import PosthornTLS

/// TLS, and what goes wrong with it on purpose.
extension ServerHandler {
    func startTLS(_ handshake: ServerHandshake, _ context: ChannelHandlerContext) {
        guard !isGone else { return }
        self.handshake = handshake
        awaitsHandshake = true
        guard handshake.replacement == nil else { return }
        do throws(TLSError) {
            guard let tls else { throw TLSError(.configuration, "the server has no certificate") }
            let engine = try TLSEngine(serverContext: tls)
            self.engine = engine
            try engine.start()
        } catch {
            fail(error, context)
        }
    }

    /// Answers the client's first octets with what comes in place of a handshake, and all others with silence.
    func replaceHandshake(_ context: ChannelHandlerContext) {
        guard let octets = handshake.replacement, !octets.isEmpty else { return }
        handshake.replacement = []
        sendToWire(octets, context)
    }

    func receiveCiphertext(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let engine else { return }
        var failure: TLSError?
        buffer.withUnsafeReadableBytes { octets in
            do throws(TLSError) { try engine.receive(octets) } catch { failure = error }
        }
        if failure == nil, awaitsHandshake, engine.handshakeState == .complete {
            awaitsHandshake = false
            flushCiphertext(context)
            handshakeEnded(engine, context)
        }
        while failure == nil, !isClosing {
            do throws(TLSError) {
                let plaintext = try engine.takePlaintext()
                if plaintext.isEmpty { break }
                keep(plaintext, isEncrypted: true)
                perform(session.received(plaintext), context)
            } catch {
                failure = error
            }
        }
        flushCiphertext(context)
        if let failure {
            fail(failure, context)
        } else if engine.receivedCloseNotify {
            perform([.end(.close)], context)
        }
    }

    private func handshakeEnded(_ engine: TLSEngine, _ context: ChannelHandlerContext) {
        note { $0.isEncrypted = true }
        let facts = ServerEncryption(
            exporter: engine.tlsExporter,
            endPoint: engine.tlsServerEndPoint,
            hasClientCertificate: engine.information?.certificates.isEmpty == false
        )
        perform(session.encryptionEstablished(facts), context)
    }

    /// Sends what the TLS engine has to send, up to where a fault cuts it.
    func flushCiphertext(_ context: ChannelHandlerContext) {
        guard let engine, engine.hasCiphertext else { return }
        let octets = engine.takeCiphertext()
        guard let limit = handshake.limit else { return sendToWire(octets, context) }
        sendToWire(Array(octets.prefix(max(0, limit - ciphertextSent))), context)
        ciphertextSent += octets.count
        if ciphertextSent >= limit { perform([.end(handshake.ending)], context) }
    }

    /// Sends octets as they are; those of the handshake one by one, if a fault wants that.
    private func sendToWire(_ octets: [UInt8], _ context: ChannelHandlerContext) {
        guard let pause = handshake.drip, awaitsHandshake else { return write(octets, context) }
        for octet in octets { enqueue(octet, after: pause) }
    }

    func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        note { $0.encryptionError = $0.encryptionError ?? error.description }
        flushCiphertext(context)
        perform([.end(.close)], context)
    }
}
