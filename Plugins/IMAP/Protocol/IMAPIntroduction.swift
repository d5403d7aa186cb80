import Posthorn
import PosthornNet

/// The beginning of a session (RFC 9051 sections 3, 6.2.1 and 11): greeting, STARTTLS, CAPABILITY. No I/O: what the server
/// says in, steps out.
///
/// With STARTTLS nothing that came before the handshake survives it, and every way of not getting TLS is an error before a
/// credential leaves: also PREAUTH, which would make STARTTLS impossible (RFC 3501 section 6.2.1, CVE-2020-12398 and its
/// kind).
struct IMAPIntroduction {
    /// What is to be done next.
    enum Step {
        case startTLSCommand
        /// Do the TLS handshake, then call ``encrypted()``. No octet may be left unread.
        case startTLS
        case askCapabilities
        /// The sign-in can begin, or is done already (PREAUTH).
        case established(IMAPCapabilities, isSignedIn: Bool)
        case failed(MailError)
    }

    private enum State { case greeting, startTLS, handshake, capabilities, ended }

    private let usesSTARTTLS: Bool
    private let isEncrypted: Bool
    private let server: String
    private var state = State.greeting
    private var isSignedIn = false

    /// - Parameters:
    ///   - usesSTARTTLS: whether TLS must be begun.
    ///   - isEncrypted: whether TLS is active already.
    init(usesSTARTTLS: Bool, isEncrypted: Bool, server: String) {
        self.usesSTARTTLS = usesSTARTTLS
        self.isEncrypted = isEncrypted
        self.server = server
    }

    /// Takes the greeting.
    mutating func greeted(_ status: IMAPStatus) -> Step {
        guard state == .greeting else { return fail(.imapViolation(server, "a second greeting")) }
        switch status.kind {
        case .bye:
            return fail(.imapRefusal(status, by: server, of: "this client", fallback: .unavailable))
        case .preauth where usesSTARTTLS:
            return fail(
                MailError(
                    .encryptionUnavailable,
                    "\(server) says that somebody is signed in already (PREAUTH), so that no encryption can begin; nothing was "
                        + "sent: use `security: tls`, or somebody between may be tampering with the connection"
                )
            )
        case .preauth, .ok:
            isSignedIn = status.kind == .preauth
            if usesSTARTTLS {
                state = .startTLS
                return .startTLSCommand
            }
            if case .capability(let words)? = status.code { return establish(IMAPCapabilities(words)) }
            state = .capabilities
            return .askCapabilities
        case .no, .bad:
            return fail(.imapViolation(server, "'\(PeerText.shown(status.text, limit: 200))' as a greeting"))
        }
    }

    /// Takes the answer to STARTTLS.
    mutating func answeredSTARTTLS(_ status: IMAPStatus) -> Step {
        guard state == .startTLS else { return fail(.imapViolation(server, "an answer that belongs to nothing")) }
        guard status.kind == .ok else {
            return fail(
                MailError(
                    .encryptionUnavailable,
                    "\(server) gives no encryption: it answered STARTTLS with '\(PeerText.shown(status.text, limit: 200))'; "
                        + "nothing was sent. If the server speaks TLS from the start, set `security: tls` (usually port 993); "
                        + "otherwise somebody between may be removing it",
                    reply: ServerReply(text: status.text)
                )
            )
        }
        state = .handshake
        return .startTLS
    }

    /// TLS is active now.
    mutating func encrypted() -> Step {
        guard state == .handshake else {
            return fail(MailError(.misuse, "TLS began on \(server) without having been asked for"))
        }
        state = .capabilities
        return .askCapabilities
    }

    /// Takes what the server announced.
    mutating func announced(_ words: [String]) -> Step {
        guard state == .capabilities else { return fail(.imapViolation(server, "an answer that belongs to nothing")) }
        return establish(IMAPCapabilities(words))
    }

    private mutating func establish(_ capabilities: IMAPCapabilities) -> Step {
        guard capabilities.offers("IMAP4REV1") || capabilities.isRev2 else {
            return fail(
                MailError(
                    .unsupported,
                    "\(server) speaks neither IMAP4rev1 nor IMAP4rev2; use another server, or POP3"
                )
            )
        }
        state = .ended
        return .established(capabilities, isSignedIn: isSignedIn)
    }

    private mutating func fail(_ error: MailError) -> Step {
        state = .ended
        return .failed(error)
    }
}
