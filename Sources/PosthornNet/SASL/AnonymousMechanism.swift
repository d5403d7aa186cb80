package import Posthorn

/// ANONYMOUS (RFC 4505): nobody in particular, with a word about where they come from.
package struct AnonymousMechanism: SASLMechanism {
    package let name = "ANONYMOUS"
    package let isPlaintext = false
    package private(set) var isComplete = false
    private let trace: String

    /// - Parameter trace: An address, or up to 255 characters without `@`.
    package init(trace: String) { self.trace = String(trace.prefix(255)) }

    package mutating func initialResponse() throws -> Secret? {
        isComplete = true
        return Secret(trace)
    }

    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        throw MailError.sasl(name, "it asked again after everything had been said")
    }
}
