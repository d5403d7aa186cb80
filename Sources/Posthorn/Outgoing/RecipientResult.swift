/// What became of a message for one of its recipients.
public struct RecipientResult: Hashable, Sendable, CustomStringConvertible {
    /// The outcome for one recipient.
    public struct Status: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case accepted, rejectedForNow = "rejected-for-now", rejectedForGood = "rejected-for-good"
            case handedOver = "handed-over", written, unknown, notTaken = "not-taken"
        }
        private let value: Value

        /// A server has taken responsibility for the message.
        public static let accepted = Status(value: .accepted)
        /// The server refused this recipient for now (4yz): the same may work later.
        public static let rejectedForNow = Status(value: .rejectedForNow)
        /// The server refused this recipient for good (5yz).
        public static let rejectedForGood = Status(value: .rejectedForGood)
        /// The user's program has the message, and the user may still cancel it.
        public static let handedOver = Status(value: .handedOver)
        /// The message was written into a file.
        public static let written = Status(value: .written)
        /// Nobody knows: the connection broke before the answer came.
        public static let unknown = Status(value: .unknown)
        /// The recipient was accepted, but the message was not.
        public static let notTaken = Status(value: .notTaken)

        /// The word used in JSON output.
        public var description: String { value.rawValue }
    }

    /// The recipient.
    public var address: EmailAddress
    /// What became of it.
    public var status: Status
    /// The server's reply for this recipient, if there was one.
    public var reply: ServerReply?

    /// Creates a result.
    public init(_ address: EmailAddress, _ status: Status, reply: ServerReply? = nil) {
        self.address = address
        self.status = status
        self.reply = reply
    }

    /// `b@example.org rejected-for-good (550 5.1.1 No such user)`
    public var description: String {
        "\(address) \(status)" + (reply.map { " (\($0))" } ?? "")
    }
}
