import PosthornTLS

extension SMTPServerSession {
    /// The mechanisms that can be used now.
    var offeredMechanisms: [String] {
        guard configuration.security != .startTLS || encryption != nil else { return [] }
        return SASLServerExchange.usable(
            configuration.mechanisms,
            hasAccounts: !configuration.users.isEmpty,
            encryption: encryption
        )
    }

    mutating func authenticate(_ argument: String) {
        guard usesExtensions else { return reply(503, "5.5.1", "say EHLO first") }
        guard user == nil else { return reply(503, "5.5.1", "you have signed in already") }
        guard transaction == nil else { return reply(503, "5.5.1", "not within a message") }
        let words = argument.split(separator: " ", omittingEmptySubsequences: false)
        guard let name = words.first?.uppercased(), !name.isEmpty, words.count <= 2 else {
            return reply(501, "5.5.4", "AUTH needs a mechanism")
        }
        if configuration.security == .startTLS, encryption == nil {
            violation("the client tried to sign in without encryption")
            return reply(538, "5.7.11", "say STARTTLS first")
        }
        guard offeredMechanisms.contains(name) else {
            return reply(504, "5.5.4", "the mechanism is not offered")
        }
        let context = SASLServerExchange.Context(
            users: configuration.users,
            hostName: configuration.hostName,
            encryption: encryption,
            offersChannelBinding: offeredMechanisms.contains("SCRAM-SHA-256-PLUS")
        )
        do throws(TLSError) {
            guard var exchange = try SASLServerExchange(mechanism: name, context: context) else {
                return reply(504, "5.5.4", "the mechanism is not known")
            }
            guard words.count == 2 else {
                phase = .authentication(exchange)
                return challenge(exchange.firstChallenge)
            }
            guard !exchange.isServerFirst else {
                violation("an initial response with a mechanism in which the server speaks first")
                return reply(501, "5.5.4", "the mechanism has no initial response")
            }
            // RFC 4954 section 4: "=" is the empty response.
            takeResponse(words[1] == "=" ? [] : Array(words[1].utf8), &exchange)
        } catch {
            reply(454, "4.7.0", "signing in is not possible now")
        }
    }

    /// Takes a line of a sign-in.
    mutating func takeResponse(_ line: [UInt8], _ exchange: inout SASLServerExchange) {
        phase = .command
        if line == Array("*".utf8) { return reply(501, "5.7.0", "sign-in cancelled") }
        guard let response = Base64Text.decode(line) else {
            violation("a response of a sign-in is not base64")
            return reply(501, "5.5.2", "the response is not base64")
        }
        do throws(TLSError) {
            switch try exchange.respond(response) {
            case .challenge(let octets):
                phase = .authentication(exchange)
                challenge(octets)
            case .success(let name):
                user = name
                mechanism = exchange.mechanism
                reply(235, "2.7.0", "welcome")
            case .malformed:
                violation("a response of a sign-in is not well formed")
                reply(501, "5.5.2", "the response is not well formed")
            case .failure: refuseSignIn()
            }
        } catch {
            reply(454, "4.7.0", "signing in is not possible now")
        }
    }

    private mutating func challenge(_ octets: [UInt8]) {
        reply(SMTPServerReply(octets: Array("334 ".utf8) + Base64Text.encode(octets) + [13, 10]))
    }

    private mutating func refuseSignIn() {
        failedSignIns += 1
        reply(535, "5.7.8", "user name or password is wrong")
        guard failedSignIns < configuration.limits.failedSignIns else {
            reply(421, "4.7.0", "too many failed attempts; closing the connection")
            return end()
        }
    }
}
