/// What is known after a message was taken, honest about what "taken" means on this way.
public struct SendReceipt: Sendable {
    /// Who or what has the message now.
    public struct Kind: Hashable, Sendable {
        enum Value: Hashable, Sendable {
            case acceptedByServer
            case handedOver(program: String, losses: [String])
            case written(path: String)
        }
        let value: Value

        /// A mail server has taken responsibility for it.
        public static let acceptedByServer = Kind(value: .acceptedByServer)

        /// The user's own program has it. The user may change it, or cancel it. `losses` lists what the way could
        /// not carry, one short sentence each.
        public static func handedOver(to program: String, losses: [String] = []) -> Kind {
            Kind(value: .handedOver(program: program, losses: losses))
        }

        /// It is a file now.
        public static func written(toFile path: String) -> Kind {
            Kind(value: .written(path: path))
        }

        /// The file that was written, for receipts of that kind.
        public var path: String? {
            if case .written(let path) = value { path } else { nil }
        }

        /// The program that has the message, for receipts of that kind.
        public var program: String? {
            if case .handedOver(let program, _) = value { program } else { nil }
        }

        /// What was lost on the way to the user's program; otherwise empty.
        public var losses: [String] {
            if case .handedOver(_, let losses) = value { losses } else { [] }
        }

        /// Whether a server has taken responsibility.
        public var isAcceptedByServer: Bool { value == .acceptedByServer }

        /// `accepted`, `handed-over` or `written`: the word used in JSON output.
        public var word: String {
            switch value {
            case .acceptedByServer: "accepted"
            case .handedOver: "handed-over"
            case .written: "written"
            }
        }
    }

    /// One transport that was tried before and certainly did not take the message.
    public struct FailedAttempt: Sendable {
        /// The transport's name in the settings file.
        public var transport: String
        /// Why it did not take the message.
        public var error: MailError

        /// Creates a failed attempt.
        public init(transport: String, error: MailError) {
            self.transport = transport
            self.error = error
        }
    }

    /// Who or what has the message now.
    public var kind: Kind

    /// The Message-ID with angle brackets.
    public var messageID: String

    /// One result per recipient of the envelope, in its order.
    public var recipients: [RecipientResult]

    /// The final reply of the server, if a server took the message.
    public var reply: ServerReply?

    /// The name under which the server's queue holds the message, where the reply tells it.
    public var remoteQueueID: String?

    /// The names of the wishes that this way could not fulfil.
    public var ignoredOptions: [String]

    /// The transport that took the message: its name in the settings file. Set by ``PosthornClient``.
    public var transport: String = ""

    /// The transports that were tried before and certainly did not take it. Set by ``PosthornClient``.
    public var failedAttempts: [FailedAttempt] = []

    /// The recipients whom the message was meant for, if `redirect-all` sent it elsewhere; otherwise empty.
    public var redirectedFrom: [EmailAddress] = []

    /// The recipients that the settings added (`copy-to`).
    public var copiedTo: [EmailAddress] = []

    /// Creates a receipt.
    public init(
        kind: Kind,
        messageID: String,
        recipients: [RecipientResult],
        reply: ServerReply? = nil,
        remoteQueueID: String? = nil,
        ignoredOptions: [String] = []
    ) {
        self.kind = kind
        self.messageID = messageID
        self.recipients = recipients
        self.reply = reply
        self.remoteQueueID = remoteQueueID
        self.ignoredOptions = ignoredOptions
    }

    /// The recipients that did not get the message: refused, or of unknown outcome.
    public var failedRecipients: [RecipientResult] {
        recipients.filter { ![.accepted, .handedOver, .written].contains($0.status) }
    }

    /// Whether every recipient got the message.
    public var isComplete: Bool { failedRecipients.isEmpty }
}
