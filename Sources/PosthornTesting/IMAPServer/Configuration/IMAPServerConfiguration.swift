/// How an ``IMAPTestServer`` behaves. The defaults make a server that supports the usual extensions and has no
/// accounts.
public struct IMAPServerConfiguration: Sendable {
    /// Limits that keep a wild client from filling the memory. What passes them is refused.
    public struct Limits: Hashable, Sendable {
        /// Octets of a line of a command or a response of AUTHENTICATE, without literals.
        public var line = 64 * 1_024
        /// Octets of a message that APPEND takes.
        public var literal = 64 << 20
        /// Failed attempts to sign in before the connection is ended.
        public var failedSignIns = 3
        /// How long a connection may stay silent, in IDLE too.
        public var idle = Duration.seconds(60)
        /// Connections at a time.
        public var connections = 100
        /// Octets of each connection and direction that are kept if ``recordsOctets`` is on.
        public var keptPerConnection = 64 << 20

        /// The limits named above.
        public init() {}
    }

    /// When the connection is encrypted.
    public var security = ServerSecurity.none
    /// Who the server is; see ``ServerCertificate``. Used unless ``security`` is `none`.
    public var certificate = ServerCertificate.selfMade()
    /// A PEM file of the authority of client certificates. If given, clients are asked for one, and `EXTERNAL` is
    /// possible for those that show one.
    public var clientAuthorityFile: String?
    /// The name in the greeting.
    public var hostName = "localhost"
    /// The whole greeting in place of the usual one.
    public var greeting: IMAPServerReply?
    /// The user who is signed in from the beginning: the greeting is PREAUTH.
    public var preauthenticatedUser: String?
    /// Whether the greeting and the reply to a sign-in tell the capabilities.
    public var tellsCapabilities = true

    /// Who may sign in: names and passwords. For XOAUTH2 and OAUTHBEARER the password is the token.
    public var users: [String: String] = [:]
    /// The mailboxes when the server starts, by user. Everybody has an INBOX.
    public var mailboxes: [String: [IMAPServerMailbox]] = [:]
    /// What stands between the levels of a mailbox's name: one ASCII character, or `nil` for names without levels.
    public var separator: Character? = "/"
    /// The octets that a user's messages may have together; `nil` for no limit.
    public var quota: UInt64?
    /// The mechanisms offered, in this order. `SCRAM-SHA-256-PLUS` and `EXTERNAL` are left out without encryption.
    /// `EXTERNAL` is taken too if it is named here.
    public var mechanisms = [
        "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN",
    ]
    /// Whether LOGIN is not possible even under encryption.
    public var disablesLogin = false

    /// What is supported and announced.
    public var extensions = IMAPServerExtension.usual
    /// Capabilities that are announced although nothing stands behind them.
    public var falseCapabilities: [String] = []
    /// Extensions that are supported and not announced.
    public var hiddenExtensions: Set<IMAPServerExtension> = []

    /// Limits.
    public var limits = Limits()
    /// What the server does wrong, and when.
    public var faults: [IMAPServerFault] = []
    /// Whether the octets that the clients sent are kept: see ``IMAPServerConnection``.
    public var recordsOctets = false

    /// A server without encryption, accounts and faults.
    public init() {}
}
