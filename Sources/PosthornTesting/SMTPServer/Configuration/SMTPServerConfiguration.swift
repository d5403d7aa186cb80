/// How an ``SMTPTestServer`` behaves. The defaults make a server that supports everything and takes everything.
public struct SMTPServerConfiguration: Sendable {
    /// Limits that keep a wild client from filling the memory. What passes them is refused.
    public struct Limits: Hashable, Sendable {
        /// Octets of a command line or a response of AUTH.
        public var line = 64 * 1_024
        /// Octets of a message; announced by SIZE.
        public var message: UInt64 = 256 << 20
        /// Octets of each message that are kept in ``ReceivedMessage/bytes``; the rest is counted only.
        public var keptPerMessage: UInt64 = 256 << 20
        /// Recipients of one message.
        public var recipients = 1_000
        /// Failed attempts to sign in before the connection is ended.
        public var failedSignIns = 3
        /// How long a connection may stay silent.
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
    /// Whether MAIL is refused before STARTTLS.
    public var requiresEncryption = false
    /// Whether the server speaks LMTP (RFC 2033): LHLO, and one reply per recipient after the message.
    public var isLMTP = false
    /// The name in the greeting.
    public var hostName = "localhost"
    /// The whole greeting in place of the usual one.
    public var greeting: SMTPServerReply?

    /// Who may sign in: names and passwords. For XOAUTH2 and OAUTHBEARER the password is the token. AUTH is offered
    /// only if there are any.
    public var users: [String: String] = [:]
    /// The mechanisms offered, in this order. `SCRAM-SHA-256-PLUS` and `EXTERNAL` are left out without encryption.
    /// `EXTERNAL` and `ANONYMOUS` are taken too if they are named here.
    public var mechanisms = [
        "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN",
    ]
    /// Whether MAIL is refused before a sign-in.
    public var requiresAuthentication = false

    /// The extensions supported and announced.
    public var extensions: Set<SMTPServerExtension> = Set(SMTPServerExtension.all)
    /// Lines of the EHLO reply that are added although nothing stands behind them.
    public var falseCapabilities: [String] = []
    /// Extensions that are supported and not announced.
    public var hiddenExtensions: Set<SMTPServerExtension> = []

    /// What is refused.
    public var rules = SMTPServerRules()
    /// Limits.
    public var limits = Limits()
    /// The limits that are announced by LIMITS (RFC 9422) and kept to.
    public var sessionLimits = SMTPServerSessionLimits()
    /// What the server does wrong, and when.
    public var faults: [SMTPServerFault] = []
    /// Whether the octets that the clients sent are kept: see ``SMTPServerConnection``.
    public var recordsOctets = false

    /// A server without encryption, sign-in, refusals and faults.
    public init() {}
}
