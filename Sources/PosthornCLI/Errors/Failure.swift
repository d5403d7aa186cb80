import ArgumentParser
import Posthorn

/// What went wrong, as it is told to people and to machines.
struct Failure {
    let error: any Error
    let exitCode: ExitCode
    /// Whether a message was to be sent, so that it matters who has it.
    private let concernsMessage: Bool

    init(_ thrown: any Error) {
        let failed = thrown as? FailedSend
        error = failed?.error ?? thrown
        concernsMessage = failed != nil
        exitCode = ExitCodes.code(for: error)
    }

    /// Tells it: text on the standard error, or an object on the standard output.
    func tell(on console: Console) {
        if error is ExitCode { return }
        guard console.isJSON else {
            for line in lines { console.note(line) }
            return
        }
        console.emit(["error": json])
    }

    // MARK: For people

    /// First what is wrong, then, indented, what to do.
    var lines: [String] {
        switch error {
        case let error as MailError:
            var lines = sentences(error)
            for recipient in error.recipients {
                let isTold = error.recipients.count == 1 && error.message.contains(recipient.address.description)
                guard let words = isTold ? Advice.next(recipient) : Receipt.words(recipient) else { continue }
                lines.append("  \(recipient.address): \(words)")
            }
            let more = [Advice.next(error), concernsMessage ? Advice.aboutTheMessage(error) : nil]
            return lines + more.compactMap { $0 }.map { "  \($0)" }
        case let error as SettingsError:
            return Self.lines(error)
        case is CancellationError:
            return ["interrupted"] + (concernsMessage ? ["  \(Advice.nobody)"] : [])
        default:
            return [
                "an unexpected fault: \(PeerText.shown("\(error)"))",
                "  Please report it: it is a mistake in posthorn.",
            ]
        }
    }

    /// The lines in two: what is wrong, and everything that is indented below.
    var findingAndAdvice: (finding: String, advice: String?) {
        let lines = lines
        let advice = lines.dropFirst().map { $0.drop { $0 == " " } }.joined(separator: "\n")
        return (lines.first ?? "", advice.isEmpty ? nil : advice)
    }

    private func sentences(_ error: MailError) -> [String] {
        var error = error
        if concernsMessage { error.message = Advice.withoutCertainty(error.message) }
        guard error.failedAttempts.isEmpty else {
            return ["none of the \(error.failedAttempts.count) transports that were tried took the message:"]
                + error.failedAttempts.map { "  \($0.transport): \($0.error.message)" }
        }
        let (problem, advice) = Advice.split(error)
        return [problem] + (advice.map { ["  \($0)"] } ?? [])
    }

    /// One line per mistake, and how many there are.
    private static func lines(_ error: SettingsError) -> [String] {
        let places = error.issues.filter { $0.origin != nil }
        guard !places.isEmpty else { return error.issues.map(\.description) }
        let count = error.issues.count == 1 ? "1 mistake" : "\(error.issues.count) mistakes"
        return error.issues.map(\.description) + ["\(count) in the settings; nothing was done"]
    }

    // MARK: For machines

    var json: JSONValue {
        switch error {
        case let error as MailError:
            [
                "code": .string(error.code.description), "certainty": .string(error.certainty.description),
                "message": .string(error.message), "retryable": .bool(error.isRetryable),
                "account": .text(error.account), "reply": Receipt.json(error.reply),
                "recipients": .array(error.recipients.map(Receipt.json)),
                "exit_code": .number(Int64(exitCode.number)),
            ]
        case let error as SettingsError:
            [
                "code": "settings", "certainty": "notTaken", "message": .string(error.description),
                "retryable": .bool(false), "issues": .array(error.issues.map(Self.json)),
                "exit_code": .number(Int64(exitCode.number)),
            ]
        case is CancellationError: simple("cancelled", "interrupted")
        default: simple("fault", PeerText.shown("\(error)"))
        }
    }

    private func simple(_ code: String, _ message: String) -> JSONValue {
        [
            "code": .string(code), "certainty": "notTaken", "message": .string(message), "retryable": .bool(false),
            "exit_code": .number(Int64(exitCode.number)),
        ]
    }

    private static func json(_ issue: SettingsIssue) -> JSONValue {
        [
            "file": .text(issue.origin?.file), "line": issue.origin.map { .number(Int64($0.line)) } ?? .null,
            "column": issue.origin.map { .number(Int64($0.column)) } ?? .null, "path": .text(issue.path),
            "message": .string(issue.message),
        ]
    }
}
