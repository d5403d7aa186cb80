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

    /// Adds a step that has just ended well, or with something to look at.
    package mutating func add(
        _ name: String,
        _ verdict: DiagnosisStep.Verdict,
        _ finding: String,
        advice: String? = nil
    ) {
        add(DiagnosisStep(name: name, verdict: verdict, finding: finding, advice: advice, duration: .zero))
    }

    /// Adds a step that has just failed.
    package mutating func add(_ name: String, failed error: MailError) {
        add(DiagnosisStep(name: name, verdict: .failed, finding: error.message, duration: .zero, code: error.code))
    }

    private mutating func add(_ ended: DiagnosisStep) {
        let now = ContinuousClock.now
        var step = ended
        step.duration = now - last
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
