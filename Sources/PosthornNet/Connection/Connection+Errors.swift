import NIOCore
package import Posthorn
import PosthornTLS

extension Connection {
    /// Ends the connection because of an error.
    func fail(_ error: MailError) -> MailError {
        link.abort()
        return error
    }

    func timedOut(_ limit: Deadline) -> MailError { limit.error(options.service, endpoint) }

    func cancelled() -> MailError { Self.cancelled(endpoint, options) }

    static func cancelled(_ endpoint: Endpoint, _ options: ConnectionOptions) -> MailError {
        MailError(
            .cancelled,
            "the work with the \(options.service) server \(endpoint) was cancelled",
            cause: CancellationError()
        )
    }

    func occupied() -> MailError {
        MailError(
            .misuse,
            "two tasks use one connection to \(endpoint) at once; let one task finish before another begins"
        )
    }

    func lost(truncated: TLSError? = nil) -> MailError {
        let (failure, wasCancelled) = link.state.withLock { ($0.failure, $0.wasCancelled) }
        // The channel may be gone before the wait that was cancelled has noticed.
        if wasCancelled { return cancelled() }
        let what: String
        if let error = failure as? IOError {
            what =
                "the connection to the \(options.service) server \(endpoint) broke (\(SystemError.text(error.errnoCode)))"
        } else {
            what = "the \(options.service) server \(endpoint) closed the connection before it had answered"
        }
        return MailError(
            .connectionLost,
            "\(what); try again later, and look into the server's log if it stays so",
            cause: failure ?? truncated
        )
    }

    func tooMuch(_ deadline: Deadline) -> MailError {
        MailError(
            .protocolViolation,
            "the server \(endpoint) sent more than \(options.replyLimit) octets where \(deadline.subject) was expected, "
                + "without an end; check that it is a \(options.service) server"
        )
    }

    func surplus(_ octets: Int) -> MailError {
        MailError(
            .protocolViolation,
            "the server \(endpoint) sent \(octets) octets of text before the encryption began, behind its reply to "
                + "STARTTLS; somebody may be tampering with the connection: nothing was sent, ask the server's operator"
        )
    }

    func tlsError(_ error: any Error, during phase: String) -> MailError {
        guard let error = error as? TLSError else {
            return (error as? MailError)
                ?? MailError(.tlsFailed, "\(phase) with \(endpoint) failed in TLS; try again later", cause: error)
        }
        return MailError(error.code == .truncated ? .connectionLost : .tlsFailed, error.message, cause: error)
    }
}

extension Deadline {
    /// The error of a limit that is reached.
    ///
    /// - Parameters:
    ///   - service: What the server is: `SMTP`.
    ///   - endpoint: The server.
    package func error(_ service: String, _ endpoint: Endpoint) -> MailError {
        MailError(
            .timedOut,
            "waited \(limitText) for \(subject) (\(service) server \(endpoint)) and it did not come; check that the "
                + "server works and is not blocked by a firewall, or raise '\(key)'"
        )
    }

    /// The instant on the clock of the event loops.
    var nio: NIODeadline? {
        guard let instant else { return nil }
        let left = ContinuousClock.now.duration(to: instant).components
        let seconds = max(-1, min(left.seconds, 1_000_000_000))
        return .now() + .seconds(seconds) + .nanoseconds(left.attoseconds / 1_000_000_000)
    }

    /// `30 s`, `1.5 s`
    var limitText: String { DurationText.text(limit) }
}

/// Durations as people and settings files write them.
enum DurationText {
    static func text(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = parts.attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 {
            if parts.seconds >= 120, parts.seconds % 60 == 0 { return "\(parts.seconds / 60) min" }
            return "\(parts.seconds) s"
        }
        if parts.seconds == 0 { return "\(milliseconds) ms" }
        let fraction = String(milliseconds + 1_000).dropFirst().reversed().drop { $0 == "0" }.reversed()
        return "\(parts.seconds).\(String(fraction)) s"
    }
}
