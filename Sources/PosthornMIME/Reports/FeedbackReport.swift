/// What a provider or server says about a message that it got, mostly a complaint: the content of a part
/// `message/feedback-report` (RFC 5965, RFC 6591, RFC 6692).
///
/// Reading never fails.
public struct FeedbackReport: Hashable, Sendable {
    /// All fields, those without a property too.
    public let fields: ReportFields
    /// Whether all fields were read: `false` if there were more than 10,000.
    public let isComplete: Bool

    /// Reads the part's content, its transfer encoding removed.
    public init(_ octets: some Collection<UInt8>) {
        let lines = HeaderLines(Array(octets)[...])
        fields = ReportFields(lines.fields)
        isComplete = lines.isComplete
    }

    /// What the report is about (`Feedback-Type`).
    public var type: FeedbackType? { fields.text("Feedback-Type").map { FeedbackType($0) } }
    /// The program that made the report (`User-Agent`).
    public var userAgent: String? { fields.text("User-Agent") }
    /// The version of the format (`Version`), 1 for RFC 5965.
    public var version: String? { fields.text("Version") }
    /// The identifier that the sender gave with `ENVID` (`Original-Envelope-Id`).
    public var originalEnvelopeID: String? { fields.text("Original-Envelope-Id") }
    /// The envelope's sender, without angle brackets (`Original-Mail-From`); empty for `<>`.
    public var originalMailFrom: String? {
        fields.text("Original-Mail-From").map { ReportText.withoutBrackets($0) }
    }
    /// The envelope's recipients, without angle brackets (`Original-Rcpt-To`).
    public var originalRecipients: [String] {
        fields.texts("Original-Rcpt-To").map { ReportText.withoutBrackets($0) }
    }
    /// When the message came, as the report writes it (`Arrival-Date`, or `Received-Date` of older reports).
    public var arrivalDateText: String? { fields.text("Arrival-Date") ?? fields.text("Received-Date") }
    /// The server that got the message (`Reporting-MTA`).
    public var reportingMTA: ReportHost? { fields.text("Reporting-MTA").map { ReportHost($0) } }
    /// The address of the host that the message came from (`Source-IP`), without brackets and `IPv6:`.
    public var sourceIP: String? {
        guard let text = fields.text("Source-IP") else { return nil }
        var address = text[...]
        if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
        if address.prefix(5).lowercased() == "ipv6:" { address = address.dropFirst(5) }
        return String(address)
    }
    /// The port of that host (`Source-Port`, RFC 6692).
    public var sourcePort: UInt16? { fields.text("Source-Port").flatMap { UInt16(ReportText.keyword($0)) } }
    /// How many messages the report stands for (`Incidents`): 1 if it does not say.
    public var incidents: Int {
        guard let text = fields.text("Incidents"), let count = Int(ReportText.keyword(text)), count >= 0 else {
            return 1
        }
        return count
    }
    /// What the checks of the sender's authentication gave (`Authentication-Results`, RFC 8601).
    public var authenticationResults: [String] { fields.texts("Authentication-Results") }
    /// Domains that the reporter holds to be responsible (`Reported-Domain`).
    public var reportedDomains: [String] { fields.texts("Reported-Domain") }
    /// URIs in the message that the report is about (`Reported-URI`).
    public var reportedURIs: [String] { fields.texts("Reported-URI") }
    /// Which check failed, in lower case (`Auth-Failure`, RFC 6591), such as `dkim`, `spf` or `dmarc`.
    public var authenticationFailure: String? { fields.text("Auth-Failure").map { ReportText.keyword($0) } }
    /// What was done with the message, in lower case (`Delivery-Result`, RFC 6591), such as `delivered` or `reject`.
    public var deliveryResult: String? { fields.text("Delivery-Result").map { ReportText.keyword($0) } }
}

/// What a feedback report is about (RFC 5965 section 7.3).
public struct FeedbackType: Hashable, Sendable, CustomStringConvertible {
    /// The word, in lower case.
    public let rawValue: String

    /// Creates a type. Case does not matter, and what follows the word is left out.
    public init(_ text: String) {
        rawValue = ReportText.keyword(text)
    }

    /// Unsolicited mail or another kind of abuse.
    public static let abuse = FeedbackType("abuse")
    /// An authentication of the sender that failed (RFC 6591).
    public static let authenticationFailure = FeedbackType("auth-failure")
    /// Fraud or phishing.
    public static let fraud = FeedbackType("fraud")
    /// The reader took a message out of the unsolicited ones (RFC 6430).
    public static let notSpam = FeedbackType("not-spam")
    /// Something else.
    public static let other = FeedbackType("other")
    /// A virus.
    public static let virus = FeedbackType("virus")

    /// `abuse`
    public var description: String { rawValue }
}
