public import Posthorn

/// The POP3 plugin: fetches mail from a maildrop and deletes it there.
///
/// ```swift
/// let mail = try await PosthornClient(settings: .file("posthorn.yaml"), plugins: [.pop3])
/// try await mail.store().withSession { session in … }
/// ```
public struct POP3Plugin: IncomingPlugin {
    /// The settings of one POP3 account.
    public typealias StoreSettings = POP3Settings

    /// `pop3`
    public let identifier = "pop3"
    /// What it does.
    public let summary = "Fetches mail from a mailbox server (POP3, RFC 1939 and 2449)."

    private let tokens: (@Sendable () async throws -> Secret)?
    private let transcript: (@Sendable (String) -> Void)?

    /// Creates the plugin.
    ///
    /// - Parameters:
    ///   - tokenProvider: gives an OAuth 2 access token at each sign-in; it takes the place of `token` and `password`
    ///     in the settings of every account of this plugin.
    ///   - transcript: hears what client and server say to one another, a line at a time, without secrets and without
    ///     message texts.
    public init(
        tokenProvider: (@Sendable () async throws -> Secret)? = nil,
        transcript: (@Sendable (String) -> Void)? = nil
    ) {
        tokens = tokenProvider
        self.transcript = transcript
    }

    /// Makes a store. Reads certificate files; never touches the network.
    public func makeStore(_ settings: POP3Settings, context: PluginContext) throws -> any IncomingStore {
        try POP3Store(settings: settings, context: context, tokens: tokens, transcript: transcript)
    }
}

extension PosthornPlugin where Self == POP3Plugin {
    /// The POP3 plugin.
    public static var pop3: POP3Plugin { POP3Plugin() }
}
