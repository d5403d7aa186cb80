package import Posthorn

/// Collects the steps of a diagnosis and times them.
package struct DiagnosisReport {
    package private(set) var steps: [DiagnosisStep] = []
    private let onStep: (@Sendable (DiagnosisStep) -> Void)?
    private var last = ContinuousClock.now

    /// A report that tells each step as it is added.
    package init(onStep: (@Sendable (DiagnosisStep) -> Void)?) {
        self.onStep = onStep
    }

    /// Adds a step that has just ended.
    package mutating func add(
        _ name: String,
        _ verdict: DiagnosisStep.Verdict,
        _ finding: String,
        advice: String? = nil
    ) {
        let now = ContinuousClock.now
        let step = DiagnosisStep(name: name, verdict: verdict, finding: finding, advice: advice, duration: now - last)
        last = now
        steps.append(step)
        onStep?(step)
    }

    /// Adds what TLS agreed on, with a warning if the certificate ends soon.
    package mutating func addEncryption(_ encryption: EncryptionInfo?) {
        guard let encryption else { return }
        let end = encryption.certificates.first?.notAfter.map { ", certificate valid until \($0)" } ?? ""
        add("tls", .ok, "\(encryption.version), \(encryption.cipher)\(end)")
    }
}
