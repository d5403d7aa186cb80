public import Posthorn

/// What a round of fetching did.
public struct FetchReport: Sendable {
    /// A message that is in the place now.
    public struct Fetched: Hashable, Sendable {
        /// Its name within the store.
        public var id: StoredMessage.ID
        /// The key under which it was delivered.
        public var key: FetchKey
        /// Its size, as read.
        public var octets: UInt64
    }

    /// A message that was left on the server.
    public struct Skipped: Sendable {
        /// Why a message was left. New reasons may be added in minor releases.
        public struct Reason: Hashable, Sendable, CustomStringConvertible {
            /// The word used in JSON output and logs.
            public let description: String

            /// It has more octets than ``FetchPolicy/maximumMessageSize``.
            public static let tooLarge = Reason(description: "too-large")
            /// It was listed, and gone when it was read. It was somebody else who deleted it.
            public static let vanished = Reason(description: "vanished")
            /// The server did not give it out; the next round asks again.
            public static let refused = Reason(description: "refused")
        }

        /// Its name within the store.
        public var id: StoredMessage.ID
        /// Its size in octets, if known.
        public var size: UInt64?
        /// Why it was left.
        public var reason: Reason
        /// What the store said, if it said something.
        public var error: MailError?
    }

    /// The messages that were put into the place, in the order of the store.
    public var fetched: [Fetched] = []
    /// The octets of these messages.
    public var octets: UInt64 = 0
    /// How many of the listed messages had been fetched before.
    public var alreadyKnown = 0
    /// The messages that were left on the server, each with the reason.
    public var skipped: [Skipped] = []
    /// How many messages wait for the next round, because a limit of the policy was reached.
    public var waiting = 0
    /// How many messages were deleted from the server.
    public var deleted = 0
    /// Whether messages were to be deleted by the policy, and the server cannot delete. They stay there.
    public var isDeletionMissing = false

    /// An empty report.
    public init() {}
}
