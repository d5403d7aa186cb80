/// What a conformance suite found: one sentence for every broken rule.
///
/// It is an ordinary error, so that the suites work in every test framework: a test that throws fails, and shows
/// ``description``.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// One departure from the contract.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// The name of the rule, such as `cancelled-before-sending`.
        public let rule: String
        /// What was expected and what came.
        public let sentence: String

        /// `cancelled-before-sending: the call returned a receipt …`
        public var description: String { "\(rule): \(sentence)" }
    }

    /// What was found, in the order of the rules.
    public let findings: [Finding]

    /// The names of the broken rules.
    public var rules: Set<String> { Set(findings.map(\.rule)) }

    /// One line per finding.
    public var description: String {
        (["\(findings.count) departures from the contract:"] + findings.map { "- \($0)" }).joined(separator: "\n")
    }
}
