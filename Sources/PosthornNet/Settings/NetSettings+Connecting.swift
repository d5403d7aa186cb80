package import Posthorn
import PosthornTLS

extension NetSettings {
    /// How connections of an account are made. Reads certificates and keys; touches no network.
    ///
    /// - Parameter service: what the peer is, as errors name it: `SMTP`, `POP3`, `IMAP`.
    /// - Throws: ``SettingsError`` naming the file that cannot be used.
    package func makeOptions(service: String, transcript: Transcript) throws -> ConnectionOptions {
        var options = ConnectionOptions(service: service, security: security)
        if security != .none {
            do {
                options.tls = try TLSContext(tls.makeConfiguration())
            } catch let error as TLSError {
                throw SettingsError("tls: \(error.message)")
            } catch let error as MailError {
                throw SettingsError("tls.passphrase: \(error.message)")
            }
            options.sessions = TLSSessionCache()
        }
        options.identity = username ?? ""
        options.timeouts = timeouts.timeouts
        options.proxy = proxy?.server
        options.transcript = transcript
        return options
    }

    /// Checks at the start that whoever signs in has something to prove it with.
    ///
    /// - Throws: ``SettingsError``
    package func checkSecrets(hasTokenProvider: Bool) throws {
        guard let username, !hasTokenProvider, token == nil, password == nil, tls.certificate == nil,
            !mechanisms.contains("ANONYMOUS")
        else { return }
        throw SettingsError(
            "there is a `username` ('\(PeerText.shown(username, limit: 100))'), but neither `password` nor `token`; add "
                + "one, such as `password: { env: POSTHORN_PASSWORD }`"
        )
    }

    /// Who signs in, with the secret read now; `nil` if the settings name nobody.
    ///
    /// - Parameter tokens: the host's own token provider, which comes before `token` and `password`.
    /// - Throws: ``MailError`` with code `secret-unavailable`.
    package func credentials(
        tokens: (@Sendable () async throws -> Secret)? = nil
    ) async throws -> SASLCredentials? {
        guard let username else { return nil }
        var credentials = SASLCredentials(username: username, hasCertificate: tls.certificate != nil)
        if let tokens {
            credentials.token = try await tokens()
        } else if let token {
            credentials.token = try await token.resolve()
        } else if let password {
            credentials.password = try await password.resolve()
        } else if !credentials.hasCertificate, !mechanisms.contains("ANONYMOUS") {
            throw MailError(
                .secretUnavailable,
                "the settings name the user '\(PeerText.shown(username))', but neither `password` nor `token`; add one"
            )
        }
        return credentials
    }
}
