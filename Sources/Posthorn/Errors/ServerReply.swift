/// An answer of a mail server, as values: reply code, enhanced status code and text.
public struct ServerReply: Hashable, Sendable, CustomStringConvertible {
    /// The three-digit reply code (RFC 5321 section 4.2), or `nil` where the protocol has none (POP3, IMAP).
    public var code: Int?

    /// The enhanced status code (RFC 3463), such as `5.1.1`, if the server gave one.
    public var enhancedStatus: EnhancedStatus?

    /// The server's text without codes, lines joined by a space; control characters are escaped and
    /// the text is cut at 1,000 characters, so that it can be shown as it is.
    public var text: String

    /// Creates a reply. `text` is escaped and cut.
    public init(code: Int? = nil, enhancedStatus: EnhancedStatus? = nil, text: String) {
        self.code = code
        self.enhancedStatus = enhancedStatus
        self.text = PeerText.shown(text, limit: 1_000)
    }

    /// Whether the reply is a refusal for now (4yz): the same request may succeed later.
    public var isTransient: Bool { code.map { (400..<500).contains($0) } ?? (enhancedStatus?.class == 4) }

    /// Whether the reply is a refusal for good (5yz).
    public var isPermanent: Bool { code.map { (500..<600).contains($0) } ?? (enhancedStatus?.class == 5) }

    /// The reply as one line: `550 5.1.1 No such user`.
    public var description: String {
        [code.map(String.init), enhancedStatus?.description, text.isEmpty ? nil : text]
            .compactMap { $0 }
            .joined(separator: " ")
    }
}

/// An enhanced mail system status code (RFC 3463): class, subject and detail.
public struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    public var `class`: Int
    /// What the status is about: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.
    public var subject: Int
    /// The precise condition.
    public var detail: Int

    /// Creates a status code from its three numbers.
    public init(_ class: Int, _ subject: Int, _ detail: Int) {
        self.class = `class`
        self.subject = subject
        self.detail = detail
    }

    /// `5.1.1`
    public var description: String { "\(`class`).\(subject).\(detail)" }
}
