extension MailError {
    /// What a transport threw, as a `MailError` that names the transport.
    static func ofTransport(_ name: String?, _ error: any Error) -> MailError {
        if var error = error as? MailError {
            error.account = error.account ?? name
            return error
        }
        if error is CancellationError {
            // A transport that lets this error through says nothing about the message: it may have it.
            return MailError(
                .cancelled,
                "sending was cancelled; it is not known whether the message was taken",
                certainty: .unknown,
                account: name,
                cause: error
            )
        }
        return MailError(
            .outcomeUnknown,
            "the transport failed with an error of its own, so it is not known whether the message was taken: "
                + PeerText.shown(String(describing: error)),
            certainty: .unknown,
            account: name,
            cause: error
        )
    }

    /// The error of a message of a batch whose task was cancelled before the message was begun.
    static func cancelledBeforeItsTurn() -> MailError {
        MailError(
            .cancelled,
            "sending was cancelled before this message was begun; nobody has it",
            cause: CancellationError()
        )
    }

    /// The error of a message of a batch about which its transport said nothing.
    static func withoutOutcome() -> MailError {
        MailError(
            .outcomeUnknown,
            "the transport gave no outcome for this message of the batch, so it is not known whether it was taken; this is "
                + "a mistake in the transport",
            certainty: .unknown
        )
    }

    /// The error of a message that no transport took. `attempts` is not empty unless the route is.
    static func ofAttempts(_ attempts: [SendReceipt.FailedAttempt], allOf names: [String]) -> MailError {
        guard let last = attempts.last else {
            return MailError(
                .notFound,
                "the settings name no transport for this message; add `use: { outgoing: … }`"
            )
        }
        guard attempts.count > 1 else { return last.error }
        var error = last.error
        error.cause = last.error
        guard error.certainty == .notTaken else {
            // The last one may have the message, or refused it for good: only those before it certainly did not take it.
            error.failedAttempts = attempts.dropLast()
            return error
        }
        let reasons = attempts.map { "\($0.transport): \($0.error.message)" }.joined(separator: "; ")
        error.message = "none of the \(attempts.count) transports that were tried took the message: \(reasons)"
        error.account = nil
        error.failedAttempts = attempts
        return error
    }

    static func notConfigured(_ kind: String, _ name: String, _ configured: [String]) -> MailError {
        let known = configured.isEmpty ? "none is configured" : "configured: \(configured.joined(separator: ", "))"
        return MailError(.notFound, "the settings have no \(kind) named '\(PeerText.shown(name))' (\(known))")
    }

    static func ofOtherType(_ kind: String, _ name: String, _ found: Any, _ wanted: Any.Type) -> MailError {
        MailError(
            .misuse,
            "the \(kind) '\(PeerText.shown(name))' is a \(type(of: found)), not a \(wanted); ask for the type that its "
                + "plugin makes"
        )
    }
}
