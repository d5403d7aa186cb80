import NIOCore
import PosthornTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Carries octets between a channel, the TLS engine and the conversation. Lives on one event loop.
final class ServerHandler<Session: ServerSession, Connection: ServerConnectionRecord>: ChannelInboundHandler
where Connection.Fault == Session.Fault {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is to be done, in order.
    enum Work {
        case step(Session.Step)
        /// Octets for the wire as they are.
        case wire([UInt8])
    }

    let settings: ServerSettings
    let tls: TLSServerContext?
    let number: Int
    let record: Watched<ServerRecord<Connection, Session.Event>>
    var session: Session
    var engine: TLSEngine?
    /// How the handshake goes, and whether it is still to be reported to the conversation.
    var handshake = ServerHandshake()
    var awaitsHandshake = false
    var ciphertextSent = 0
    /// Whether the connection ends, has fallen silent or is gone: nothing is sent or obeyed any more.
    private(set) var isClosing = false
    /// Whether the client is gone: what it has sent is still obeyed, and nothing is sent any more.
    private(set) var isGone = false

    private let isOneTooMany: Bool
    private var work: [Work] = []
    private var nextWork = 0
    private var isWaiting = false
    private var isWorking = false
    /// What is to be sent with the next flush.
    private var outgoing: [UInt8] = []
    /// What came while the server waited, or had more to say than the client takes; and how much of that is enough.
    private var inbox: [ByteBuffer] = []
    private static var fullInbox: Int { 16 }
    private var isReadingPaused = false
    /// How many pieces of long replies are sent before other connections have their turn.
    private static var piecesAtOnce: Int { 16 }
    private var isToGoOn = false
    private var idleTimer: Scheduled<Void>?
    private var idleSince = NIODeadline.now()
    private var idleUntil = NIODeadline.distantFuture

    init(
        _ settings: ServerSettings,
        _ record: Watched<ServerRecord<Connection, Session.Event>>,
        _ tls: TLSServerContext?,
        _ makeSession: (Int) -> Session
    ) {
        self.settings = settings
        self.record = record
        self.tls = tls
        let (number, open) = record.change { record -> (Int, Int) in
            let number = record.connections.count + 1
            record.connections.append(Connection(number: number))
            record.open += 1
            return (number, record.open)
        }
        self.number = number
        isOneTooMany = open > settings.connections
        session = makeSession(number)
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !isOneTooMany else {
            return perform([.send(Array(settings.refusal.utf8)), .end(.close)], context)
        }
        let owner = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        session.setAlarm {
            owner.eventLoop.execute {
                let (handler, context) = owner.value
                if !handler.isClosing, !handler.isGone { handler.perform(handler.session.woken(), context) }
            }
        }
        perform(session.begin(encryption: nil), context)
        noteActivity(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleTimer?.cancel()
        isGone = true
        isWaiting = false
        work(context)
        session.disconnected()
        record.change { record in
            record.open -= 1
            record.update(number) { $0.isClosed = true }
        }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        inbox.append(unwrapInboundIn(data))
        work(context)
        if !isClosing, inbox.count >= Self.fullInbox, !isReadingPaused { pauseReading(true, context) }
        noteActivity(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        work(context)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Work

    func perform(_ steps: [Session.Step], _ context: ChannelHandlerContext) {
        for step in steps { work.append(.step(step)) }
        work(context)
    }

    /// Puts a pause and an octet for the wire behind what is to be done already.
    func enqueue(_ octet: UInt8, after pause: Duration) {
        work.append(.step(.wait(pause)))
        work.append(.wire([octet]))
    }

    /// Does what is to be done, and then takes what has come, until there is nothing left or a pause begins.
    private func work(_ context: ChannelHandlerContext) {
        // What is done may find more to do: that comes behind it.
        guard !isWorking else { return }
        isWorking = true
        var pieces = 0
        while !isWaiting, !isClosing {
            if nextWork < work.count {
                let next = work[nextWork]
                nextWork += 1
                execute(next, context)
            } else {
                work.removeAll(keepingCapacity: true)
                nextWork = 0
                if session.hasMore {
                    // What the client does not take waits; once it is gone, nobody takes it any more.
                    flush(context)
                    guard !isGone, context.channel.isWritable else { break }
                    guard pieces < Self.piecesAtOnce else {
                        goOnLater(context)
                        break
                    }
                    pieces += 1
                    for step in session.more() { work.append(.step(step)) }
                } else {
                    guard !inbox.isEmpty else { break }
                    receive(inbox.removeFirst(), context)
                    if isReadingPaused, inbox.count < Self.fullInbox { pauseReading(false, context) }
                }
            }
        }
        isWorking = false
        if isClosing { (work, nextWork, inbox) = ([], 0, []) }
        flush(context)
    }

    /// A client that reads as fast as the server sends must not keep the event loop for itself.
    private func goOnLater(_ context: ChannelHandlerContext) {
        guard !isToGoOn else { return }
        isToGoOn = true
        context.eventLoop.assumeIsolated().execute { [weak self] in
            self?.isToGoOn = false
            self?.work(context)
        }
    }

    private func pauseReading(_ isPaused: Bool, _ context: ChannelHandlerContext) {
        isReadingPaused = isPaused
        _ = context.channel.setOption(.autoRead, value: !isPaused)
    }

    private func receive(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        if handshake.replacement != nil {
            replaceHandshake(context)
        } else if engine == nil {
            keep(Array(buffer.readableBytesView), isEncrypted: false)
            buffer.withUnsafeReadableBytes { perform(session.received($0), context) }
        } else {
            receiveCiphertext(buffer, context)
        }
    }

    private func execute(_ next: Work, _ context: ChannelHandlerContext) {
        switch next {
        case .wire(let octets): write(octets, context)
        case .step(.send(let octets)): send(octets, context)
        case .step(.wait(let duration)): wait(duration, context)
        case .step(.startTLS(let handshake)): startTLS(handshake, context)
        case .step(.end(let ending)): end(ending, context)
        case .step(.command(let line)): note { Self.note(line, in: &$0.commands) }
        case .step(.violation(let sentence)): note { Self.note(sentence, in: &$0.violations) }
        case .step(.fault(let fault)): note { if $0.faults.count < 100_000 { $0.faults.append(fault) } }
        case .step(.event(let event)): record.change { $0.events.append(event) }
        }
    }

    /// Changes what is remembered of the connection.
    func note(_ change: (inout Connection) -> Void) {
        record.change { $0.update(number, change) }
    }

    /// Keeps a line; a client that never stops does not fill the memory.
    private static func note(_ line: String, in lines: inout [String]) {
        if lines.count < 100_000 { lines.append(line.utf8.count <= 2_000 ? line : String(line.prefix(2_000))) }
    }

    private func wait(_ duration: Duration, _ context: ChannelHandlerContext) {
        guard !isGone else { return }
        isWaiting = true
        flush(context)
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { [weak self] in
            guard let self, self.isWaiting else { return }
            self.isWaiting = false
            self.work(context)
        }
    }

    private func send(_ octets: [UInt8], _ context: ChannelHandlerContext) {
        guard !isGone else { return }
        guard let engine else { return write(octets, context) }
        do throws(TLSError) { try engine.write(octets) } catch { return fail(error, context) }
        flushCiphertext(context)
    }

    /// Writes octets to the wire; they leave with the next flush.
    func write(_ octets: [UInt8], _ context: ChannelHandlerContext) {
        if outgoing.count > 64 * 1_024 { flush(context) }
        outgoing += octets
    }

    private func flush(_ context: ChannelHandlerContext) {
        guard !outgoing.isEmpty else { return }
        let octets = ByteBuffer(bytes: outgoing)
        // Before they are written: the channel may call back at once and want more.
        outgoing.removeAll(keepingCapacity: true)
        if !isGone { context.writeAndFlush(wrapOutboundOut(octets), promise: nil) }
    }

    // MARK: The end

    func end(_ ending: ServerEnding, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        if ending == .close {
            engine?.close()
            flushCiphertext(context)
        }
        isClosing = true
        guard !isGone else { return }
        flush(context)
        // Nothing that comes is kept any more, so it can be read.
        if isReadingPaused { pauseReading(false, context) }
        switch ending.value {
        case .silence: break
        case .stopReading: pauseReading(true, context)
        case .reset:
            // Closing a socket that does not linger sends a reset.
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            closeWhenSent(.all, context)
        case .cut: closeWhenSent(.all, context)
        case .close:
            // Closing a socket with unread octets is a reset too. So nothing more is sent, and what comes is read, until
            // the client has closed its side or a second is over.
            closeWhenSent(.output, context)
            // A client that neither reads nor goes is not waited for without end.
            let patience = TimeAmount(session.idleLimit) + .seconds(1)
            context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
        }
    }

    /// Closing drops what the socket has not taken yet: waits for it.
    private func closeWhenSent(_ mode: CloseMode, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            context.close(mode: mode, promise: nil)
            guard mode == .output else { return }
            context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
        }
    }

    // MARK: Records and time

    func keep(_ octets: [UInt8], isEncrypted: Bool) {
        guard settings.recordsOctets else { return }
        let limit = settings.keptPerConnection
        note { connection in
            if isEncrypted {
                connection.encryptedOctets += octets.prefix(max(0, limit - connection.encryptedOctets.count))
            } else {
                connection.clearOctets += octets.prefix(max(0, limit - connection.clearOctets.count))
            }
        }
    }

    /// Begins to wait for the client anew.
    private func noteActivity(_ context: ChannelHandlerContext) {
        idleSince = .now()
        scheduleIdleTimer(context)
    }

    /// A timer that would ring later than needed is replaced; one that rings too early sets itself anew.
    private func scheduleIdleTimer(_ context: ChannelHandlerContext) {
        let deadline = idleSince + TimeAmount(session.idleLimit)
        guard idleTimer == nil || deadline < idleUntil else { return }
        idleTimer?.cancel()
        idleUntil = deadline
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            guard let self, !self.isClosing, !self.isGone else { return }
            self.idleTimer = nil
            if self.isWaiting || self.session.hasMore { self.idleSince = .now() }
            if self.idleSince + TimeAmount(self.session.idleLimit) > .now() {
                self.scheduleIdleTimer(context)
            } else {
                self.perform(self.session.timedOut(), context)
            }
        }
    }
}
