public import Posthorn

/// Checks that a store keeps the contract of ``IncomingStore`` and ``StoreSession``.
///
/// It works in every test framework, and outside of one: what is wrong is thrown.
/// ```swift
/// @Test func `the Maildir store keeps the contract`() async throws {
///     let folder = try TemporaryMaildir()
///     try await StoreConformance(MaildirStore(folder.path)) { try folder.deliver($0) }.run()
/// }
/// ```
/// The store may hold other messages. Messages are delivered into its inbox, and deleted where the store can.
public struct StoreConformance: Sendable {
    /// A rule of the contract.
    public struct Rule: Hashable, Sendable, CustomStringConvertible {
        /// A short name, such as `abandoned-deletion`.
        public let name: String
        /// What the rule demands, one sentence.
        public let summary: String
        let check: @Sendable (StoreVisit) async throws -> Void

        /// The name.
        public var description: String { name }

        /// Whether the names are the same.
        public static func == (left: Rule, right: Rule) -> Bool { left.name == right.name }

        /// Takes the name in.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    /// The size of the large message, in octets. Default: 16 MiB.
    public var largeContentSize: UInt64 = 16 << 20
    /// How long a delivery may take to be listed, and a cancelled call to end.
    public var promptness = Duration.seconds(5)
    /// How long one rule may take in all.
    public var patience = Duration.seconds(120)
    /// Passwords and the like which no error text may hold.
    public var secrets: [String] = []

    let makeStore: @Sendable () async throws -> any IncomingStore
    let deliver: @Sendable ([UInt8]) async throws -> Void

    /// Creates a suite.
    ///
    /// - Parameters:
    ///   - makeStore: Makes the store; called for every rule. It may be the same one each time.
    ///   - deliver: Puts a message into the inbox, as if it had arrived; returns when it is there.
    public init(
        _ makeStore: @escaping @Sendable () async throws -> any IncomingStore,
        deliver: @escaping @Sendable ([UInt8]) async throws -> Void
    ) {
        self.makeStore = makeStore
        self.deliver = deliver
    }

    /// Creates a suite for one store.
    public init(_ store: any IncomingStore, deliver: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.init({ store }, deliver: deliver)
    }

    /// Checks the given rules one after the other.
    ///
    /// - Throws: ``ConformanceFailure`` with everything that was found; `CancellationError`.
    public func run(_ rules: [Rule] = Rule.all) async throws {
        var findings: [ConformanceFailure.Finding] = []
        for rule in rules {
            try Task.checkCancellation()
            findings += await check(rule)
        }
        guard findings.isEmpty else { throw ConformanceFailure(findings: findings) }
    }

    private func check(_ rule: Rule) async -> [ConformanceFailure.Finding] {
        let list = FindingList(rule: rule.name)
        let outcome = await Patience.outcome(within: patience) {
            let visit = StoreVisit(suite: self, store: try await makeStore(), list: list)
            do {
                try await rule.check(visit)
            } catch is RuleAborted {}
        }
        switch outcome {
        case nil: list.add("the rule was not through after \(patience); a call seems to hang")
        case .failure(let error): list.add("an error that was not expected: \(error)")
        case .success: break
        }
        return list.findings
    }
}
