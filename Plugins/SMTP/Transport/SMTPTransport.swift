import Logging
public import Posthorn
import PosthornNet

/// A transport that hands messages to an SMTP or LMTP server. One connection per message.
public struct SMTPTransport: OutgoingTransport {
    let account: String
    let settings: SMTPSettings
    private let helloName: String?
    let dialer: Dialer

    init(
        settings: SMTPSettings,
        context: PluginContext,
        tokens: (@Sendable () async throws -> Secret)? = nil,
        transcript: (@Sendable (String) -> Void)? = nil
    ) throws {
        account = context.account
        self.settings = settings
        helloName = try settings.wireHelloName()
        var listener: (@Sendable (TranscriptEntry) -> Void)?
        if let transcript { listener = { entry in transcript(entry.description) } }
        dialer = try Dialer(settings.net, logger: context.logger, listener: listener, tokenProvider: tokens)
    }

    /// Sends one message: connects, signs in, hands it over, says goodbye.
    ///
    /// The envelope's domains travel as A-labels. Addresses with characters beyond ASCII before the `@` need a server with
    /// SMTPUTF8 and are refused, by name, where there is none.
    ///
    /// - Throws: ``MailError``. It is `outcome-unknown` only if the connection broke after the final dot was sent and
    ///   before the server's answer was complete.
    public func send(_ request: SendRequest) async throws -> SendReceipt {
        do {
            // An attachment that cannot be read is told before anybody is contacted.
            _ = try await request.content.facts(for: .sevenBit)
            let session = try await openSession()
            do {
                let receipt = try await session.send(request)
                await session.quit()
                return receipt
            } catch {
                await session.quit()
                throw error
            }
        } catch {
            throw named(error)
        }
    }

    /// Connects and signs in.
    func openSession() async throws -> SMTPSession {
        let connection = try await dialer.connect()
        let session = makeSession(connection)
        do {
            try await session.introduce()
            try await signIn(session)
            return session
        } catch {
            connection.abort()
            throw error
        }
    }

    func makeSession(_ connection: Connection) -> SMTPSession {
        SMTPSession(connection: connection, settings: settings, helloName: helloName)
    }

    /// Signs in, if the settings say as whom.
    ///
    /// - Returns: the mechanism, `nil` if there was nothing to do.
    @discardableResult
    func signIn(_ session: SMTPSession) async throws -> String? {
        guard let credentials = try await dialer.credentials() else { return nil }
        return try await session.signIn(credentials, mechanisms: settings.net.mechanisms)
    }

    /// An error with this transport's name.
    func named(_ error: any Error) -> MailError {
        var error = MailError.onTheWay(error)
        error.account = error.account ?? account
        return error
    }
}
