import Posthorn

/// One sign-in: carries a mechanism's messages to and from base64, and sees to the rules that hold for all of them.
///
/// ```swift
/// var exchange = SASLExchange(mechanism)
/// let initial = try exchange.start()             // AUTH <name> [initial]
/// // 334 / +:
/// let answer = try exchange.answer(to: payload)   // if it throws: send "*" and give up
/// // 235 / +OK / tagged OK:
/// try exchange.finish()                           // if it throws: the server is not to be trusted, close
/// ```
package struct SASLExchange: Sendable {
    /// The most challenges answered.
    package static let roundLimit = 10
    /// The longest challenge in base64 (RFC 4954, section 4).
    package static let challengeLimit = 12_288

    private var mechanism: any SASLMechanism
    private var unsentInitial: Secret?
    private var rounds = 0

    package init(_ mechanism: any SASLMechanism) { self.mechanism = mechanism }

    /// The mechanism's name.
    package var name: String { mechanism.name }

    /// Whether the password or token itself is sent.
    package var isPlaintext: Bool { mechanism.isPlaintext }

    /// What the server said about its refusal in the mechanism's own words; escaped and cut.
    package var failureDetail: String? { mechanism.failureDetail }

    /// Begins.
    ///
    /// - Parameter withInitialResponse: Whether the protocol has room for it in the command. Otherwise it is the
    ///   answer to the server's first, empty challenge.
    /// - Returns: The initial response in base64 (`=` for an empty one); `nil` if there is none.
    package mutating func start(withInitialResponse: Bool = true) throws -> WireText.Piece? {
        guard let initial = try mechanism.initialResponse() else { return nil }
        guard withInitialResponse else {
            unsentInitial = initial
            return nil
        }
        return initial.isEmpty ? .plain("=") : Self.encoded(initial)
    }

    /// The answer to a challenge, both in base64.
    package mutating func answer(to challenge: some Collection<UInt8>) throws -> WireText.Piece {
        rounds += 1
        guard rounds <= Self.roundLimit else {
            throw MailError.sasl(name, "it asked more than \(Self.roundLimit) times")
        }
        guard challenge.count <= Self.challengeLimit else {
            throw MailError.sasl(name, "its challenge is longer than \(Self.challengeLimit) octets")
        }
        if let initial = unsentInitial {
            unsentInitial = nil
            // The challenge is to be empty; what some servers write there means nothing.
            return Self.encoded(initial)
        }
        guard let octets = Base64.decode(challenge) else {
            throw MailError.sasl(name, "its challenge is not base64")
        }
        return Self.encoded(try mechanism.respond(to: octets))
    }

    /// The server says that the sign-in has succeeded.
    ///
    /// - Throws: ``MailError`` with code `protocol-violation` if the mechanism demands a proof of the server that has
    ///   not come: whoever answers does not know the password.
    package func finish() throws {
        guard unsentInitial == nil, mechanism.isComplete else {
            throw MailError.sasl(
                name,
                "it reported success before it had proved that it knows the password, so it may be an impostor"
            )
        }
    }

    private static func encoded(_ secret: Secret) -> WireText.Piece {
        .secret(secret.withBytes { Base64.encode($0) })
    }
}
