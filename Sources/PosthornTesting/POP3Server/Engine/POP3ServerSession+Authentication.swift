import PosthornTLS

extension POP3ServerSession {
    /// Whether a sign-in is offered: not before STLS.
    var maySignIn: Bool {
        !configuration.users.isEmpty && (configuration.security != .startTLS || encryption != nil)
    }

    /// The mechanisms that can be used now.
    var offeredMechanisms: [String] {
        guard configuration.security != .startTLS || encryption != nil else { return [] }
        return SASLServerExchange.usable(
            configuration.mechanisms,
            hasAccounts: !configuration.users.isEmpty,
            encryption: encryption
        )
    }

    /// USER, PASS, APOP and AUTH.
    mutating func signIn(_ verb: String, _ argument: String) {
        if configuration.security == .startTLS, encryption == nil {
            violation("the client tried to sign in without encryption")
            return refuse("say STLS first")
        }
        switch verb {
        case "USER":
            guard !argument.isEmpty else { return refuse("USER needs a name") }
            givenName = argument
            accept("and the password?")
        case "PASS": checkPassword(argument)
        case "APOP": checkDigest(argument)
        default: authenticate(argument)
        }
    }

    private mutating func checkPassword(_ password: String) {
        guard let name = givenName else {
            violation("PASS without USER")
            return refuse("say USER first")
        }
        givenName = nil
        guard let expected = configuration.users[name],
            TLSCrypto.constantTimeEqual(Array(expected.utf8), Array(password.utf8))
        else { return refuseSignIn() }
        open(name)
    }

    private mutating func checkDigest(_ argument: String) {
        let words = argument.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2 else {
            violation("APOP without a name and a digest")
            return refuse("APOP needs a name and a digest")
        }
        do throws(TLSError) {
            let password = configuration.users[String(words[0])]
            let digest = try HashAlgorithm.md5.hash(Array((timestamp + (password ?? "")).utf8))
            let digits = Array("0123456789abcdef".utf8)
            let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            guard password != nil, TLSCrypto.constantTimeEqual(text, Array(words[1].utf8)) else {
                return refuseSignIn()
            }
            open(String(words[0]))
        } catch {
            refuse("SYS/TEMP", "signing in is not possible now")
        }
    }

    private mutating func authenticate(_ argument: String) {
        let words = argument.split(separator: " ", omittingEmptySubsequences: false)
        guard let name = words.first?.uppercased(), !name.isEmpty, words.count <= 2 else {
            return refuse("AUTH needs a mechanism")
        }
        guard offeredMechanisms.contains(name) else { return refuse("the mechanism is not offered") }
        let context = SASLServerExchange.Context(
            users: configuration.users,
            hostName: configuration.hostName,
            encryption: encryption,
            offersChannelBinding: offeredMechanisms.contains("SCRAM-SHA-256-PLUS")
        )
        do throws(TLSError) {
            guard var exchange = try SASLServerExchange(mechanism: name, context: context) else {
                return refuse("the mechanism is not known")
            }
            guard words.count == 2 else { return challenge(exchange.firstChallenge, exchange) }
            guard configuration.takesInitialResponses else { return refuse("AUTH takes a mechanism and nothing else") }
            guard !exchange.isServerFirst else {
                violation("an initial response with a mechanism in which the server speaks first")
                return refuse("the mechanism has no initial response")
            }
            // RFC 5034 section 4: "=" is the empty response.
            takeResponse(words[1] == "=" ? [] : Array(words[1].utf8), &exchange)
        } catch {
            refuse("SYS/TEMP", "signing in is not possible now")
        }
    }

    /// Takes a line of a sign-in.
    mutating func takeResponse(_ line: [UInt8], _ exchange: inout SASLServerExchange) {
        if line == Array("*".utf8) { return refuse("sign-in cancelled") }
        guard let response = Base64Text.decode(line) else {
            violation("a response of a sign-in is not base64")
            return refuse("the response is not base64")
        }
        do throws(TLSError) {
            switch try exchange.respond(response) {
            case .challenge(let octets): challenge(octets, exchange)
            case .success(let user): open(user)
            case .malformed:
                violation("a response of a sign-in is not well formed")
                refuse("the response is not well formed")
            case .failure: refuseSignIn()
            }
        } catch {
            refuse("SYS/TEMP", "signing in is not possible now")
        }
    }

    private mutating func challenge(_ octets: [UInt8], _ exchange: SASLServerExchange) {
        phase = .authentication(exchange)
        reply(ServerOutput(Array("+ ".utf8) + Base64Text.encode(octets) + [13, 10]))
    }

    /// Opens the maildrop of a user who has proved to be the one.
    private mutating func open(_ user: String) {
        switch maildrops.open(user, for: connection, loginDelay: configuration.loginDelay) {
        case .inUse: refuse("IN-USE", "another session has the maildrop")
        case .tooEarly: refuse("LOGIN-DELAY", "too early after the last sign-in")
        case .opened(let entries, let session):
            maildrop = OpenMaildrop(user: user, session: session, entries: entries)
            phase = .transaction
            accept("the maildrop has \(entries.count) messages")
        }
    }

    private mutating func refuseSignIn() {
        failedSignIns += 1
        refuse("AUTH", "user name or password is wrong")
        if failedSignIns >= configuration.limits.failedSignIns { end() }
    }
}
