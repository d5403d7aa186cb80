public import Posthorn

/// What became of a message: the content of a part `message/delivery-status` (RFC 3464) or
/// `message/global-delivery-status` (RFC 6533).
///
/// Reading never fails. Empty lines that are missing or too many do not matter where the fields show which recipient
/// is meant.
public struct DeliveryStatusReport: Hashable, Sendable {
    /// The fields about the whole message, those without a property too.
    public let fields: ReportFields
    /// What became of the message for each recipient, in the order of the report.
    public let recipients: [Recipient]
    /// Whether all fields were read: `false` if there were more than 10,000.
    public let isComplete: Bool

    /// Reads the part's content, its transfer encoding removed.
    public init(_ octets: some Collection<UInt8>) {
        let lines = HeaderLines(Array(octets)[...])
        let groups = DeliveryStatusGroups(lines.blocks)
        fields = groups.message
        recipients = groups.recipients.map(Recipient.init)
        isComplete = lines.isComplete
    }

    /// The server that tried to deliver and says what became of it (`Reporting-MTA`).
    public var reportingMTA: ReportHost? { fields.text("Reporting-MTA").map { ReportHost($0) } }
    /// The gateway that translated a report from another mail system (`DSN-Gateway`).
    public var gateway: ReportHost? { fields.text("DSN-Gateway").map { ReportHost($0) } }
    /// The host that the reporting server had the message from (`Received-From-MTA`).
    public var receivedFromMTA: ReportHost? { fields.text("Received-From-MTA").map { ReportHost($0) } }
    /// When the message came to the reporting server, as the report writes it (`Arrival-Date`).
    public var arrivalDateText: String? { fields.text("Arrival-Date") }
    /// The identifier that the sender gave with `ENVID`, as the report writes it (`Original-Envelope-Id`).
    public var originalEnvelopeID: String? { fields.text("Original-Envelope-Id") }
    /// ``originalEnvelopeID`` if the report left it as `xtext` (RFC 3461): servers have to decode it, but some do not.
    /// `nil` if it is not xtext, or the same.
    public var originalEnvelopeIDDecoded: String? {
        guard let text = originalEnvelopeID, let decoded = XText.decode(text), decoded != text else { return nil }
        return decoded
    }

    /// What became of the message for one recipient (RFC 3464 section 2.3).
    public struct Recipient: Hashable, Sendable {
        /// All fields of the recipient, those without a property too.
        public let fields: ReportFields

        /// What the given fields say.
        public init(_ fields: ReportFields) {
            self.fields = fields
        }

        /// The address that the sender gave (`Original-Recipient`).
        public var originalRecipient: ReportAddress? { fields.text("Original-Recipient").map { ReportAddress($0) } }
        /// The address that delivery was tried to (`Final-Recipient`).
        public var finalRecipient: ReportAddress? { fields.text("Final-Recipient").map { ReportAddress($0) } }
        /// What was done (`Action`).
        public var action: DeliveryAction? { fields.text("Action").map { DeliveryAction($0) } }
        /// The status code (`Status`); `nil` if it is missing or cannot be read, see ``statusText``.
        public var status: EnhancedStatus? {
            statusText.flatMap { ReportText.status($0[...].utf8)?.status }
        }
        /// The status as the report writes it, with a comment if there is one.
        public var statusText: String? { fields.text("Status") }
        /// The server that answered (`Remote-MTA`).
        public var remoteMTA: ReportHost? { fields.text("Remote-MTA").map { ReportHost($0) } }
        /// What it answered (`Diagnostic-Code`).
        public var diagnosticCode: DiagnosticCode? { fields.text("Diagnostic-Code").map { DiagnosticCode($0) } }
        /// When delivery was last tried, as the report writes it (`Last-Attempt-Date`).
        public var lastAttemptDateText: String? { fields.text("Last-Attempt-Date") }
        /// How long delivery will be tried, as the report writes it (`Will-Retry-Until`).
        public var willRetryUntilText: String? { fields.text("Will-Retry-Until") }
        /// The entry in the log of the last server (`Final-Log-ID`).
        public var finalLogID: String? { fields.text("Final-Log-ID") }
    }
}

/// What was done with a message for a recipient (RFC 3464 section 2.3.3).
public struct DeliveryAction: Hashable, Sendable, CustomStringConvertible {
    /// The word, in lower case.
    public let rawValue: String

    /// Creates an action. Case does not matter, and what follows the word is left out.
    public init(_ text: String) {
        rawValue = ReportText.keyword(text)
    }

    /// The message could not be delivered, and will not be.
    public static let failed = DeliveryAction("failed")
    /// The message could not be delivered so far; the server goes on trying.
    public static let delayed = DeliveryAction("delayed")
    /// The message was delivered.
    public static let delivered = DeliveryAction("delivered")
    /// The message was given to a server that sends no reports of success.
    public static let relayed = DeliveryAction("relayed")
    /// The message was delivered to a list or alias, and sent on to several addresses.
    public static let expanded = DeliveryAction("expanded")

    /// `failed`
    public var description: String { rawValue }
}

/// What a server answered, in the words of its protocol (RFC 3464 section 2.3.6).
public struct DiagnosticCode: Hashable, Sendable, CustomStringConvertible {
    /// The kind of answer in lower case, such as `smtp` or `x-unix`; empty if the report gives none.
    public var type: String
    /// The answer, its lines joined by spaces.
    public var text: String

    /// Creates a diagnostic code.
    public init(type: String = "smtp", text: String) {
        self.type = type
        self.text = text
    }

    /// Reads `type; text`. Without a type, the semicolon may be one of the text.
    init(_ value: String) {
        let (type, text) = ReportText.typed(value)
        let isType = !type.utf8.contains { ASCIIText.isSpace($0) || $0 >= 0x7F }
        self.type = isType ? type : ""
        self.text = isType ? text : value
    }

    /// The answer as values, if it is one of SMTP: reply code, enhanced status code and text. `nil` if it does not
    /// begin with a reply code.
    public var reply: ServerReply? {
        guard type == "smtp" || type.isEmpty else { return nil }
        let octets = text[...].utf8
        let digits = octets.prefix(4).prefix(while: ASCIIText.isDigit)
        guard digits.count == 3 else { return nil }
        let code = digits.reduce(0) { $0 * 10 + Int($1 & 15) }
        guard (200..<600).contains(code) else { return nil }
        var rest = octets[digits.endIndex...]
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        rest = rest.drop(while: ASCIIText.isSpace)
        guard let (status, following) = ReportText.status(rest) else {
            return ServerReply(code: code, text: String(Substring(rest)))
        }
        let words = following.drop(while: ASCIIText.isSpace)
        return ServerReply(code: code, enhancedStatus: status, text: String(Substring(words)))
    }

    /// `smtp; 550 5.1.1 No such user`
    public var description: String { type.isEmpty ? text : "\(type); \(text)" }
}
