import NIOCore
import PosthornTLS

/// Carries octets between a channel, the TLS engine and the conversation. Lives on one event loop.
final class SMTPServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let configuration: SMTPServerConfiguration
    private let record: Watched<SMTPServerRecord>
    private let tls: TLSServerContext?
    private let number: Int
    private let isOneTooMany: Bool
    private var session: SMTPServerSession
    private var engine: TLSEngine?
    /// Whether the handshake is still to be reported to the conversation, and whether it is to greet then.
    private var awaitsHandshake = false
    private var greetsAfterHandshake = false
    private var isClosing = false
    private var idleTimer: Scheduled<Void>?

    init(
        configuration: SMTPServerConfiguration,
        record: Watched<SMTPServerRecord>,
        tls: TLSServerContext?
    ) {
        self.configuration = configuration
        self.record = record
        self.tls = tls
        let (number, open) = record.change { record -> (Int, Int) in
            let number = record.connections.count + 1
            record.connections.append(SMTPServerConnection(number: number))
            record.open += 1
            return (number, record.open)
        }
        self.number = number
        isOneTooMany = open > configuration.limits.connections
        session = SMTPServerSession(configuration: configuration, connection: number)
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !isOneTooMany else {
            return perform([.send(Array("421 4.3.2 too many connections\r\n".utf8)), .close], context)
        }
        restartTimer(context)
        if configuration.security == .implicitTLS {
            greetsAfterHandshake = true
            startTLS(context)
        } else {
            perform(session.begin(encryption: nil), context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleTimer?.cancel()
        record.change { record in
            record.open -= 1
            record.update(number) { $0.isClosed = true }
        }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        restartTimer(context)
        let buffer = unwrapInboundIn(data)
        if engine == nil {
            keep(Array(buffer.readableBytesView), isEncrypted: false)
            buffer.withUnsafeReadableBytes { perform(session.received($0), context) }
        } else {
            receiveCiphertext(buffer, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Encryption

    private func startTLS(_ context: ChannelHandlerContext) {
        do throws(TLSError) {
            guard let tls else { throw TLSError(.configuration, "the server has no certificate") }
            let engine = try TLSEngine(serverContext: tls)
            self.engine = engine
            awaitsHandshake = true
            try engine.start()
        } catch {
            fail(error, context)
        }
    }

    private func receiveCiphertext(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
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
        if let failure { fail(failure, context) } else if engine.receivedCloseNotify { close(context) }
    }

    private func handshakeEnded(_ engine: TLSEngine, _ context: ChannelHandlerContext) {
        let facts = SMTPServerEncryption(
            exporter: engine.tlsExporter,
            endPoint: engine.tlsServerEndPoint,
            hasClientCertificate: engine.information?.certificates.isEmpty == false
        )
        record.change { $0.update(number) { $0.isEncrypted = true } }
        if greetsAfterHandshake {
            greetsAfterHandshake = false
            perform(session.begin(encryption: facts), context)
        } else {
            perform(session.encryptionEstablished(facts), context)
        }
    }

    private func flushCiphertext(_ context: ChannelHandlerContext) {
        guard let engine, engine.hasCiphertext else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: engine.takeCiphertext())), promise: nil)
    }

    private func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        record.change { $0.update(number) { $0.encryptionError = $0.encryptionError ?? error.description } }
        flushCiphertext(context)
        close(context)
    }

    // MARK: Steps

    private func perform(_ steps: [SMTPServerStep], _ context: ChannelHandlerContext) {
        for step in steps {
            switch step {
            case .send(let octets): send(octets, context)
            case .startTLS: startTLS(context)
            case .command(let line): record.change { $0.update(number) { Self.note(line, in: &$0.commands) } }
            case .violation(let sentence):
                record.change { $0.update(number) { Self.note(sentence, in: &$0.violations) } }
            case .message(let message): record.change { $0.messages.append(message) }
            case .close: close(context)
            }
        }
    }

    /// Keeps a line; a client that never stops does not fill the memory.
    private static func note(_ line: String, in lines: inout [String]) {
        if lines.count < 100_000 { lines.append(String(line.prefix(2_000))) }
    }

    private func send(_ octets: [UInt8], _ context: ChannelHandlerContext) {
        guard let engine else {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: octets)), promise: nil)
            return
        }
        do throws(TLSError) { try engine.write(octets) } catch { return fail(error, context) }
        flushCiphertext(context)
    }

    private func close(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        engine?.close()
        flushCiphertext(context)
        // Closing drops what the socket has not taken yet: wait for it.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private func keep(_ octets: [UInt8], isEncrypted: Bool) {
        guard configuration.recordsOctets else { return }
        let limit = configuration.limits.keptPerConnection
        record.change { record in
            record.update(number) { connection in
                if isEncrypted {
                    connection.encryptedOctets += octets.prefix(max(0, limit - connection.encryptedOctets.count))
                } else {
                    connection.clearOctets += octets.prefix(max(0, limit - connection.clearOctets.count))
                }
            }
        }
    }

    private func restartTimer(_ context: ChannelHandlerContext) {
        idleTimer?.cancel()
        let limit = TimeAmount(configuration.limits.idle)
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [weak self] in
            guard let self else { return }
            self.perform(self.session.timedOut(), context)
        }
    }
}
