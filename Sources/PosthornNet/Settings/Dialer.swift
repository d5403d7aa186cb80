package import Logging
package import Posthorn
import PosthornTLS

/// Makes the connections of one account: keeps what they share (trusted authorities, TLS sessions) and knows who
/// signs in.
package final class Dialer: Sendable {
    /// The settings of the account.
    package let settings: NetSettings
    private let transcript: Transcript
    private let sessions = TLSSessionCache()
    private let context: Locked<TLSContext?>
    private let tokenProvider: (@Sendable () async throws -> Secret)?

    /// Prepares for connections. Reads the files that the settings name; never touches the network.
    ///
    /// - Parameters:
    ///   - logger: Hears the transcript at level trace.
    ///   - listener: Hears the transcript, too.
    ///   - tokenProvider: The host's own way to an access token; comes before `token` and `password`.
    /// - Throws: ``SettingsError`` if a file of the settings cannot be used, or nothing proves who signs in.
    package init(
        _ settings: NetSettings,
        logger: Logger? = nil,
        listener: (@Sendable (TranscriptEntry) -> Void)? = nil,
        tokenProvider: (@Sendable () async throws -> Secret)? = nil
    ) throws {
        guard settings.username == nil || settings.signsIn || tokenProvider != nil else {
            throw SettingsError("the user name needs a 'password' or a 'token'; add one, or take 'username' out")
        }
        self.settings = settings
        self.tokenProvider = tokenProvider
        transcript = Transcript(logger: logger, listener: listener)
        var context: TLSContext?
        if settings.security != .none, settings.tls.passphrase == nil {
            context = try Self.makeContext(settings, passphrase: nil)
        }
        self.context = Locked(context)
    }

    /// Connects, with TLS if the settings want it from the first octet.
    ///
    /// - Throws: ``MailError``; see ``Connection/connect(to:options:)``.
    ///
    /// - Parameters:
    ///   - deferringTLS: Leaves the handshake to ``Connection/startTLS()``, for a diagnosis in steps.
    ///   - replyLimit: The most octets received for one event of a parser, if the usual limit is too low.
    package func connect(deferringTLS: Bool = false, replyLimit: Int? = nil) async throws -> Connection {
        var options = try await options()
        options.defersTLS = deferringTLS
        if let replyLimit { options.replyLimit = replyLimit }
        return try await Connection.connect(to: settings.endpoint, options: options)
    }

    /// How connections are made.
    ///
    /// - Throws: ``MailError`` with code `secret-unavailable` if the passphrase of the client's key cannot be had.
    package func options() async throws -> ConnectionOptions {
        var options = ConnectionOptions(
            service: settings.service,
            security: settings.security,
            tls: try await preparedContext(),
            sessions: sessions,
            identity: "\(settings.username ?? "")|\(settings.tls.certificate ?? "")"
        )
        options.timeouts = settings.timeouts
        options.proxy = settings.proxy?.server
        options.transcript = transcript
        return options
    }

    /// Who signs in, with password or token read afresh; `nil` if the settings name nobody.
    ///
    /// - Throws: ``MailError`` with code `secret-unavailable` or `cancelled`, or the one that the host's own token provider
    ///   throws.
    package func credentials() async throws -> SASLCredentials? {
        guard settings.signsIn || tokenProvider != nil else { return nil }
        var credentials = SASLCredentials(
            username: settings.username ?? "",
            hasCertificate: settings.tls.certificate != nil
        )
        if let tokenProvider {
            credentials.token = try await HostSecret.read(from: "token provider", tokenProvider)
        } else {
            credentials.password = try await settings.password?.resolve()
            credentials.token = try await settings.token?.resolve()
        }
        return credentials
    }

    private func preparedContext() async throws -> TLSContext? {
        guard settings.security != .none else { return nil }
        if let context = context.withLock({ $0 }) { return context }
        let passphrase = try await settings.tls.passphrase?.resolve()
        do {
            let made = try Self.makeContext(settings, passphrase: passphrase)
            // Two first connections at once: both use the context that was made first.
            return context.withLock { context in
                if context == nil { context = made }
                return context
            }
        } catch let error as SettingsError {
            throw MailError(.tlsFailed, error.description, cause: error)
        }
    }

    private static func makeContext(_ settings: NetSettings, passphrase: Secret?) throws -> TLSContext {
        do {
            return try TLSContext(settings.tls.configuration(passphrase: passphrase))
        } catch {
            throw SettingsError("the TLS settings for the \(settings.service) server cannot be used: \(error.message)")
        }
    }
}
