/// The name of a header field (RFC 5322 section 2.2): its case is kept and does not matter.
public struct HeaderName: Sendable, CustomStringConvertible {
    /// The name as it is written.
    public let text: String
    /// The name in lower case, which decides about equality.
    let folded: String

    /// The longest name that is taken; the standard leaves 996, real ones have fewer than 70.
    public static let longest = 128

    /// A name of one's own, such as `X-Order-Number`.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if it holds anything but printable ASCII without the colon.
    public init(_ text: String) throws {
        guard (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
        else {
            throw MailError(
                .invalidMessage,
                "'\(PeerText.shown(text, limit: 80))' is not the name of a header field; use letters, digits and "
                    + "hyphens, at most \(Self.longest) of them"
            )
        }
        self.init(known: text)
    }

    private init(known text: String) {
        self.text = text
        folded = text.lowercased()
    }

    /// The name as it is written.
    public var description: String { text }
}

extension HeaderName: Hashable {
    /// Names are equal without regard to case.
    public static func == (left: HeaderName, right: HeaderName) -> Bool { left.folded == right.folded }

    /// Fits `==`.
    public func hash(into hasher: inout Hasher) { hasher.combine(folded) }
}

extension HeaderName {
    /// `From`
    public static let from = HeaderName(known: "From")
    /// `Sender`
    public static let sender = HeaderName(known: "Sender")
    /// `Reply-To`
    public static let replyTo = HeaderName(known: "Reply-To")
    /// `To`
    public static let to = HeaderName(known: "To")
    /// `Cc`
    public static let cc = HeaderName(known: "Cc")
    /// `Bcc`
    public static let bcc = HeaderName(known: "Bcc")
    /// `Subject`
    public static let subject = HeaderName(known: "Subject")
    /// `Date`
    public static let date = HeaderName(known: "Date")
    /// `Message-ID`
    public static let messageID = HeaderName(known: "Message-ID")
    /// `In-Reply-To`
    public static let inReplyTo = HeaderName(known: "In-Reply-To")
    /// `References`
    public static let references = HeaderName(known: "References")
    /// `Comments`
    public static let comments = HeaderName(known: "Comments")
    /// `Keywords`
    public static let keywords = HeaderName(known: "Keywords")
    /// `Received`
    public static let received = HeaderName(known: "Received")
    /// `Return-Path`
    public static let returnPath = HeaderName(known: "Return-Path")
    /// `Resent-From`
    public static let resentFrom = HeaderName(known: "Resent-From")
    /// `Resent-Sender`
    public static let resentSender = HeaderName(known: "Resent-Sender")
    /// `Resent-To`
    public static let resentTo = HeaderName(known: "Resent-To")
    /// `Resent-Cc`
    public static let resentCc = HeaderName(known: "Resent-Cc")
    /// `Resent-Bcc`
    public static let resentBcc = HeaderName(known: "Resent-Bcc")
    /// `Resent-Date`
    public static let resentDate = HeaderName(known: "Resent-Date")
    /// `Resent-Message-ID`
    public static let resentMessageID = HeaderName(known: "Resent-Message-ID")
    /// `MIME-Version`
    public static let mimeVersion = HeaderName(known: "MIME-Version")
    /// `Content-Type`
    public static let contentType = HeaderName(known: "Content-Type")
    /// `Content-Transfer-Encoding`
    public static let contentTransferEncoding = HeaderName(known: "Content-Transfer-Encoding")
    /// `Content-Disposition`
    public static let contentDisposition = HeaderName(known: "Content-Disposition")
    /// `Content-ID`
    public static let contentID = HeaderName(known: "Content-ID")
    /// `Content-Description`
    public static let contentDescription = HeaderName(known: "Content-Description")
    /// `Content-Class`, which Outlook reads for calendar parts
    public static let contentClass = HeaderName(known: "Content-Class")
    /// `List-Id` (RFC 2919)
    public static let listID = HeaderName(known: "List-Id")
    /// `List-Help` (RFC 2369)
    public static let listHelp = HeaderName(known: "List-Help")
    /// `List-Subscribe` (RFC 2369)
    public static let listSubscribe = HeaderName(known: "List-Subscribe")
    /// `List-Unsubscribe` (RFC 2369)
    public static let listUnsubscribe = HeaderName(known: "List-Unsubscribe")
    /// `List-Unsubscribe-Post` (RFC 8058)
    public static let listUnsubscribePost = HeaderName(known: "List-Unsubscribe-Post")
    /// `List-Post` (RFC 2369)
    public static let listPost = HeaderName(known: "List-Post")
    /// `List-Owner` (RFC 2369)
    public static let listOwner = HeaderName(known: "List-Owner")
    /// `List-Archive` (RFC 2369)
    public static let listArchive = HeaderName(known: "List-Archive")
    /// `Precedence`
    public static let precedence = HeaderName(known: "Precedence")
    /// `Auto-Submitted` (RFC 3834)
    public static let autoSubmitted = HeaderName(known: "Auto-Submitted")
    /// `Importance` (RFC 2156)
    public static let importance = HeaderName(known: "Importance")
    /// `Priority` (RFC 2156)
    public static let priority = HeaderName(known: "Priority")
    /// `X-Priority`
    public static let xPriority = HeaderName(known: "X-Priority")
    /// `Disposition-Notification-To` (RFC 8098)
    public static let dispositionNotificationTo = HeaderName(known: "Disposition-Notification-To")
    /// `User-Agent`
    public static let userAgent = HeaderName(known: "User-Agent")
    /// `X-Mailer`
    public static let xMailer = HeaderName(known: "X-Mailer")
}

extension HeaderName {
    /// How text that a program gives for a field is to be understood.
    enum Grammar {
        case text, addresses, messageIDs, tokens
    }

    var grammar: Grammar {
        switch self {
        case .from, .sender, .replyTo, .to, .cc, .bcc, .resentFrom, .resentSender, .resentTo, .resentCc, .resentBcc,
            .dispositionNotificationTo:
            .addresses
        case .messageID, .resentMessageID, .contentID, .inReplyTo, .references: .messageIDs
        case .date, .resentDate, .received, .returnPath, .mimeVersion, .contentType, .contentTransferEncoding,
            .contentDisposition, .listHelp, .listSubscribe, .listUnsubscribe, .listUnsubscribePost, .listPost,
            .listOwner, .listArchive, .autoSubmitted, .importance, .priority, .xPriority, .precedence, .contentClass:
            .tokens
        default: .text
        }
    }
}
