import Posthorn
import PosthornNet

extension IMAPLine {
    /// Waits by IDLE (RFC 2177) until messages have arrived that were not listed, or the time is over.
    ///
    /// - Returns: whether the server has ended it by itself.
    func idle(for duration: Duration) async throws -> Bool {
        let tag = try await send(.idle)
        let end = Deadline(after: duration, for: "new messages", key: "timeouts.idle")
        let reply = timeouts.reply(to: "IDLE")
        // The server's permission first.
        permission: while true {
            switch try await next(reply) {
            case .response(.continuation): break permission
            case .response(.tagged(let other, let status)) where other == tag:
                guard status.kind == .ok else { throw refusal(status, "IDLE") }
                return true
            case .response(let response): try take(response) { _ in }
            default: throw violation("a message where permission to wait was expected")
            }
        }
        while mailbox?.hasArrivals != true {
            guard try await connection.waitForInput(deadline: end) else { break }
            guard case .response(let response) = try await next(timeouts.reply(to: "IDLE")) else {
                throw violation("a message while waiting")
            }
            if case .tagged(let other, let status) = response {
                guard other == tag else { throw violation("an answer to another command") }
                // Some servers end it themselves.
                guard status.kind == .ok else { throw refusal(status, "IDLE") }
                return true
            }
            try take(response) { _ in }
        }
        write(IMAPCommand.done)
        let status = try await finish(tag, "IDLE")
        guard status.kind == .ok else { throw refusal(status, "IDLE") }
        return false
    }
}
