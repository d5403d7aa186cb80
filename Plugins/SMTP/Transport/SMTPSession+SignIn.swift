import Posthorn
import PosthornNet

extension SMTPSession {
    /// Signs in, if the settings say as whom.
    ///
    /// - Returns: the mechanism, `nil` if there was nothing to do.
    @discardableResult
    func signIn(_ dialer: Dialer) async throws -> String? {
        guard let credentials = try await dialer.credentials() else { return nil }
        return try await signIn(credentials, mechanisms: settings.net.mechanisms)
    }

    /// Signs in (RFC 4954).
    ///
    /// - Returns: the mechanism that was used.
    func signIn(_ credentials: SASLCredentials, mechanisms: [String]) async throws -> String {
        guard capabilities.offers("AUTH") else {
            throw MailError(
                .authenticationUnavailable,
                "\(connection.endpoint) offers no sign-in, but the settings give credentials; use its submission port "
                    + "(465 or 587), or remove `username` if the server knows this client by its address"
            )
        }
        let negotiator = SASLNegotiator(
            offered: capabilities.mechanisms,
            allowed: mechanisms,
            credentials: credentials,
            connection: connection
        )
        var authentication = SMTPAuthentication(
            negotiator: negotiator,
            credentials: credentials,
            server: connection.endpoint.description
        )
        connection.withTranscript { $0.beginSignIn(masking: credentials.secrets) }
        isSigningIn = true
        defer {
            isSigningIn = false
            connection.withTranscript { $0.endSignIn() }
        }
        var step = authentication.start()
        while true {
            switch step {
            case .send(let line):
                // From now on no reply shows what this line holds.
                mask = authentication.mask
                step = authentication.received(try await ask(line, about: "the sign-in"))
            case .signedIn: return authentication.mechanism
            case .failed(let error): throw error
            }
        }
    }
}
