package import Posthorn

/// PLAIN (RFC 4616): user name and password as they are.
package struct PlainMechanism: SASLMechanism {
    package let name = "PLAIN"
    package let isPlaintext = true
    package private(set) var isComplete = false
    private let credentials: SASLCredentials
    private let password: Secret

    package init(_ credentials: SASLCredentials, password: Secret) {
        self.credentials = credentials
        self.password = password
    }

    package mutating func initialResponse() throws -> Secret? {
        let fields = [credentials.authorization ?? "", credentials.username]
        guard fields.allSatisfy({ !$0.utf8.contains(0) }), password.withBytes({ !$0.contains(0) }) else {
            throw MailError(
                .authenticationUnavailable,
                "the user name or password holds a NUL character, which PLAIN cannot carry; correct 'username' or "
                    + "'password'"
            )
        }
        isComplete = true
        var octets: [UInt8] = []
        for field in fields {
            octets.append(contentsOf: field.utf8)
            octets.append(0)
        }
        octets.append(password)
        return Secret(bytes: octets)
    }

    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        throw MailError.sasl(name, "it asked again after everything had been said")
    }
}
