/// How a ``POP3TestServer`` behaves. The defaults make a server that supports everything and has no accounts.
public struct POP3ServerConfiguration: Sendable {
    /// Limits that keep a wild client from filling the memory. What passes them is refused.
    public struct Limits: Hashable, Sendable {
        /// Octets of a command line or a response of AUTH.
        public var line = 64 * 1_024
        /// Octets of a command line, its end included, that a client may send (RFC 2449 section 4: 255). A longer one is
        /// obeyed, and is a violation.
        public var command = 255
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

    /// When the connection is encrypted: `startTLS` is STLS (RFC 2595).
    public var security = ServerSecurity.none
    /// Who the server is; see ``ServerCertificate``. Used unless ``security`` is `none`.
    public var certificate = ServerCertificate.selfMade()
    /// A PEM file of the authority of client certificates. If given, clients are asked for one, and `EXTERNAL` is
    /// possible for those that show one.
    public var clientAuthorityFile: String?
    /// The name in the greeting.
    public var hostName = "localhost"
    /// The whole greeting in place of the usual one.
    public var greeting: POP3ServerReply?
    /// The timestamp in the greeting, for APOP, such as `<1896.697170952@dbc.mtview.ca.us>`; `nil` for one that nobody
    /// can foresee. Not part of ``greeting``.
    public var timestamp: String?

    /// Who may sign in: names and passwords. For XOAUTH2 and OAUTHBEARER the password is the token. Each has a maildrop.
    public var users: [String: String] = [:]
    /// What lies in the maildrops when the server starts, by user.
    public var messages: [String: [POP3ServerMessage]] = [:]
    /// The mechanisms offered, in this order. `SCRAM-SHA-256-PLUS` and `EXTERNAL` are left out without encryption.
    /// `EXTERNAL` is taken too if it is named here.
    public var mechanisms = [
        "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN",
    ]
    /// Whether AUTH may carry the first response (RFC 5034). Without it, such an AUTH is refused as a syntax error, as
    /// Exchange does it with XOAUTH2: the client says `AUTH XOAUTH2`, hears `+ `, and sends the response then.
    public var takesInitialResponses = true

    /// The commands and capabilities supported and announced.
    public var extensions: Set<POP3ServerExtension> = Set(POP3ServerExtension.all)
    /// Lines of the reply to CAPA that are added although nothing stands behind them.
    public var falseCapabilities: [String] = []
    /// Extensions that are supported and not announced.
    public var hiddenExtensions: Set<POP3ServerExtension> = []
    /// What EXPIRE tells: days, or `NEVER`, perhaps with ` USER`; `nil` for no such line. Nothing expires really.
    public var expire: String? = "NEVER"
    /// The seconds that must lie between two sign-ins of a user; `nil` for none. An earlier one hears `[LOGIN-DELAY]`.
    public var loginDelay: Int?
    /// What LANG lists: tags and names. Replies are in English in any case.
    public var languages = ["en": "English", "de": "Deutsch"]
    /// What IMPLEMENTATION tells.
    public var implementation = "Posthorn-Test-Server"
    /// Whether every session tells other names by UIDL, as some servers do that number their messages anew.
    public var changesUIDs = false

    /// Limits.
    public var limits = Limits()
    /// What the server does wrong, and when.
    public var faults: [POP3ServerFault] = []
    /// Whether the octets that the clients sent are kept: see ``POP3ServerConnection``.
    public var recordsOctets = false

    /// A server without encryption, accounts and faults.
    public init() {}
}
