/// The limits of a session that a server tells its clients (RFC 9422). What passes them is refused for now (452).
public struct SMTPServerSessionLimits: Hashable, Sendable {
    /// MAILMAX: the MAIL commands of a connection, those too that are refused. They are counted anew after STARTTLS.
    public var messages: Int?
    /// RCPTMAX: the RCPT commands of a message, those too that are refused.
    public var recipients: Int?
    /// RCPTDOMAINMAX: the domains of the accepted recipients of a connection. They are counted anew after STARTTLS.
    public var recipientDomains: Int?

    /// Limits; `nil` where there is none.
    public init(messages: Int? = nil, recipients: Int? = nil, recipientDomains: Int? = nil) {
        self.messages = messages
        self.recipients = recipients
        self.recipientDomains = recipientDomains
    }

    /// The line of the EHLO reply; `nil` without any limit.
    var announcement: String? {
        let all = [("MAILMAX", messages), ("RCPTMAX", recipients), ("RCPTDOMAINMAX", recipientDomains)]
        let words = all.compactMap { name, value in value.map { "\(name)=\($0)" } }
        return words.isEmpty ? nil : "LIMITS " + words.joined(separator: " ")
    }
}
