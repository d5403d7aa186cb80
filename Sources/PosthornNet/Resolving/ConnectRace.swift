import NIOCore
import NIOPosix

/// Connects to whichever address of a host answers first (RFC 8305), within a limit, and can be cancelled.
///
/// `@unchecked`: all variables are used on `loop` alone.
final class ConnectRace: @unchecked Sendable {
    /// How a race failed; the connector makes a sentence of it.
    enum Failure: Error {
        case cancelled
        case timedOut(isResolving: Bool)
        case notResolved(any Error)
        case noAddress
        case refused([(address: SocketAddress, error: any Error)])
    }

    /// What came of a race.
    struct Outcome {
        let link: Link
        /// What the name was resolved to, in the order of the attempts.
        let addresses: [SocketAddress]
        let resolveDuration: Duration
    }

    private let loop: any EventLoop
    private let target: Endpoint
    private let options: ConnectionOptions
    private let limit: NIODeadline?

    private var continuation: CheckedContinuation<Outcome, any Error>?
    private var outcome: Result<Outcome, any Error>?
    private var waiting: [SocketAddress] = []
    private var isResolving = true
    private let started = ContinuousClock.now
    private var addresses: [SocketAddress] = []
    private var resolveDuration = Duration.zero
    private var channels: [ObjectIdentifier: any Channel] = [:]
    private var running = 0
    private var failures: [(address: SocketAddress, error: any Error)] = []
    private var timers: [Scheduled<Void>] = []

    init(to target: Endpoint, options: ConnectionOptions, limit: NIODeadline?) {
        loop = MultiThreadedEventLoopGroup.singleton.next()
        self.target = target
        self.options = options
        self.limit = limit
    }

    /// Runs the race. Cancellation of the task ends it at once; nothing is left open.
    func run() async throws -> Outcome {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.execute { self.begin(continuation) }
            }
        } onCancel: {
            loop.execute { self.finish(.failure(Failure.cancelled)) }
        }
    }

    private func begin(_ continuation: CheckedContinuation<Outcome, any Error>) {
        if let outcome {
            continuation.resume(with: outcome)
            return
        }
        self.continuation = continuation
        if let limit {
            timers.append(
                loop.scheduleTask(deadline: limit) {
                    self.finish(.failure(Failure.timedOut(isResolving: self.isResolving)))
                }
            )
        }
        resolve()
    }

    private func resolve() {
        let (host, port) = (target.host, target.port)
        if let resolver = options.resolver {
            Task {
                do {
                    let found = try NameResolver.addresses(try await resolver(host), port: port)
                    self.loop.execute { self.resolved(.success(found)) }
                } catch {
                    self.loop.execute { self.resolved(.failure(error)) }
                }
            }
        } else if IPAddress(host) != nil, !host.contains("%"),
            let address = try? SocketAddress(ipAddress: host, port: port)
        {
            resolved(.success([address]))
        } else {
            NameResolver.resolve(host, port: port) { result in
                self.loop.execute { self.resolved(result) }
            }
        }
    }

    private func resolved(_ result: Result<[SocketAddress], any Error>) {
        guard outcome == nil else { return }
        isResolving = false
        resolveDuration = started.duration(to: .now)
        switch result {
        case .failure(let error):
            finish(.failure(Failure.notResolved(error)))
        case .success(let addresses):
            waiting = NameResolver.interleaved(addresses)
            self.addresses = waiting
            if waiting.isEmpty { finish(.failure(Failure.noAddress)) } else { attempt() }
        }
    }

    /// Tries the next address, and the one after it when the time has come.
    private func attempt() {
        guard outcome == nil, !waiting.isEmpty else { return }
        let address = waiting.removeFirst()
        running += 1
        bootstrap().connect(to: address).whenComplete { result in self.attempted(address, result) }
        guard !waiting.isEmpty else { return }
        let left = waiting.count
        let parts = options.attemptDelay.components
        let delay = TimeAmount.seconds(max(0, min(parts.seconds, 60))) + .nanoseconds(parts.attoseconds / 1_000_000_000)
        timers.append(
            loop.scheduleTask(in: delay) {
                // An attempt that failed has started the next one already.
                if self.waiting.count == left { self.attempt() }
            }
        )
    }

    private func bootstrap() -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 65_536, maximum: 262_144)
            )
            // The race has a limit of its own; this one must only be longer.
            .connectTimeout(.hours(24))
            .channelInitializer { channel in
                channel.eventLoop.assertInEventLoop()
                self.channels[ObjectIdentifier(channel)] = channel
                return channel.eventLoop.makeSucceededVoidFuture()
            }
    }

    private func attempted(_ address: SocketAddress, _ result: Result<any Channel, any Error>) {
        running -= 1
        switch result {
        case .success(let channel):
            guard outcome == nil else { return channel.close(promise: nil) }
            channels[ObjectIdentifier(channel)] = nil
            let link = Link(channel: channel)
            do {
                // At once: the channel reads nothing before, and nothing that comes may be lost.
                try channel.pipeline.syncOperations.addHandler(LinkHandler(link))
                finish(.success(Outcome(link: link, addresses: addresses, resolveDuration: resolveDuration)))
            } catch {
                channel.close(promise: nil)
                finish(.failure(error))
            }
        case .failure(let error):
            guard outcome == nil else { return }
            failures.append((address, error))
            if !waiting.isEmpty {
                attempt()
            } else if running == 0 {
                finish(.failure(Failure.refused(failures)))
            }
        }
    }

    private func finish(_ result: Result<Outcome, any Error>) {
        guard outcome == nil else { return }
        outcome = result
        waiting = []
        for timer in timers { timer.cancel() }
        timers = []
        for channel in channels.values { channel.close(promise: nil) }
        channels = [:]
        continuation?.resume(with: result)
        continuation = nil
    }
}
