public import Posthorn

/// Checks that a transport keeps the contract of ``OutgoingTransport``.
///
/// It works in every test framework, and outside of one: what is wrong is thrown.
/// ```swift
/// @Test func `the fax transport keeps the contract`() async throws {
///     let machine = FakeFaxMachine()
///     var suite = try TransportConformance { FaxTransport(machine) }
///     suite.delivered = { machine.pages.map { DeliveredMessage(sender: $0.from, recipients: $0.to, bytes: $0.bytes) } }
///     try await suite.run()
/// }
/// ```
/// The transport is made anew for every rule. The far side must accept ``recipients``; messages really are sent.
public struct TransportConformance: Sendable {
    /// A rule of the contract.
    public struct Rule: Hashable, Sendable, CustomStringConvertible {
        /// A short name, such as `cancelled-before-sending`.
        public let name: String
        /// What the rule demands, one sentence.
        public let summary: String
        let check: @Sendable (TransportVisit) async throws -> Void

        /// The name.
        public var description: String { name }

        /// Whether the names are the same.
        public static func == (left: Rule, right: Rule) -> Bool { left.name == right.name }

        /// Takes the name in.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    /// Who sends. Must be acceptable to the far side.
    public var sender: EmailAddress
    /// At least three recipients that the far side accepts.
    public var recipients: [EmailAddress]
    /// A recipient that the far side refuses for good; `nil` leaves out the rule `refused-recipient`.
    public var refusedRecipient: EmailAddress?
    /// Looks at the far side: everything that was delivered so far, in any order. `nil` leaves out what needs it.
    public var delivered: (@Sendable () async throws -> [DeliveredMessage])?
    /// Whether the far side gets the very octets of the content. Ways that rebuild the message (the user's mail
    /// program) say `false`.
    public var keepsContent = true
    /// Passwords and the like which no receipt and no error text may hold.
    public var secrets: [String] = []
    /// The size of the large message, in octets. Default: 64 MiB.
    public var largeContentSize: UInt64 = 64 << 20
    /// How long the end of a cancelled call, or a delivery on the far side, may take.
    public var promptness = Duration.seconds(5)
    /// How long one rule may take in all.
    public var patience = Duration.seconds(120)

    let makeTransport: @Sendable () async throws -> any OutgoingTransport

    /// Creates a suite with addresses below `example.org`.
    ///
    /// - Parameter makeTransport: Makes a transport, ready to send.
    public init(_ makeTransport: @escaping @Sendable () async throws -> any OutgoingTransport) throws {
        self.makeTransport = makeTransport
        sender = try EmailAddress("sender@example.org")
        recipients = try ["first@example.org", "second@example.org", "third@example.org"].map { try EmailAddress($0) }
    }

    /// Checks the given rules one after the other.
    ///
    /// - Throws: ``ConformanceFailure`` with everything that was found; `CancellationError`.
    public func run(_ rules: [Rule] = Rule.all) async throws {
        guard recipients.count >= 3 else {
            throw MailError(.misuse, "the suite needs at least three recipients, and was given \(recipients.count)")
        }
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
            let visit = TransportVisit(suite: self, transport: try await makeTransport(), list: list)
            do {
                try await rule.check(visit)
            } catch is RuleAborted {}
            await visit.transport.close()
        }
        switch outcome {
        case nil: list.add("the rule was not through after \(patience); a call seems to hang")
        case .failure(let error): list.add("an error that was not expected: \(error)")
        case .success: break
        }
        return list.findings
    }
}
