@testable import Posthorn
@testable import PosthornNet
@testable import PosthornSMTP

/// The introduction and the sign-in, as a session does them.
struct ConversationBeginning {
    private let plan: ConversationPlan
    private(set) var voice: ServerVoice
    private(set) var mask = SecretMask()
    private(set) var log: [String] = []
    private var parser = SMTPReplyParser()
    private var isEncrypted: Bool
    /// What the server can echo; `nil` before it was told anything.
    private var echo: SignInEcho?
    private var isSigningIn = false

    init(_ plan: ConversationPlan, _ voice: ServerVoice) {
        self.plan = plan
        self.voice = voice
        isEncrypted = plan.isEncrypted
    }

    /// - Returns: what the server announced, if messages may be sent now.
    mutating func run() throws(FuzzFailure) -> SMTPCapabilities? {
        do {
            var capabilities = SMTPCapabilities()
            if !plan.skipsIntroduction { capabilities = try introduce() }
            if !plan.skipsSignIn { try signIn(capabilities) }
            return capabilities
        } catch let failure as FuzzFailure {
            throw failure
        } catch let error as MailError {
            log.append(error.message)
            try FuzzFailure.unless(error.certainty == .notTaken, "before any message: \(error.debugDescription)")
            try ConversationFuzz.check(error, plan)
            return nil
        } catch {
            throw FuzzFailure("an error that is no MailError: \(error)")
        }
    }

    private mutating func reply() throws -> SMTPReply {
        while true {
            if let reply = try parser.next(from: &voice.buffer) {
                return isSigningIn && reply.code == 334 ? reply : mask.masked(reply)
            }
            guard voice.speak(echo) else { throw MailError(.connectionLost, "the connection broke") }
        }
    }

    private mutating func introduce() throws -> SMTPCapabilities {
        var introduction = SMTPIntroduction(
            helloName: "[127.0.0.1]",
            isLMTP: plan.isLMTP,
            usesSTARTTLS: plan.usesSTARTTLS,
            server: plan.endpoint.description
        )
        var step = introduction.received(try reply())
        // Greeting, EHLO or LHLO, HELO or STARTTLS, EHLO again.
        for _ in 0..<5 {
            switch step {
            case .send(let line):
                log.append(line)
                step = introduction.received(try reply())
            case .startTLS:
                parser = SMTPReplyParser()
                isEncrypted = true
                step = introduction.encrypted()
            case .established(let capabilities):
                try FuzzFailure.unless(isEncrypted || !plan.usesSTARTTLS, "the session goes on without TLS")
                return capabilities
            case .failed(let error): throw error
            }
        }
        throw FuzzFailure("the introduction does not end")
    }

    private mutating func signIn(_ announced: SMTPCapabilities) throws {
        let negotiator = SASLNegotiator(
            offered: plan.skipsIntroduction ? SASLNegotiator.known : announced.mechanisms,
            allowed: plan.mechanisms,
            credentials: plan.credentials,
            endpoint: plan.endpoint,
            isEncrypted: isEncrypted,
            security: .none,
            bindings: plan.hasBindings ? ChannelBindings(exporter: Array("of this connection".utf8)) : nil
        )
        var authentication = SMTPAuthentication(
            negotiator: negotiator,
            credentials: plan.credentials,
            server: plan.endpoint.description
        )
        isSigningIn = true
        defer { isSigningIn = false }
        echo = SignInEcho(plan)
        var step = authentication.start()
        // Each mechanism once, the challenges of one of them, and the end.
        for _ in 0..<(SASLNegotiator.known.count + SASLExchange.roundLimit + 3) {
            switch step {
            case .send(let line):
                mask = authentication.mask
                parser.mask = mask
                echo?.heard(line)
                try ConversationFuzz.check(line.transcript, plan)
                log.append(line.transcript)
                step = authentication.received(try reply())
            case .signedIn:
                log.append("signed in by \(authentication.mechanism)")
                return
            case .failed(let error): throw error
            }
        }
        throw FuzzFailure("the sign-in does not end")
    }
}
