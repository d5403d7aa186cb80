import NIOCore
import NIOPosix
import Posthorn

/// Makes one connection: name, TCP, proxy, TLS.
struct Connector {
    let endpoint: Endpoint
    let options: ConnectionOptions

    /// What is connected to over TCP.
    private var target: Endpoint { options.proxy?.endpoint ?? endpoint }

    func connect() async throws -> Connection {
        guard (1...65_535).contains(endpoint.port), (1...65_535).contains(target.port) else {
            throw MailError(.misuse, "port \(endpoint.port) of \(endpoint.host) is not a port; use 1 to 65535")
        }
        let started = ContinuousClock.now
        let deadline = Deadline(after: options.timeouts.connect, for: "the connection", key: "timeouts.connect")
        let total = Deadline(after: options.timeouts.total, for: "the whole request", key: "timeouts.total")
        let outcome = try await race(deadline.earlier(total))
        let link = outcome.link
        var info = ConnectionInfo(endpoint: endpoint)
        info.localAddress = link.channel.localAddress?.ipAddress
        info.localPort = link.channel.localAddress?.port
        info.peerAddress = link.channel.remoteAddress?.ipAddress
        info.addresses = outcome.addresses.compactMap(\.ipAddress)
        info.resolveDuration = outcome.resolveDuration
        info.connectDuration = started.duration(to: .now)
        let connection = Connection(endpoint: endpoint, options: options, link: link, info: info, total: total)
        do {
            if connection.isTranscribed {
                connection.withTranscript {
                    $0.event("connected to \(target) (\(info.peerAddress ?? "unknown address"))")
                }
            }
            if let proxy = options.proxy {
                try await ProxyHandshake(proxy: proxy, connection: connection, deadline: deadline).run()
            }
            if options.security == .tls, !options.defersTLS { try await connection.startImplicitTLS() }
        } catch {
            connection.abort()
            throw error
        }
        return connection
    }

    private func race(_ deadline: Deadline) async throws -> ConnectRace.Outcome {
        do {
            return try await ConnectRace(to: target, options: options, limit: deadline.nio).run()
        } catch let failure as ConnectRace.Failure {
            throw error(failure, deadline)
        } catch let error as MailError {
            throw error
        } catch {
            throw MailError(.connectionFailed, "no connection to \(place) could be made: \(error)", cause: error)
        }
    }

    private var place: String {
        options.proxy == nil
            ? "the \(options.service) server \(target)"
            : "the proxy \(target) (for the \(options.service) server \(endpoint))"
    }

    private func error(_ failure: ConnectRace.Failure, _ deadline: Deadline) -> MailError {
        switch failure {
        case .cancelled:
            return Connection.cancelled(endpoint, options)
        case .timedOut(isResolving: true):
            return MailError(
                .timedOut,
                "the name \(target.host) was not resolved within \(deadline.limitText); check the name and this "
                    + "computer's network (DNS), or raise '\(deadline.key)'"
            )
        case .timedOut:
            return MailError(
                .timedOut,
                "\(place) did not take a connection within \(deadline.limitText); check host and port, and whether a "
                    + "firewall blocks them, or raise '\(deadline.key)'"
            )
        case .notResolved(let cause):
            if let known = cause as? MailError { return known }
            return MailError(
                .connectionFailed,
                "the name \(target.host) of \(place) cannot be resolved (\(cause)); check 'host' and this computer's "
                    + "network",
                cause: cause
            )
        case .noAddress:
            return MailError(.connectionFailed, "the name \(target.host) of \(place) has no address; check 'host'")
        case .refused(let attempts):
            let list = attempts.prefix(4).map { "\($0.address.ipAddress ?? "?"): \(Self.reason($0.error))" }
            return MailError(
                .connectionFailed,
                "\(place) cannot be reached (\(list.joined(separator: "; "))); check host and port, and whether the "
                    + "server runs",
                cause: attempts.first?.error
            )
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError: SystemError.text(error.errnoCode)
        case is ChannelError: "the attempt was given up"
        default: "\(error)"
        }
    }
}
