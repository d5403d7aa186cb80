public import Posthorn

/// The IMAP plugin: works with mail that stays on a server, in folders.
///
/// ```swift
/// let mail = try await PosthornClient(settings: .file("posthorn.yaml"), plugins: [.imap])
/// try await mail.store().withSession { session in … }
/// ```
public struct IMAPPlugin: IncomingPlugin {
    /// The settings of one IMAP account.
    public typealias StoreSettings = IMAPSettings

    /// `imap`
    public let identifier = "imap"
    /// What it does.
    public let summary = "Works with mail in the folders of a server (IMAP, RFC 9051 and 3501)."

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
    public func makeStore(_ settings: IMAPSettings, context: PluginContext) throws -> any IncomingStore {
        try IMAPStore(settings: settings, context: context, tokens: tokens, transcript: transcript)
    }
}

extension PosthornPlugin where Self == IMAPPlugin {
    /// The IMAP plugin.
    public static var imap: IMAPPlugin { IMAPPlugin() }
}
