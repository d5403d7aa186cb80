import Posthorn

extension SMTPCommands {
    /// The options that this server fulfils for a message. One whose value is beyond the server's limits is not among
    /// them: a wish is ignored then instead of making the server refuse the message, and a requirement is an error before
    /// anything is sent.
    func fulfilled(of options: SendOptions) -> [any SendOption.Type] {
        guard !options.isEmpty else { return [] }
        let notification: [any SendOption.Type] = capabilities.offers("DSN") ? [DeliveryNotification.self] : []
        let binary: [any SendOption.Type] = capabilities.hasBinaryMIME ? [BinaryTransfer.self] : []
        let validSince: [any SendOption.Type] =
            recipientTimes(for: options) == nil ? [] : [RequireRecipientValidSince.self]
        return notification + binary + validSince + mailParameters(for: options).map(\.option)
    }

    /// What the options add to MAIL.
    func mailParameters(for options: SendOptions) -> [(option: any SendOption.Type, text: String)] {
        guard !options.isEmpty else { return [] }
        var parameters: [(option: any SendOption.Type, text: String)] = []
        // RFC 8689: only on a connection that is encrypted itself.
        if options[RequireTLS.self] != nil, capabilities.offers("REQUIRETLS"), isEncrypted {
            parameters.append((RequireTLS.self, "REQUIRETLS"))
        }
        if let text = options[DeliverBy.self].flatMap(deliverBy) { parameters.append((DeliverBy.self, text)) }
        if let text = options[FutureRelease.self].flatMap(holdFor) { parameters.append((FutureRelease.self, text)) }
        if let priority = options[TransferPriority.self], capabilities.offers("MT-PRIORITY") {
            parameters.append((TransferPriority.self, "MT-PRIORITY=\(priority.level)"))
        }
        return parameters
    }

    /// What RRVS (RFC 7293) adds to RCPT, by recipient; `nil` if the server does not know it, a time cannot be written, or
    /// nothing is demanded.
    func recipientTimes(for options: SendOptions) -> [EmailAddress: String]? {
        guard !options.isEmpty, let option = options[RequireRecipientValidSince.self], capabilities.offers("RRVS")
        else {
            return nil
        }
        var texts: [EmailAddress: String] = [:]
        for (address, seconds) in option.times {
            guard seconds >= 0, let time = DateField.internetDateTime(secondsSinceEpoch: seconds) else { return nil }
            texts[address] = " RRVS=\(time);\(option.onwardAction.letter)"
        }
        return texts
    }

    /// RFC 2852 section 4. The server may name the shortest time for which it takes a message that is to be returned
    /// when it is late.
    private func deliverBy(_ option: DeliverBy) -> String? {
        guard capabilities.offers("DELIVERBY"), let seconds = Self.wholeSeconds(option.limit) else { return nil }
        let least = capabilities.numbers(of: "DELIVERBY").first ?? 0
        guard option.lateAction == .notified || seconds >= least else { return nil }
        return "BY=\(seconds);\(option.lateAction.letter)\(option.isTraced ? "T" : "")"
    }

    /// RFC 4865. The server may name the longest time.
    private func holdFor(_ option: FutureRelease) -> String? {
        guard capabilities.offers("FUTURERELEASE"), let seconds = Self.wholeSeconds(option.holdTime) else { return nil }
        let most = capabilities.numbers(of: "FUTURERELEASE").first ?? Self.mostSeconds
        return seconds <= most ? "HOLDFOR=\(seconds)" : nil
    }

    /// Nine digits, in both RFCs.
    private static let mostSeconds: Int64 = 999_999_999

    private static func wholeSeconds(_ duration: Duration) -> Int64? {
        let seconds = duration.components.seconds
        return (1...mostSeconds).contains(seconds) ? seconds : nil
    }
}
