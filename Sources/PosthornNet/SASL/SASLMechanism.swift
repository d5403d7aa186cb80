package import Posthorn

/// One way of proving who the client is (RFC 4422), without input or output of its own.
///
/// What it says may hold the password and is a ``Secret`` for this reason. Base64, the limit of rounds and the order of
/// the calls are the work of ``SASLExchange``.
package protocol SASLMechanism: Sendable {
    /// The registered name, such as `SCRAM-SHA-256`.
    var name: String { get }

    /// Whether the password or token itself is sent, so that only TLS keeps it from others.
    var isPlaintext: Bool { get }

    /// What the client says first; `nil` if the server speaks first.
    mutating func initialResponse() throws -> Secret?

    /// The answer to a challenge.
    ///
    /// - Throws: ``MailError`` with code `authentication-failed` or `protocol-violation`. The exchange is to be
    ///   cancelled (`*`) then.
    mutating func respond(to challenge: [UInt8]) throws -> Secret

    /// Whether the server may say now that the sign-in has succeeded: everything was exchanged, and the server has
    /// proved what the mechanism demands of it.
    var isComplete: Bool { get }

    /// What the server said about its refusal in the mechanism's own words; escaped, cut, without secrets.
    var failureDetail: String? { get }
}

extension SASLMechanism {
    package var failureDetail: String? { nil }
}

/// Who signs in, and what proves it.
package struct SASLCredentials: Sendable {
    /// The user name (authentication identity).
    package var username: String
    /// Whom to act as, if not the user (authorization identity).
    package var authorization: String?
    /// The password.
    package var password: Secret?
    /// An OAuth 2 access token.
    package var token: Secret?
    /// Whether the TLS connection was made with a client certificate.
    package var hasCertificate: Bool

    package init(
        username: String,
        authorization: String? = nil,
        password: Secret? = nil,
        token: Secret? = nil,
        hasCertificate: Bool = false
    ) {
        self.username = username
        self.authorization = authorization
        self.password = password
        self.token = token
        self.hasCertificate = hasCertificate
    }

    /// What no transcript may show.
    package var secrets: [Secret] { [password, token].compactMap { $0 } }
}

extension [UInt8] {
    /// Appends a secret's octets.
    mutating func append(_ secret: Secret) { secret.withBytes { append(contentsOf: $0) } }
}

extension MailError {
    /// A challenge or a success against the rules of a mechanism.
    static func sasl(_ mechanism: String, _ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "the server broke the rules of the sign-in mechanism \(mechanism): \(what); nothing more was sent: check "
                + "that the settings name the right server, and tell its operator"
        )
    }
}
