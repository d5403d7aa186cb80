/// Checks step by step whether a transport or store can be reached and used: name, connection, TLS, greeting,
/// capabilities, sign-in, dry run.
public protocol Diagnosing {
    /// Runs the steps in order and reports each as it ends. Stops after a step that failed.
    ///
    /// Nothing is sent to anybody, unless `request` names an address for a test message.
    func diagnose(_ request: DiagnosisRequest) async -> [DiagnosisStep]
}

extension TransportCapability where Interface == any Diagnosing {
    /// Checking step by step whether the transport can be reached and used.
    public static var diagnosis: Self { Self("diagnosis") }
}

/// What a diagnosis shall do.
public struct DiagnosisRequest: Sendable {
    /// The sender used in the dry run, usually the client's own address.
    public var sender: EmailAddress?
    /// Hears each step as it ends, in order.
    public var onStep: (@Sendable (DiagnosisStep) -> Void)?

    /// Creates a request.
    public init(sender: EmailAddress? = nil, onStep: (@Sendable (DiagnosisStep) -> Void)? = nil) {
        self.sender = sender
        self.onStep = onStep
    }
}

/// One step of a diagnosis and what came of it.
public struct DiagnosisStep: Sendable, Hashable {
    /// How a step ended.
    public struct Verdict: Hashable, Sendable, CustomStringConvertible {
        /// `ok`, `warning` or `failed`.
        public let description: String
        /// All is well.
        public static let ok = Verdict(description: "ok")
        /// It works, but something should be looked at.
        public static let warning = Verdict(description: "warning")
        /// It does not work.
        public static let failed = Verdict(description: "failed")
    }

    /// What was checked, such as `name`, `connect`, `tls`, `greeting`, `capabilities`, `sign-in`, `dry-run`.
    public var name: String
    /// How it ended.
    public var verdict: Verdict
    /// What was found, one sentence.
    public var finding: String
    /// What to do about it, if anything.
    public var advice: String?
    /// How long it took.
    public var duration: Duration
    /// The kind of failure, for programs, if an error of Posthorn made the step fail.
    public var code: MailError.Code?

    /// Creates a step.
    public init(
        name: String,
        verdict: Verdict,
        finding: String,
        advice: String? = nil,
        duration: Duration,
        code: MailError.Code? = nil
    ) {
        self.code = code
        self.name = name
        self.verdict = verdict
        self.finding = finding
        self.advice = advice
        self.duration = duration
    }
}
