extension MailError {
    /// The kind of a failure. New kinds may be added in minor releases: compare with `==` and keep a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The word used in JSON output and logs.
        public var description: String
        /// Whether the cause usually goes away by itself.
        let isPassing: Bool

        private init(_ word: String, passing: Bool = false) {
            description = word
            isPassing = passing
        }

        /// The host name could not be resolved, or no connection could be made.
        public static let connectionFailed = Code("connection-failed", passing: true)
        /// The connection broke.
        public static let connectionLost = Code("connection-lost", passing: true)
        /// A limit of time passed.
        public static let timedOut = Code("timed-out", passing: true)
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
        /// The server's certificate or the TLS handshake was refused.
        public static let tlsFailed = Code("tls-failed")
        /// The server does not offer the encryption that the settings require.
        public static let encryptionUnavailable = Code("encryption-unavailable")
        /// The server refused user name and password, token or certificate.
        public static let authenticationFailed = Code("authentication-failed")
        /// No sign-in mechanism is offered by the server, allowed by the settings and safe at once.
        public static let authenticationUnavailable = Code("authentication-unavailable")
        /// A secret could not be read from its source.
        public static let secretUnavailable = Code("secret-unavailable")
        /// The server answered against the protocol.
        public static let protocolViolation = Code("protocol-violation")
        /// The server, or the user's program, refused the request.
        public static let refused = Code("refused")
        /// The server is busy or shutting down; try later.
        public static let unavailable = Code("unavailable", passing: true)
        /// The person cancelled the hand-over in the mail program.
        public static let cancelledByUser = Code("cancelled-by-user")
        /// The way cannot carry what the message or a required option needs.
        public static let unsupported = Code("unsupported")
        /// The message is larger than the server allows.
        public static let tooLarge = Code("too-large")
        /// The message cannot be sent as it is: no recipient, a line break in a header and the like.
        public static let invalidMessage = Code("invalid-message")
        /// A mail address is not valid, or this way cannot express it.
        public static let invalidAddress = Code("invalid-address")
        /// The content of the message (an attachment, a file) could not be read.
        public static let contentUnavailable = Code("content-unavailable")
        /// It is not known whether the message was taken: see ``DeliveryCertainty/unknown``.
        public static let outcomeUnknown = Code("outcome-unknown")
        /// A file could not be written, or a state not stored.
        public static let storage = Code("storage", passing: true)
        /// The message or folder is not there (any more).
        public static let notFound = Code("not-found")
        /// The program used the interface wrongly, such as a session after its scope.
        public static let misuse = Code("misuse")
    }
}
