import Posthorn

/// The beginning of a session (RFC 5321 sections 3.1, 3.2; RFC 3207): greeting, EHLO, STARTTLS, EHLO again. No I/O:
/// replies in, steps out.
///
/// With STARTTLS nothing that came before the handshake survives it, and every way of not getting TLS is an error
/// before a credential or a message leaves.
struct SMTPIntroduction {
    /// What is to be done next.
    enum Step {
        /// Send this command line (without CRLF), then bring the reply.
        case send(String)
        /// Do the TLS handshake, then call ``encrypted()``. No octet may be left unread.
        case startTLS
        /// The session can be used.
        case established(SMTPCapabilities)
        case failed(MailError)
    }

    private enum State { case greeting, hello, helloAgain, plainHello, startTLS, handshake, ended }

    private let helloName: String
    private let isLMTP: Bool
    private let usesSTARTTLS: Bool
    private let server: String
    private var state = State.greeting

    /// - Parameters:
    ///   - helloName: this client's name, a domain or an address literal.
    ///   - usesSTARTTLS: whether TLS must be begun.
    ///   - server: host and port, for errors.
    init(helloName: String, isLMTP: Bool, usesSTARTTLS: Bool, server: String) {
        self.helloName = helloName
        self.isLMTP = isLMTP
        self.usesSTARTTLS = usesSTARTTLS
        self.server = server
    }

    /// Takes the next reply; the first is the greeting.
    mutating func received(_ reply: SMTPReply) -> Step {
        switch state {
        case .greeting: receivedGreeting(reply)
        case .hello: receivedHello(reply)
        case .helloAgain: receivedHelloAgain(reply)
        case .plainHello: receivedPlainHello(reply)
        case .startTLS: receivedStartTLS(reply)
        case .handshake, .ended: fail(violation(reply, "nothing that was asked"))
        }
    }

    /// TLS is active now: everything is asked again (RFC 3207 section 4.2).
    mutating func encrypted() -> Step {
        guard state == .handshake else {
            return fail(MailError(.misuse, "TLS began on \(server) without having been asked for"))
        }
        state = .helloAgain
        return .send(hello)
    }

    private var hello: String { (isLMTP ? "LHLO " : "EHLO ") + helloName }

    private mutating func receivedGreeting(_ reply: SMTPReply) -> Step {
        guard reply.code == 220 else {
            if reply.isTransient || reply.isPermanent {
                return fail(
                    MailError(
                        reply.isTransient ? .unavailable : .refused,
                        "\(server) does not accept this client: \(reply.value)"
                            + (reply.isTransient ? "; try again later" : "; ask the server's operator"),
                        reply: reply.value
                    )
                )
            }
            return fail(violation(reply, "the connection"))
        }
        state = .hello
        return .send(hello)
    }

    private mutating func receivedHello(_ reply: SMTPReply) -> Step {
        // 250 and nothing else: another 2yz (a second greeting, say) belongs to another command.
        guard reply.code == 250 else {
            guard reply.isTransient || reply.isPermanent else { return fail(violation(reply, "EHLO")) }
            if usesSTARTTLS { return fail(noEncryption("it refuses EHLO (\(reply.value))", reply)) }
            let isUnknownCommand = [500, 501, 502, 504, 550].contains(reply.code)
            guard isUnknownCommand, !isLMTP else { return fail(refused(reply, isLMTP ? "LHLO" : "EHLO")) }
            state = .plainHello
            return .send("HELO " + helloName)
        }
        let capabilities = SMTPCapabilities(reply: reply)
        guard usesSTARTTLS else { return establish(capabilities) }
        guard capabilities.offers("STARTTLS") else {
            return fail(noEncryption("it does not offer STARTTLS on this port", nil))
        }
        state = .startTLS
        return .send("STARTTLS")
    }

    private mutating func receivedPlainHello(_ reply: SMTPReply) -> Step {
        guard reply.code == 250 else {
            guard reply.isTransient || reply.isPermanent else { return fail(violation(reply, "HELO")) }
            return fail(refused(reply, "HELO"))
        }
        return establish(SMTPCapabilities())
    }

    private mutating func receivedStartTLS(_ reply: SMTPReply) -> Step {
        guard reply.code == 220 else {
            return fail(noEncryption("it answered STARTTLS with '\(reply.value)'", reply))
        }
        state = .handshake
        return .startTLS
    }

    private mutating func receivedHelloAgain(_ reply: SMTPReply) -> Step {
        guard reply.code == 250 else {
            guard reply.isTransient || reply.isPermanent else { return fail(violation(reply, "EHLO")) }
            return fail(refused(reply, isLMTP ? "LHLO" : "EHLO"))
        }
        return establish(SMTPCapabilities(reply: reply))
    }

    private mutating func establish(_ capabilities: SMTPCapabilities) -> Step {
        state = .ended
        return .established(capabilities)
    }

    private mutating func fail(_ error: MailError) -> Step {
        state = .ended
        return .failed(error)
    }

    private func noEncryption(_ why: String, _ reply: SMTPReply?) -> MailError {
        MailError(
            .encryptionUnavailable,
            "\(server) gives no encryption: \(why); nothing was sent. If the server speaks TLS from the start, set "
                + "`security: tls` (usually port 465); otherwise somebody between may be removing it",
            reply: reply?.value
        )
    }

    private func refused(_ reply: SMTPReply, _ command: String) -> MailError {
        MailError(
            reply.isTransient ? .unavailable : .refused,
            "\(server) refused \(command) \(helloName): \(reply.value)"
                + (reply.isTransient ? "; try again later" : "; perhaps `hello-name` must be set"),
            reply: reply.value
        )
    }

    private func violation(_ reply: SMTPReply, _ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "\(server) answered '\(reply.value)' to \(what), which SMTP does not allow there; check host and port"
        )
    }
}
