package import Posthorn

/// LOGIN (draft-murchison-sasl-login): user name, then password, each on demand. Old, and still the only one of some
/// servers.
package struct LoginMechanism: SASLMechanism {
    package let name = "LOGIN"
    package let isPlaintext = true
    private let username: String
    private let password: Secret
    private var answered = 0

    package init(username: String, password: Secret) {
        self.username = username
        self.password = password
    }

    package var isComplete: Bool { answered == 2 }

    package mutating func initialResponse() throws -> Secret? { nil }

    /// The text of the questions differs between servers: their order counts.
    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        answered += 1
        switch answered {
        case 1: return Secret(username)
        case 2: return password
        default: throw MailError.sasl(name, "it asked again after everything had been said")
        }
    }
}
