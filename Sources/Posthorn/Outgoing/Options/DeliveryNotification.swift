/// Asks the servers on the way to report what became of the message (RFC 3461).
public struct DeliveryNotification: SendOption, Hashable, Sendable {
    /// The option carries the value itself.
    public typealias Value = DeliveryNotification
    /// `delivery-notification`
    public static let name = "delivery-notification"

    /// An event that is reported.
    public struct Event: Hashable, Sendable {
        /// The keyword of RFC 3461 section 4.1.
        public let keyword: String
        /// The message reached the mailbox.
        public static let success = Event(keyword: "SUCCESS")
        /// The message could not be delivered.
        public static let failure = Event(keyword: "FAILURE")
        /// The message is late.
        public static let delay = Event(keyword: "DELAY")
    }

    /// What is reported. Empty: nothing, not even failures (`NOTIFY=NEVER`).
    public var events: Set<Event>
    /// Whether a report holds the whole message (`RET=FULL`) or its header only; `nil` leaves it to the server.
    public var returnsFullMessage: Bool?
    /// A value of the sender's own that comes back in the report (ENVID), at most 100 ASCII characters.
    public var envelopeID: String?

    /// Creates the option's value.
    public init(on events: Set<Event>, returnsFullMessage: Bool? = nil, envelopeID: String? = nil) {
        self.events = events
        self.returnsFullMessage = returnsFullMessage
        self.envelopeID = envelopeID
    }
}
