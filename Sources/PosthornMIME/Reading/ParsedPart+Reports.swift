/// The reports that machines write about mail. Each is the second part of a `multipart/report` (RFC 6522).
extension ParsedPart {
    /// What became of a message that was sent (RFC 3464, RFC 6533); `nil` if the part is of another type.
    ///
    /// - Throws: what ``decoded(upTo:)`` throws.
    public func deliveryStatus() throws -> DeliveryStatusReport? {
        guard ["message/delivery-status", "message/global-delivery-status"].contains(contentType.value) else {
            return nil
        }
        return DeliveryStatusReport(try decoded(upTo: Self.largestReport))
    }

    /// What became of a message at the recipient's (RFC 8098); `nil` if the part is of another type.
    ///
    /// - Throws: what ``decoded(upTo:)`` throws.
    public func dispositionNotification() throws -> DispositionNotification? {
        let types = ["message/disposition-notification", "message/global-disposition-notification"]
        guard types.contains(contentType.value) else { return nil }
        return DispositionNotification(try decoded(upTo: Self.largestReport))
    }

    /// What a provider says that a recipient thinks of a message (RFC 5965); `nil` if the part is of another type.
    ///
    /// - Throws: what ``decoded(upTo:)`` throws.
    public func feedbackReport() throws -> FeedbackReport? {
        guard contentType.value == "message/feedback-report" else { return nil }
        return FeedbackReport(try decoded(upTo: Self.largestReport))
    }

    /// Reports are taken into memory: the longest that is, 16 MiB.
    private static let largestReport = 1 << 24
}

extension ParsedMessage {
    /// The report on a delivery that the message holds; `nil` if it holds none.
    ///
    /// - Throws: what ``ParsedPart/decoded(upTo:)`` throws.
    public var deliveryStatus: DeliveryStatusReport? {
        get throws { try leaves.compactMap { try $0.deliveryStatus() }.first }
    }

    /// The notification of a disposition that the message holds; `nil` if it holds none.
    ///
    /// - Throws: what ``ParsedPart/decoded(upTo:)`` throws.
    public var dispositionNotification: DispositionNotification? {
        get throws { try leaves.compactMap { try $0.dispositionNotification() }.first }
    }

    /// The feedback report that the message holds; `nil` if it holds none.
    ///
    /// - Throws: what ``ParsedPart/decoded(upTo:)`` throws.
    public var feedbackReport: FeedbackReport? {
        get throws { try leaves.compactMap { try $0.feedbackReport() }.first }
    }
}

extension DeliveryStatusReport {
    /// When the message came to the server that reports; `nil` if it does not say so.
    public var arrivalDate: DateReading? { arrivalDateText.flatMap { DateReading.read($0.utf8) } }
}

extension DeliveryStatusReport.Recipient {
    /// When the server tried last; `nil` if it does not say so.
    public var lastAttemptDate: DateReading? { lastAttemptDateText.flatMap { DateReading.read($0.utf8) } }
    /// Until when the server will try again; `nil` if it does not say so.
    public var willRetryUntil: DateReading? { willRetryUntilText.flatMap { DateReading.read($0.utf8) } }
}

extension FeedbackReport {
    /// When the message came to the provider; `nil` if it does not say so.
    public var arrivalDate: DateReading? { arrivalDateText.flatMap { DateReading.read($0.utf8) } }
}
