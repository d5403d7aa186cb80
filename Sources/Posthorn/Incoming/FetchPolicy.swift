/// What becomes of messages on the server after they were fetched, and how much is fetched at a time.
public struct FetchPolicy: Hashable, Sendable {
    /// How long fetched messages stay on the server.
    public struct Keeping: Hashable, Sendable, CustomStringConvertible {
        /// `nil` for ever.
        private let days: Int?

        /// They are deleted as soon as they are safely stored.
        public static let no = Keeping(days: 0)
        /// They stay.
        public static let yes = Keeping(days: nil)
        /// They are deleted that many days after they were fetched; with 0 at once.
        public static func days(_ days: Int) -> Keeping { Keeping(days: max(0, days)) }

        /// Whether a message may go.
        ///
        /// - Parameters:
        ///   - fetched: when it was fetched, in seconds since 1970.
        ///   - now: the present time in the same form.
        public func allowsDeletion(fetched: Int64, now: Int64) -> Bool {
            guard let days else { return false }
            guard days > 0 else { return true }
            return now >= fetched && now &- fetched >= Int64(days) &* 86_400
        }

        /// Whether anything is ever deleted.
        public var deletes: Bool { days != nil }

        /// `no`, `yes` or the days: the word in the settings file.
        public var description: String {
            guard let days else { return "yes" }
            return days == 0 ? "no" : days == 1 ? "1 day" : "\(days) days"
        }
    }

    /// How long fetched messages stay on the server.
    public var keepOnServer: Keeping
    /// Messages of more octets stay on the server and are not fetched; `nil` for no limit.
    public var maximumMessageSize: UInt64?
    /// How many messages a round fetches at most; the next round goes on. `nil` for no limit.
    public var maximumMessages: Int?
    /// How many octets a round fetches at most, at least one message; `nil` for no limit.
    public var maximumOctets: UInt64?

    /// Creates a policy. Without arguments everything is fetched and stays on the server.
    public init(
        keepOnServer: Keeping = .yes,
        maximumMessageSize: UInt64? = nil,
        maximumMessages: Int? = nil,
        maximumOctets: UInt64? = nil
    ) {
        self.keepOnServer = keepOnServer
        self.maximumMessageSize = maximumMessageSize
        self.maximumMessages = maximumMessages
        self.maximumOctets = maximumOctets
    }
}

/// What a store knows about being fetched from: asked for by ``StoreCapability/fetching``.
public protocol FetchConfigured {
    /// Names server and user, so that what is recorded of one account is never taken for that of another:
    /// `pop3:info@mail.example.org`.
    var fetchAccount: String { get }

    /// The policy of the settings.
    var fetchPolicy: FetchPolicy { get }
}

extension StoreCapability where Interface == any FetchConfigured {
    /// Being fetched from by the policy of the settings.
    public static var fetching: Self { Self("fetching") }
}
