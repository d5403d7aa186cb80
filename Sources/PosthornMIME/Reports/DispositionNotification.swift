/// What a reader did with a message: the content of a part `message/disposition-notification` (RFC 8098, RFC 3798) or
/// `message/global-disposition-notification` (RFC 6533).
///
/// Reading never fails.
public struct DispositionNotification: Hashable, Sendable {
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

    /// Who made the notification (`Reporting-UA`).
    public var reportingUserAgent: UserAgent? { fields.text("Reporting-UA").map { UserAgent($0) } }
    /// The gateway that translated a notification from another mail system (`MDN-Gateway`).
    public var gateway: ReportHost? { fields.text("MDN-Gateway").map { ReportHost($0) } }
    /// The address that the sender gave (`Original-Recipient`).
    public var originalRecipient: ReportAddress? { fields.text("Original-Recipient").map { ReportAddress($0) } }
    /// The address that the message came to (`Final-Recipient`).
    public var finalRecipient: ReportAddress? { fields.text("Final-Recipient").map { ReportAddress($0) } }
    /// The identifier of the message, with its angle brackets if the notification has them (`Original-Message-ID`).
    public var originalMessageID: String? { fields.text("Original-Message-ID") }
    /// What was done with the message (`Disposition`).
    public var disposition: Disposition? { fields.text("Disposition").map { Disposition($0) } }
    /// Why nothing could be said or done (`Failure`).
    public var failures: [String] { fields.texts("Failure") }
    /// What went wrong (`Error`).
    public var errors: [String] { fields.texts("Error") }
    /// What was not quite right (`Warning`, of RFC 2298).
    public var warnings: [String] { fields.texts("Warning") }

    /// Who made a notification.
    public struct UserAgent: Hashable, Sendable {
        /// The host or another name of the instance, often left empty.
        public var name: String
        /// The program; empty if the notification does not name one.
        public var product: String

        /// Creates a user agent.
        public init(name: String, product: String = "") {
            self.name = name
            self.product = product
        }

        /// Reads `name; product`.
        init(_ value: String) {
            let pieces = value.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            name = pieces.first.map { ASCIIText.trimmed($0) } ?? ""
            product = pieces.count > 1 ? ASCIIText.trimmed(pieces[1]) : ""
        }
    }
}

/// What was done with a message (RFC 8098 section 3.2.6):
/// `manual-action/MDN-sent-manually; displayed/error`.
public struct Disposition: Hashable, Sendable {
    /// Whether a person or a program acted; `nil` if the notification does not say.
    public var actionMode: ActionMode?
    /// Whether a person or a program sent the notification; `nil` if the notification does not say.
    public var sendingMode: SendingMode?
    /// What was done.
    public var type: Kind
    /// Further words in lower case, such as `error`.
    public var modifiers: [String]

    /// Creates a disposition.
    public init(actionMode: ActionMode?, sendingMode: SendingMode?, type: Kind, modifiers: [String] = []) {
        self.actionMode = actionMode
        self.sendingMode = sendingMode
        self.type = type
        self.modifiers = modifiers
    }

    /// Reads a field's value. Without a semicolon, the modes are those that end in `-action` and begin with `MDN-`.
    init(_ value: String) {
        let lowered = value.lowercased()
        var modes: [String] = []
        var rest = lowered[...]
        if let semicolon = lowered.firstIndex(of: ";") {
            modes = Self.words(lowered[..<semicolon], "/")
            rest = lowered[lowered.index(after: semicolon)...]
        } else {
            let words = Self.words(rest, "/")
            modes = Array(words.prefix { $0.hasSuffix("-action") || $0.hasPrefix("mdn-") })
            let kept = words.dropFirst(modes.count).joined(separator: "/")
            rest = kept[...]
        }
        actionMode = modes.first { $0.hasSuffix("-action") }.map { ActionMode($0) }
        sendingMode = modes.first { $0.hasPrefix("mdn-") }.map { SendingMode($0) }
        let pieces = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        type = Kind(pieces.first.map { ASCIIText.trimmed($0) } ?? "")
        modifiers = pieces.count > 1 ? Self.words(pieces[1], ",") : []
    }

    private static func words(_ text: Substring, _ separator: Character) -> [String] {
        text.split(separator: separator).map { ASCIIText.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// Whether a person or a program acted.
    public struct ActionMode: Hashable, Sendable {
        /// The word, in lower case.
        public let rawValue: String

        /// Creates a mode. Case does not matter.
        public init(_ text: String) { rawValue = ReportText.keyword(text) }

        /// A person did something with the message.
        public static let manual = ActionMode("manual-action")
        /// A program did, by rules.
        public static let automatic = ActionMode("automatic-action")
    }

    /// Whether a person or a program sent the notification.
    public struct SendingMode: Hashable, Sendable {
        /// The word, in lower case.
        public let rawValue: String

        /// Creates a mode. Case does not matter.
        public init(_ text: String) { rawValue = ReportText.keyword(text) }

        /// A person agreed to this notification.
        public static let manual = SendingMode("mdn-sent-manually")
        /// The notification was sent without asking.
        public static let automatic = SendingMode("mdn-sent-automatically")
    }

    /// What was done with a message.
    public struct Kind: Hashable, Sendable {
        /// The word, in lower case.
        public let rawValue: String

        /// Creates a kind. Case does not matter.
        public init(_ text: String) { rawValue = ReportText.keyword(text) }

        /// The message was shown; nobody can say whether it was read or understood.
        public static let displayed = Kind("displayed")
        /// The message was deleted; perhaps it had been seen.
        public static let deleted = Kind("deleted")
        /// A program did something with the message, without showing it.
        public static let processed = Kind("processed")
        /// Rules sent the message elsewhere.
        public static let dispatched = Kind("dispatched")
        /// The reader does not want to tell (RFC 2298).
        public static let denied = Kind("denied")
        /// No proper notification could be made (RFC 2298).
        public static let failed = Kind("failed")
    }
}
