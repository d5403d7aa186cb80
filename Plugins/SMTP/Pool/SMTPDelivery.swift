import Posthorn
import Synchronization

/// One message on its way through the pool: from the caller's hands to its outcome.
///
/// The caller may go at any time. What it is told then depends on how far the message has come: before its end was handed
/// over, the promise that it never will be; after that, that the outcome is not known.
final class SMTPDelivery: Sendable {
    private enum Phase { case waiting, active, handedOver, settled }

    private struct State: Sendable {
        var phase = Phase.waiting
        var line: SMTPLine?
        /// What is known of recipients from transactions that are over.
        var past: SMTPPastTransactions?
    }

    let request: SendRequest
    private let index: Int
    private let submission: SMTPSubmission
    private let state = Mutex(State())

    init(_ request: SendRequest, _ index: Int, of submission: SMTPSubmission) {
        self.request = request
        self.index = index
        self.submission = submission
    }

    /// Whether nobody waits for the outcome any more, or it is known.
    var isSettled: Bool { state.withLock { $0.phase == .settled } }

    /// The recipients for whom a transaction is still to be made.
    var openRecipients: [EmailAddress] {
        state.withLock { $0.past?.open(of: request.envelope.recipients) } ?? request.envelope.recipients
    }

    /// The work on a connection begins.
    ///
    /// - Returns: `false` if the caller has gone.
    func begin(on line: SMTPLine) -> Bool {
        state.withLock { state in
            guard state.phase == .waiting else { return false }
            state.phase = .active
            state.line = line
            line.enter()
            return true
        }
    }

    /// The end of the message is about to be handed over.
    ///
    /// - Returns: `false` if the caller has gone with the promise that this will not happen.
    func commit() -> Bool {
        state.withLock { state in
            guard state.phase == .active else { return false }
            state.phase = .handedOver
            return true
        }
    }

    /// The message waits again: it was certainly not taken on this connection, by no fault of its own.
    ///
    /// - Returns: `false` if the caller has gone.
    func waitAgain() -> Bool {
        state.withLock { state in
            guard state.phase == .active || state.phase == .handedOver else { return false }
            state.phase = .waiting
            state.line?.leave()
            state.line = nil
            return true
        }
    }

    /// Remembers what a transaction brought, if recipients are left; see ``SMTPPastTransactions``.
    ///
    /// - Returns: whether another transaction is to follow.
    func keep(_ outcomes: [RecipientResult], _ receipt: SendReceipt?, leaving others: Set<EmailAddress>) -> Bool {
        state.withLock { state in
            guard state.phase != .settled else { return false }
            let past = state.past ?? SMTPPastTransactions()
            guard past.keep(outcomes, receipt, leaving: others, of: request.envelope.recipients) else { return false }
            state.past = past
            return true
        }
    }

    /// The outcome of the last transaction is the end of it.
    func settle(_ outcome: SendOutcome) {
        let isFirst = state.withLock { state in
            guard state.phase != .settled else { return false }
            state.phase = .settled
            state.line?.leave()
            state.line = nil
            return true
        }
        guard isFirst else { return }
        submission.complete(index, merged(outcome))
    }

    /// The caller goes: its task was cancelled, or its limit of time is over.
    ///
    /// - Parameter error: why, as the error of a message that was not taken.
    func desert(_ error: MailError) {
        let (phase, line) = state.withLock { state -> (Phase, SMTPLine?) in
            defer {
                state.phase = .settled
                state.line = nil
            }
            return (state.phase, state.line)
        }
        guard phase != .settled else { return }
        submission.complete(index, merged(.failure(phase == .handedOver ? error.withUnknownOutcome() : error)))
        line?.desert()
    }

    private func merged(_ outcome: SendOutcome) -> SendOutcome {
        state.withLock { $0.past?.merged(with: outcome, request) } ?? outcome
    }
}

extension MailError {
    /// The error of a caller that goes after the whole message was sent.
    func withUnknownOutcome() -> MailError {
        var error = self
        error.certainty = .unknown
        if code != .cancelled { error.code = .outcomeUnknown }
        error.message =
            "the whole message was sent, but the server's answer was not awaited (\(message)); it may have been delivered "
            + "or not: look for it at the recipient or in the server's log before you send it again"
        return error
    }
}
