/// What is fetched, and what becomes of it on the server.
public struct FetchPolicy: Hashable, Sendable {
    /// How long messages stay on the server after they were fetched.
    public struct Keeping: Hashable, Sendable, CustomStringConvertible {
        /// Days after which they are deleted; `nil`: never.
        private let days: UInt16?

        /// They are deleted in the round that fetched them.
        public static let no = Keeping(days: 0)
        /// They stay for good.
        public static let yes = Keeping(days: nil)

        /// They are deleted in the first round that ends this many days (of 24 hours) after they were fetched.
        public static func days(_ count: UInt16) -> Keeping { Keeping(days: count) }

        /// As it is written in settings: `no`, `yes`, `1 day`, `14 days`.
        public var description: String {
            switch days {
            case nil: "yes"
            case 0: "no"
            case 1: "1 day"
            case let days?: "\(days) days"
            }
        }

        /// Whether a message that was fetched at `fetched` is to be deleted at `now`; both in seconds since 1970.
        public func isDue(fetched: Int64, now: Int64) -> Bool {
            guard let days else { return false }
            // Without this a clock that was set back would keep on the server what is to be deleted at once.
            if days == 0 { return true }
            let (age, isTooMuch) = now.subtractingReportingOverflow(fetched)
            return !isTooMuch && age >= Int64(days) * 86_400
        }
    }

    /// How long messages stay on the server.
    public var keepOnServer: Keeping
    /// Messages with more octets are left on the server and reported; `nil` for no limit.
    public var maximumMessageSize: UInt64?
    /// How many messages one round puts into the place at most; `nil` for no limit. The rest waits for the next round.
    public var maximumMessages: Int?
    /// How many octets one round puts into the place at most, but always one message; `nil` for no limit.
    public var maximumOctets: UInt64?

    /// Creates a policy. By default everything is fetched, and nothing deleted.
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
