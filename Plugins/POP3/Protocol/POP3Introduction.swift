import Posthorn
import PosthornNet

/// The beginning of a session (RFC 1939 section 4, RFC 2595 section 4): greeting, STLS, CAPA. No I/O: replies in, steps
/// out.
///
/// With STLS nothing that came before the handshake survives it, and every way of not getting TLS is an error before a
/// credential leaves. STLS is sent without asking for capabilities first: the answer tells as much.
struct POP3Introduction {
    /// What is to be done next.
    enum Step {
        /// Send this command line (without CRLF), then bring the reply.
        case send(String)
        /// Do the TLS handshake, then call ``encrypted()``. No octet may be left unread.
        case startTLS
        /// Send CAPA, then bring the reply and, if it is positive, its lines.
        case askCapabilities
        /// The sign-in can begin.
        case established(POP3Capabilities)
        case failed(MailError)
    }

    private enum State { case greeting, startTLS, handshake, capabilities, ended }

    private let usesSTLS: Bool
    private let server: String
    private var state = State.greeting
    /// The timestamp of the greeting with its angle brackets, for APOP (RFC 1939 section 7).
    private(set) var timestamp: [UInt8]?

    /// - Parameters:
    ///   - usesSTLS: whether TLS must be begun.
    ///   - server: host and port, for errors.
    init(usesSTLS: Bool, server: String) {
        self.usesSTLS = usesSTLS
        self.server = server
    }

    /// Takes the next reply; the first is the greeting.
    mutating func received(_ reply: POP3Reply) -> Step {
        switch state {
        case .greeting: receivedGreeting(reply)
        case .startTLS: receivedStartTLS(reply)
        case .capabilities, .handshake, .ended: fail(violation(reply, "nothing that was asked"))
        }
    }

    /// TLS is active now.
    mutating func encrypted() -> Step {
        guard state == .handshake else {
            return fail(MailError(.misuse, "TLS began on \(server) without having been asked for"))
        }
        state = .capabilities
        return .askCapabilities
    }

    /// Takes the reply to CAPA, and its lines if it is positive. Servers that do not know it are good servers, too.
    mutating func received(_ reply: POP3Reply, capabilities lines: [[UInt8]]) -> Step {
        guard state == .capabilities, reply.status != .challenge else { return fail(violation(reply, "CAPA")) }
        state = .ended
        return .established(reply.isPositive ? POP3Capabilities(lines: lines) : POP3Capabilities())
    }

    private mutating func receivedGreeting(_ reply: POP3Reply) -> Step {
        guard reply.isPositive else {
            guard reply.status == .error else { return fail(violation(reply, "the connection")) }
            return fail(.refusal(reply, by: server, of: "this client", fallback: .unavailable))
        }
        timestamp = Self.timestamp(in: reply.text)
        guard usesSTLS else {
            state = .capabilities
            return .askCapabilities
        }
        state = .startTLS
        return .send("STLS")
    }

    private mutating func receivedStartTLS(_ reply: POP3Reply) -> Step {
        guard reply.isPositive else {
            return fail(
                MailError(
                    .encryptionUnavailable,
                    "\(server) gives no encryption: it answered STLS with '\(reply.value)'; nothing was sent. If the "
                        + "server speaks TLS from the start, set `security: tls` (usually port 995); otherwise somebody "
                        + "between may be removing it",
                    reply: reply.value
                )
            )
        }
        state = .handshake
        // What was said in the clear may be anybody's.
        timestamp = nil
        return .startTLS
    }

    /// What stands in angle brackets, as a message identifier (RFC 822) does: nothing else is fit to be hashed.
    private static func timestamp(in text: [UInt8]) -> [UInt8]? {
        guard let start = text.lastIndex(of: UInt8(ascii: "<")),
            let end = text[start...].firstIndex(of: UInt8(ascii: ">")), end - start < 256
        else { return nil }
        let stamp = text[start...end]
        guard stamp.contains(UInt8(ascii: "@")), stamp.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return nil }
        return Array(stamp)
    }

    private mutating func fail(_ error: MailError) -> Step {
        state = .ended
        return .failed(error)
    }

    private func violation(_ reply: POP3Reply, _ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "\(server) answered '\(reply.value)' to \(what), which POP3 does not allow there; check host and port"
        )
    }
}
