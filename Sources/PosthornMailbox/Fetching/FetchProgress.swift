public import Posthorn

/// Hears how far a round of fetching has come.
public struct FetchProgress: Sendable {
    /// How far a round has come.
    public struct Update: Hashable, Sendable {
        /// What has just happened. New kinds may be added in minor releases.
        public struct Kind: Hashable, Sendable, CustomStringConvertible {
            /// The word used in logs.
            public let description: String

            /// The store's list was read and compared; the totals are known now.
            public static let listed = Kind(description: "listed")
            /// A message begins.
            public static let began = Kind(description: "began")
            /// Further octets of the message came.
            public static let octets = Kind(description: "octets")
            /// The message was read, or skipped.
            public static let ended = Kind(description: "ended")
            /// Messages are in the place, for good.
            public static let committed = Kind(description: "committed")
        }

        /// What has just happened.
        public var kind: Kind
        /// The message that it concerns; `nil` for `listed` and `committed`.
        public var message: StoredMessage?
        /// Messages that were read or skipped so far.
        public var messages = 0
        /// Messages that are to be read in the round.
        public var totalMessages = 0
        /// Octets read so far.
        public var octets: UInt64 = 0
        /// Octets that are to be read in the round, if the server told the sizes of all messages. Its word, not the truth.
        public var totalOctets: UInt64?
        /// Messages of the round that are in the place for good.
        public var committed = 0
    }

    private let handler: @Sendable (Update) -> Void

    /// Calls `handler` at every step, on the task that fetches: keep it short.
    public init(_ handler: @escaping @Sendable (Update) -> Void) { self.handler = handler }

    func report(_ update: Update) { handler(update) }
}
