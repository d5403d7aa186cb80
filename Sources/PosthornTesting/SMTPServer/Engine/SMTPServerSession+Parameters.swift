extension SMTPServerSession {
    /// Checks the parameters of MAIL or RCPT: known, allowed by an extension, with a good value.
    func check(_ parameters: [(keyword: String, value: String?)], of verb: String) throws(MailCommand.Refusal) {
        for (keyword, value) in parameters {
            guard usesExtensions, let needed = Self.needed(for: keyword, of: verb), needed.allSatisfy(supports) else {
                throw MailCommand.Refusal(
                    code: 555,
                    status: "5.5.4",
                    text: "the parameter \(keyword) is not known here"
                )
            }
            guard isGood(keyword, value) else {
                throw MailCommand.Refusal(code: 501, status: "5.5.4", text: "the value of \(keyword) is not possible")
            }
            if keyword == "SIZE", let size = value.flatMap(UInt64.init), size > configuration.limits.message {
                throw MailCommand.Refusal(
                    code: 552,
                    status: "5.3.4",
                    text: "the message may have \(configuration.limits.message) octets"
                )
            }
        }
    }

    /// Whether an extension can be used now: REQUIRETLS is one of encrypted connections (RFC 8689).
    func supports(_ name: SMTPServerExtension) -> Bool {
        configuration.extensions.contains(name) && (name != .requireTLS || encryption != nil)
    }

    /// The extensions that a parameter needs; `nil` for a parameter that nobody knows.
    private static func needed(for keyword: String, of verb: String) -> [SMTPServerExtension]? {
        switch (verb, keyword) {
        case ("MAIL", "SIZE"): [.size]
        case ("MAIL", "BODY"): [.eightBitMIME]
        case ("MAIL", "SMTPUTF8"): [.smtpUTF8]
        case ("MAIL", "RET"), ("MAIL", "ENVID"), ("RCPT", "NOTIFY"), ("RCPT", "ORCPT"): [.deliveryStatusNotification]
        case ("MAIL", "REQUIRETLS"): [.requireTLS]
        case ("MAIL", "BY"): [.deliverBy]
        case ("MAIL", "HOLDFOR"): [.futureRelease]
        case ("MAIL", "MT-PRIORITY"): [.transferPriority]
        case ("RCPT", "RRVS"): [.recipientValidSince]
        // RFC 4954 section 5: allowed wherever AUTH is.
        case ("MAIL", "AUTH"): []
        default: nil
        }
    }

    private func isGood(_ keyword: String, _ value: String?) -> Bool {
        switch keyword {
        case "SIZE": value.map { $0.utf8.count <= 20 && UInt64($0) != nil } ?? false
        case "BODY":
            switch value?.uppercased() {
            case "7BIT", "8BITMIME": true
            case "BINARYMIME": supports(.binaryMIME) && supports(.chunking)
            default: false
            }
        case "SMTPUTF8", "REQUIRETLS": value == nil
        case "BY": Self.isGoodDeliverBy(value)
        case "HOLDFOR": value.flatMap(Int.init).map { (1...999_999_999).contains($0) } ?? false
        case "MT-PRIORITY": value.flatMap(Int.init).map { (-9...9).contains($0) } ?? false
        case "RRVS": Self.isGoodValidSince(value)
        case "RET": ["FULL", "HDRS"].contains(value?.uppercased())
        case "ENVID": value.map { $0.utf8.count <= 100 && XText.decode($0) != nil } ?? false
        case "AUTH": value.map { $0 == "<>" || XText.decode($0) != nil } ?? false
        case "NOTIFY": Self.isGoodNotify(value)
        case "ORCPT": value.map { $0.utf8.count <= 500 && $0.contains(";") && XText.decode($0) != nil } ?? false
        default: false
        }
    }

    private static func isGoodNotify(_ value: String?) -> Bool {
        guard let words = value?.uppercased().split(separator: ",", omittingEmptySubsequences: false) else {
            return false
        }
        if words == ["NEVER"] { return true }
        return Set(words).count == words.count && words.allSatisfy { ["SUCCESS", "FAILURE", "DELAY"].contains($0) }
    }

    /// RFC 7293 section 3.1: a time of RFC 3339, and what happens on the way onward.
    private static func isGoodValidSince(_ value: String?) -> Bool {
        let form = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)(;[CR])?/
        return value.map { $0.uppercased().wholeMatch(of: form) != nil } ?? false
    }

    /// RFC 2852 section 4: seconds, and what happens to a message that is late.
    private static func isGoodDeliverBy(_ value: String?) -> Bool {
        guard let parts = value?.split(separator: ";", omittingEmptySubsequences: false), parts.count == 2,
            let seconds = Int(parts[0]), (-999_999_999...999_999_999).contains(seconds)
        else { return false }
        switch parts[1].uppercased() {
        case "R", "RT": return seconds > 0
        case "N", "NT": return true
        default: return false
        }
    }
}
