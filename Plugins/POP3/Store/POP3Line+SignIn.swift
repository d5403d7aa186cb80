import Posthorn
import PosthornNet

extension POP3Line {
    /// Greeting, STLS and CAPA as the settings say.
    ///
    /// - Parameter onGreeting: hears the greeting, for diagnosis.
    /// - Returns: the timestamp of the greeting, for APOP.
    func introduce(_ settings: POP3Settings, onGreeting: ((POP3Reply) -> Void)? = nil) async throws -> [UInt8]? {
        var introduction = POP3Introduction(usesSTLS: settings.net.security == .startTLS, server: server)
        let greeting = try await greeting(settings)
        onGreeting?(greeting)
        var step = introduction.received(greeting)
        while true {
            switch step {
            case .send(let command): step = introduction.received(try await ask(.line(command), about: command))
            case .startTLS:
                try await startTLS()
                step = introduction.encrypted()
            case .askCapabilities:
                let reply = try await ask(.line("CAPA"), about: "CAPA")
                var lines: [[UInt8]] = []
                if reply.isPositive { lines = try await words(of: "CAPA") }
                step = introduction.received(reply, capabilities: lines)
            case .established(var announced):
                announced.ignore(settings.ignoredCapabilities)
                capabilities = announced
                return introduction.timestamp
            case .failed(let error): throw error
            }
        }
    }

    /// The lines of a short list, at most 1,000.
    func words(of subject: String) async throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try await readList(.words, of: subject) { line throws(MailError) in
            if lines.count < 1_000 { lines.append(Array(line)) }
        }
        if connection.isTranscribed {
            let heard = lines
            connection.withTranscript { transcript in
                for line in heard { transcript.received(line) }
            }
        }
        return lines
    }

    private func greeting(_ settings: POP3Settings) async throws -> POP3Reply {
        let deadline = Deadline(after: timeouts.greeting, for: "the server's greeting", key: "timeouts.reply")
        do {
            return try await nextReply(deadline)
        } catch var error as MailError where error.code == .timedOut && settings.net.security != .tls {
            // Each side waits for the other's first word: the commonest mistake in settings there is.
            error.message += "; a server that says nothing may expect TLS from the start: then use `security: tls`"
            throw error
        }
    }

    /// Signs in.
    ///
    /// UTF8 and LANG (RFC 6856) go with it in the same flight where the server takes that.
    ///
    /// - Returns: how: a SASL mechanism, `USER` or `APOP`.
    func signIn(_ credentials: SASLCredentials, _ settings: POP3Settings, timestamp: [UInt8]?) async throws -> String {
        try await sayPreferences(settings)
        let connection = connection
        var signIn = POP3SignIn(
            capabilities: capabilities,
            credentials: credentials,
            apop: settings.usesAPOP ? POP3SignIn.APOP(timestamp: timestamp) : nil,
            server: server
        ) { offered in
            SASLNegotiator(
                offered: offered,
                allowed: settings.net.mechanisms,
                credentials: credentials,
                connection: connection
            )
        }
        hide(credentials.secrets, visible: credentials.username)
        connection.withTranscript { $0.beginSignIn(masking: credentials.secrets) }
        isSigningIn = true
        defer {
            isSigningIn = false
            connection.withTranscript { $0.endSignIn() }
        }
        var step = signIn.start()
        while true {
            switch step {
            case .send(let line): step = signIn.received(try await ask(line, about: "the sign-in"))
            case .signedIn: return signIn.mechanism
            case .failed(let error): throw error
            }
        }
    }

    /// What the server makes of these changes nothing for the worse.
    private func sayPreferences(_ settings: POP3Settings) async throws {
        var commands: [String] = []
        if capabilities.offers("UTF8") { commands.append("UTF8") }
        if let language = settings.language, capabilities.offers("LANG") { commands.append("LANG \(language)") }
        for command in commands {
            if capabilities.offers("PIPELINING") {
                writeUnheard(command)
            } else {
                _ = try await ask(.line(command), about: command)
            }
        }
    }
}
