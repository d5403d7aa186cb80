/// Gives the message a time by which it must be delivered (DELIVERBY, RFC 2852).
///
/// A server that takes only longer times for messages that are to be returned cannot fulfil it: a wish is listed in
/// ``SendReceipt/ignoredOptions``, a requirement is the error `unsupported`, before anything is sent. A ``limit`` out of
/// its range is treated in the same way.
public struct DeliverBy: SendOption, Hashable, Sendable {
    /// The option carries the value itself.
    public typealias Value = DeliverBy
    /// `deliver-by`
    public static let name = "deliver-by"

    /// What happens to a message that is late.
    public struct LateAction: Hashable, Sendable {
        /// The letter of RFC 2852 section 4.
        public let letter: String
        /// It is returned to the sender and not delivered any more (`R`).
        public static let returned = LateAction(letter: "R")
        /// It is delivered all the same, and the sender is told that it is late (`N`).
        public static let notified = LateAction(letter: "N")
    }

    /// From the moment in which the server takes the message; whole seconds count, at least one and at most 999,999,999.
    public var limit: Duration
    /// What happens to a message that is late.
    public var lateAction: LateAction
    /// Whether every server on the way reports that it passed the message on (`T`).
    public var isTraced: Bool

    /// Creates the option's value.
    public init(within limit: Duration, orElse lateAction: LateAction = .returned, isTraced: Bool = false) {
        self.limit = limit
        self.lateAction = lateAction
        self.isTraced = isTraced
    }
}
