package import Posthorn

/// EXTERNAL (RFC 4422, appendix A): the client certificate of the TLS connection says who it is.
package struct ExternalMechanism: SASLMechanism {
    package let name = "EXTERNAL"
    package let isPlaintext = false
    package private(set) var isComplete = false
    private let authorization: String

    /// - Parameter authorization: Whom to act as; empty for whomever the certificate names.
    package init(authorization: String) { self.authorization = authorization }

    package mutating func initialResponse() throws -> Secret? {
        isComplete = true
        return Secret(authorization)
    }

    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        throw MailError.sasl(name, "it asked again after everything had been said")
    }
}
