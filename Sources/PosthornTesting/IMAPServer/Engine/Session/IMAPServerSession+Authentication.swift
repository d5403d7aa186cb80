import PosthornTLS

extension IMAPServerSession {
    private var isSafe: Bool { configuration.security != .startTLS || encryption != nil }

    /// Whether LOGIN is possible: not before STARTTLS.
    var mayLogIn: Bool { isSafe && !configuration.disablesLogin && !configuration.users.isEmpty }

    /// The mechanisms that can be used now.
    var offeredMechanisms: [String] {
        guard isSafe else { return [] }
        return SASLServerExchange.usable(
            configuration.mechanisms,
            hasAccounts: !configuration.users.isEmpty,
            encryption: encryption
        )
    }

    mutating func logIn(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        let name = try arguments.text()
        try arguments.space()
        let password = try arguments.astring()
        try arguments.end()
        guard mayLogIn else {
            violation("LOGIN although it is not possible now")
            return finish(.no, "[PRIVACYREQUIRED] not without encryption")
        }
        guard let expected = configuration.users[name],
            TLSCrypto.constantTimeEqual(Array(expected.utf8), password)
        else { return refuseSignIn() }
        signedIn(name)
    }

    mutating func authenticate(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        let name = try arguments.atom().uppercased()
        let initial: String? = arguments.take(" ") ? arguments.word { $0 > 32 && $0 < 127 } : nil
        try arguments.end()
        let mechanisms = offeredMechanisms
        guard mechanisms.contains(name) else {
            violation("AUTHENTICATE with a mechanism that is not offered")
            return finish(.no, isSafe ? "the mechanism is not known" : "[PRIVACYREQUIRED] not without encryption")
        }
        let context = SASLServerExchange.Context(
            users: configuration.users,
            hostName: configuration.hostName,
            encryption: encryption,
            offersChannelBinding: mechanisms.contains("SCRAM-SHA-256-PLUS")
        )
        do throws(TLSError) {
            guard var exchange = try SASLServerExchange(mechanism: name, context: context) else {
                return finish(.no, "the mechanism is not known")
            }
            guard let initial else { return challenge(exchange.firstChallenge, exchange) }
            guard has(.saslIR) || has(.imap4rev2) else {
                violation("an initial response, which was not offered")
                return finish(.bad, "AUTHENTICATE takes a mechanism and nothing else")
            }
            guard !exchange.isServerFirst else {
                violation("an initial response with a mechanism in which the server speaks first")
                return finish(.bad, "the mechanism has no initial response")
            }
            // RFC 4959 section 3: "=" is the empty response.
            takeResponse(initial == "=" ? [] : Array(initial.utf8), &exchange)
        } catch {
            finish(.no, "[UNAVAILABLE] signing in is not possible now")
        }
    }

    /// Takes a line of a sign-in.
    mutating func takeResponse(_ line: [UInt8], _ exchange: inout SASLServerExchange) {
        if line == [UInt8(ascii: "*")] { return finish(.bad, "sign-in cancelled") }
        guard let response = Base64Text.decode(line) else {
            violation("a response of a sign-in is not base64")
            return finish(.bad, "the response is not base64")
        }
        do throws(TLSError) {
            switch try exchange.respond(response) {
            case .challenge(let octets): challenge(octets, exchange)
            case .success(let user): signedIn(user)
            case .malformed:
                violation("a response of a sign-in is not well formed")
                finish(.bad, "the response is not well formed")
            case .failure: refuseSignIn()
            }
        } catch {
            finish(.no, "[UNAVAILABLE] signing in is not possible now")
        }
    }

    private mutating func challenge(_ octets: [UInt8], _ exchange: SASLServerExchange) {
        phase = .authentication(exchange)
        reply(ServerOutput(Array("+ ".utf8) + Base64Text.encode(octets) + [13, 10]))
    }

    private mutating func signedIn(_ user: String) {
        self.user = user
        finish(.ok, (configuration.tellsCapabilities ? "[CAPABILITY \(capabilities)] " : "") + "signed in")
    }

    private mutating func refuseSignIn() {
        failedSignIns += 1
        finish(.no, "[AUTHENTICATIONFAILED] user name or password is wrong")
        if failedSignIns >= configuration.limits.failedSignIns { end() }
    }
}
