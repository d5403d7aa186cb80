import Posthorn
import PosthornNet

extension IMAPLine {
    /// Greeting, STARTTLS and CAPABILITY as the settings say.
    ///
    /// - Parameter onGreeting: hears the greeting, for diagnosis.
    /// - Returns: whether somebody is signed in already (PREAUTH).
    func introduce(_ settings: IMAPSettings, onGreeting: ((IMAPStatus) -> Void)? = nil) async throws -> Bool {
        ignoredCapabilities = settings.ignoredCapabilities
        var introduction = IMAPIntroduction(
            usesSTARTTLS: settings.net.security == .startTLS,
            isEncrypted: connection.isEncrypted,
            server: server
        )
        let greeting = try await greeting(settings)
        onGreeting?(greeting)
        var step = introduction.greeted(greeting)
        while true {
            switch step {
            case .startTLSCommand:
                let tag = try await send(.startTLS)
                step = introduction.answeredSTARTTLS(try await finish(tag, "STARTTLS"))
            case .startTLS:
                try await startTLS()
                step = introduction.encrypted()
            case .askCapabilities: step = introduction.announced(try await askCapabilities())
            case .established(let announced, let isSignedIn):
                capabilities = announced
                capabilities.ignore(ignoredCapabilities)
                encoding.literals = capabilities.literals
                return isSignedIn
            case .failed(let error): throw error
            }
        }
    }

    /// The words that the server announces now.
    func askCapabilities() async throws -> [String] {
        var words: [String] = []
        try await run(.capability) { response in
            if case .capabilities(let announced) = response { words = announced }
        }
        return words
    }

    private func greeting(_ settings: IMAPSettings) async throws -> IMAPStatus {
        let deadline = Deadline(after: timeouts.greeting, for: "the server's greeting", key: "timeouts.reply")
        do {
            guard case .response(.greeting(let status)) = try await next(deadline) else {
                throw violation("no greeting")
            }
            return status
        } catch var error as MailError where error.code == .timedOut && settings.net.security != .tls {
            // Each side waits for the other's first word: the commonest mistake in settings there is.
            error.message += "; a server that says nothing may expect TLS from the start: then use `security: tls`"
            throw error
        }
    }

    /// Signs in, and learns what the server can do for whoever is signed in.
    ///
    /// - Returns: how: a SASL mechanism, or `LOGIN`.
    func signIn(_ credentials: SASLCredentials, _ settings: IMAPSettings) async throws -> String {
        let connection = connection
        var signIn = IMAPSignIn(capabilities: capabilities, credentials: credentials, server: server) { offered in
            SASLNegotiator(
                offered: offered,
                allowed: settings.net.mechanisms,
                credentials: credentials,
                connection: connection
            )
        }
        hide(credentials.secrets, visible: credentials.username)
        connection.withTranscript { $0.beginSignIn(masking: credentials.secrets) }
        defer { connection.withTranscript { $0.endSignIn() } }
        let before = capabilities
        var isAnnounced = false
        var step = signIn.start()
        while true {
            switch step {
            case .command(let command):
                isAnnounced = false
                // LOGIN may need permission for a literal, and be refused right there.
                let tag = try await send(command, refused: { signIn.refused($0) })
                step = try await dialogue(tag, &signIn, &isAnnounced)
            case .signedIn:
                // What was announced before the sign-in may be less.
                if !isAnnounced {
                    capabilities = before
                    announced(try await askCapabilities())
                }
                return signIn.mechanism
            case .failed(let error): throw error
            case .line: throw MailError(.misuse, "the sign-in at \(server) answered a question that was not asked")
            }
        }
    }

    /// Challenges and responses up to the tagged answer.
    private func dialogue(
        _ tag: String,
        _ signIn: inout IMAPSignIn,
        _ isAnnounced: inout Bool
    ) async throws -> IMAPSignIn.Step {
        var deadline = timeouts.reply(to: "the sign-in")
        while true {
            let event = try await next(deadline)
            guard case .response(let response) = event else { throw violation("a message during the sign-in") }
            switch response {
            case .continuation(let challenge):
                switch signIn.challenged(challenge.text) {
                case .line(let text):
                    write(text)
                    deadline = timeouts.reply(to: "the sign-in")
                case .failed(let error): return .failed(error)
                case let other: return other
                }
            case .tagged(let other, let status):
                guard other == tag else { throw violation("an answer to another command") }
                if case .capability(let words)? = status.code {
                    announced(words)
                    isAnnounced = true
                }
                return signIn.answered(status)
            case .capabilities:
                isAnnounced = true
                try take(response) { _ in }
            default: try take(response) { _ in }
            }
        }
    }

    /// Switches on what changes how the server speaks: UTF-8 names, modification sequences.
    func enable() async throws {
        guard capabilities.hasENABLE else { return }
        var words: [String] = []
        if capabilities.isRev2, capabilities.offers("IMAP4REV1") { words.append("IMAP4rev2") }
        if capabilities.offers("UTF8=ACCEPT") || capabilities.offers("UTF8=ONLY") { words.append("UTF8=ACCEPT") }
        guard !words.isEmpty else {
            // A server of IMAP4rev2 alone speaks UTF-8 from the start.
            encoding.isUTF8 = capabilities.isRev2
            return
        }
        var enabled: Set<String> = []
        let tag = try await send(.enable(words))
        let status = try await finish(tag, "ENABLE") { response in
            if case .enabled(let words) = response { enabled.formUnion(words.map { $0.uppercased() }) }
        }
        // A server that refuses goes on as before.
        guard status.kind == .ok else { return }
        encoding.isUTF8 = enabled.contains("UTF8=ACCEPT") || enabled.contains("IMAP4REV2")
    }

    func write(_ text: WireText) {
        hide(text)
        connection.write(text)
    }
}
