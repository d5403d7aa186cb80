package import Posthorn

/// The two mechanisms that carry an OAuth 2 access token: OAUTHBEARER (RFC 7628), and XOAUTH2, its older form at
/// Google and Microsoft.
///
/// A server that refuses sends its reason (JSON) as a challenge first, and its refusal after the client's answer.
package struct TokenMechanism: SASLMechanism {
    /// Which of the two.
    package struct Form: Sendable, Hashable {
        let name: String
        /// OAUTHBEARER
        package static let bearer = Form(name: "OAUTHBEARER")
        /// XOAUTH2
        package static let xoauth2 = Form(name: "XOAUTH2")
    }

    package let isPlaintext = true
    package private(set) var isComplete = false
    package private(set) var failureDetail: String?
    private let form: Form
    private let username: String
    private let token: Secret
    private let endpoint: Endpoint

    package init(_ form: Form, username: String, token: Secret, endpoint: Endpoint) {
        self.form = form
        self.username = username
        self.token = token
        self.endpoint = endpoint
    }

    package var name: String { form.name }

    package mutating func initialResponse() throws -> Secret? {
        // Control characters would end the fields early.
        let isClean =
            !username.utf8.contains(where: { $0 < 0x20 })
            && token.withBytes { $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        guard isClean, !token.isEmpty else {
            throw MailError(
                .authenticationUnavailable,
                "the access token is empty or, like the user name, holds characters that \(name) cannot carry; correct "
                    + "'token' or 'username'"
            )
        }
        isComplete = true
        var octets: [UInt8] = []
        if form == .bearer {
            let user = username.replacing("=", with: "=3D").replacing(",", with: "=2C")
            octets += Array(
                "n,\(user.isEmpty ? "" : "a=\(user)"),\u{1}host=\(endpoint.host)\u{1}port=\(endpoint.port)\u{1}".utf8
            )
        } else {
            octets += Array("user=\(username)\u{1}".utf8)
        }
        octets += Array("auth=Bearer ".utf8)
        octets.append(token)
        octets += [1, 1]
        return Secret(bytes: octets)
    }

    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        guard isComplete, failureDetail == nil else {
            throw MailError.sasl(name, "it asked again after everything had been said")
        }
        isComplete = false
        failureDetail = detail(challenge)
        return form == .bearer ? Secret(bytes: [1]) : Secret(bytes: [])
    }

    /// The server's reason, without the token, should it repeat that.
    private func detail(_ challenge: [UInt8]) -> String {
        let echoes = token.withBytes { token in challenge.count >= token.count && challenge.contains(token) }
        return echoes ? "(the server repeated the token in its reason)" : PeerText.shown(challenge, limit: 300)
    }
}

extension [UInt8] {
    /// Whether the octets occur in here.
    fileprivate func contains(_ other: UnsafeRawBufferPointer) -> Bool {
        guard !other.isEmpty, count >= other.count else { return false }
        return (0...(count - other.count)).contains { self[$0...].starts(with: other) }
    }
}
