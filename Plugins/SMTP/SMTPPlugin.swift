public import Posthorn

/// The SMTP plugin: sends through a submission server, a relay, or an LMTP server.
///
/// ```swift
/// let mail = try await PosthornClient(settings: .file("posthorn.yaml"), plugins: [.smtp])
/// ```
public struct SMTPPlugin: OutgoingPlugin {
    /// The settings of one SMTP transport.
    public typealias Settings = SMTPSettings

    /// `smtp`
    public let identifier = "smtp"
    /// What it does.
    public let summary = "Sends through a mail server (SMTP, RFC 5321 and 6409; LMTP, RFC 2033)."

    private let tokens: (@Sendable () async throws -> Secret)?
    private let transcript: (@Sendable (String) -> Void)?

    /// Creates the plugin.
    ///
    /// - Parameters:
    ///   - tokenProvider: gives an OAuth 2 access token at each sign-in; it takes the place of `token` and `password`
    ///     in the settings of every transport of this plugin.
    ///   - transcript: hears what client and server say to one another, a line at a time, without secrets and without
    ///     message texts.
    public init(
        tokenProvider: (@Sendable () async throws -> Secret)? = nil,
        transcript: (@Sendable (String) -> Void)? = nil
    ) {
        tokens = tokenProvider
        self.transcript = transcript
    }

    /// Makes a transport. Reads certificate files; never touches the network.
    public func makeTransport(_ settings: SMTPSettings, context: PluginContext) throws -> any OutgoingTransport {
        try SMTPTransport(settings: settings, context: context, tokens: tokens, transcript: transcript)
    }
}

extension PosthornPlugin where Self == SMTPPlugin {
    /// The SMTP plugin.
    public static var smtp: SMTPPlugin { SMTPPlugin() }
}
