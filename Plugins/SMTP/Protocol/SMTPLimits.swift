/// What a server takes in one session and one transaction (RFC 9422, LIMITS).
struct SMTPLimits: Equatable {
    /// The most transactions in a session.
    var transactions: Int?
    /// The most recipients of a transaction.
    var recipients: Int?
    /// The most different domains among the recipients of a session.
    var domains: Int?

    /// The limits that a server announces. What cannot be read, or would allow nothing, is passed over.
    init(_ capabilities: SMTPCapabilities) {
        for word in capabilities.parameters(of: "LIMITS").prefix(32) {
            let parts = word.split(separator: "=", maxSplits: 1)
            // RFC 9422 section 3: one to six digits, the first not zero.
            guard parts.count == 2, parts[1].utf8.count <= 6, let value = Int(parts[1]), value > 0 else { continue }
            switch parts[0].uppercased() {
            case "MAILMAX": transactions = value
            case "RCPTMAX": recipients = value
            case "RCPTDOMAINMAX": domains = value
            default: break
            }
        }
    }
}
