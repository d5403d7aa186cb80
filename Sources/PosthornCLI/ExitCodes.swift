import ArgumentParser
import Posthorn

/// The exit codes of the tool, all in one place. They are those of `sysexits.h`.
enum ExitCodes {
    /// Everything that was asked for was done.
    static let done = ExitCode(0)
    /// The command line makes no sense.
    static let usage = ExitCode(64)
    /// The message, an address or a file that was given is wrong.
    static let badData = ExitCode(65)
    /// The server could not be reached.
    static let unavailable = ExitCode(69)
    /// A fault of the tool itself.
    static let fault = ExitCode(70)
    /// A file, or the standard output, could not be written.
    static let cannotWrite = ExitCode(73)
    /// Refused for now: the same may work later.
    static let tryLater = ExitCode(75)
    /// The conversation with the server went wrong, or ended so that the outcome is not known. Never repeat by itself.
    static let protocolFault = ExitCode(76)
    /// Refused for good, by the server or the person; also wrong credentials.
    static let refused = ExitCode(77)
    /// The settings are wrong or missing.
    static let settings = ExitCode(78)
    /// Interrupted by Ctrl-C (SIGINT).
    static let interrupted = ExitCode(130)
    /// Interrupted by SIGTERM.
    static let terminated = ExitCode(143)

    /// The code for an error.
    static func code(for error: any Error) -> ExitCode {
        switch error {
        case let error as MailError: code(for: error)
        case is SettingsError: settings
        case let code as ExitCode: code
        case is CancellationError: interrupted
        default: fault
        }
    }

    private static func code(for error: MailError) -> ExitCode {
        // Before all else, Ctrl-C too: a script that tries again after 69, 75 or 130 must not double a message.
        if error.certainty == .unknown { return protocolFault }
        if error.code == .cancelled { return interrupted }
        if let reply = error.reply, reply.isTransient { return tryLater }
        return table[error.code] ?? fault
    }

    private static let table: [MailError.Code: ExitCode] = [
        .connectionFailed: unavailable, .connectionLost: unavailable, .timedOut: unavailable,
        .unavailable: tryLater,
        .tlsFailed: protocolFault, .encryptionUnavailable: protocolFault, .protocolViolation: protocolFault,
        .outcomeUnknown: protocolFault,
        .authenticationFailed: refused, .authenticationUnavailable: refused, .secretUnavailable: refused,
        .refused: refused, .cancelledByUser: refused,
        .unsupported: badData, .tooLarge: badData, .invalidMessage: badData, .invalidAddress: badData,
        .contentUnavailable: badData,
        .storage: cannotWrite,
        .notFound: settings,
    ]

    /// The code for a receipt: partial success is not success.
    static func code(for receipt: SendReceipt) -> ExitCode {
        let failed = receipt.failedRecipients.map(\.status)
        if failed.isEmpty { return done }
        if failed.contains(.unknown) { return protocolFault }
        if failed.contains(.rejectedForGood) { return refused }
        return tryLater
    }

    /// The code for a step of `posthorn check` that failed; the same that `posthorn send` would end with.
    ///
    /// Where a server has numbers for its refusals, they are in the sentence and tell more than the kind of failure. A
    /// step of a plugin that gives no kind is judged by the library's own words, and else by its name.
    static func code(forFailed step: DiagnosisStep) -> ExitCode {
        func says(_ phrases: [String]) -> Bool { phrases.contains(where: step.finding.contains) }
        let violations = [
            "which SMTP does not allow there", "broke the rules of the sign-in mechanism", "expected an SMTP reply",
            "without having been asked",
        ]
        if says(violations) { return protocolFault }
        if let code = ServerWords.replyCode(in: step.finding) {
            if (400..<500).contains(code) { return tryLater }
            return ["connect", "greeting"].contains(step.name) ? unavailable : refused
        }
        if let code = step.code { return table[code] ?? fault }
        if says(["waited ", "closed the connection before it had answered", " broke ("]) { return unavailable }
        switch step.name {
        case "tls", "capabilities": return protocolFault
        case "sign-in", "dry-run", "send-test": return refused
        default: return unavailable
        }
    }
}

extension ExitCode {
    /// The code as the system knows it.
    var number: Int32 { rawValue }
}
