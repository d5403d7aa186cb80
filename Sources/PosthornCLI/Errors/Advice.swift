import Foundation
import Posthorn

/// What an administrator can do about an error, beside what its sentence says.
enum Advice {
    /// What is wrong, and what to do: the sentences of errors have a semicolon between the two.
    static func split(_ sentence: String) -> (problem: String, advice: String?) {
        guard let range = sentence.range(of: "; ", options: .backwards) else { return (sentence, nil) }
        let advice = sentence[range.upperBound...]
        let end = advice.last.map { ".!?)".contains($0) } ?? true ? "" : "."
        return (String(sentence[..<range.lowerBound]), advice.prefix(1).uppercased() + advice.dropFirst() + end)
    }

    /// As ``split(_:)``, but a sentence that holds a server's own words stays whole: its last semicolon may be theirs.
    static func split(_ error: MailError) -> (problem: String, advice: String?) {
        let holdsForeignText =
            error.reply != nil || !error.recipients.isEmpty || ServerWords.replyCode(in: error.message) != nil
        return holdsForeignText ? (error.description, nil) : split(error.description)
    }

    /// Where to look next.
    static func next(_ error: MailError) -> String? {
        switch error.code {
        case .connectionFailed, .tlsFailed, .encryptionUnavailable, .authenticationFailed, .authenticationUnavailable:
            "'posthorn check' shows at which step it fails."
        case .timedOut, .connectionLost:
            "'posthorn check' shows whether the server answers; limits of time are set by 'timeouts' in the settings."
        case .protocolViolation: "Repeat it with --verbose to see what the server said."
        default: nil
        }
    }

    /// What can be done for a recipient.
    static func next(_ recipient: RecipientResult) -> String? {
        switch recipient.status {
        case .rejectedForGood: "correct the address"
        case .rejectedForNow: "try again later"
        default: nil
        }
    }

    // MARK: What is known of the message

    /// Who has the message that could not be sent.
    static func aboutTheMessage(_ error: MailError) -> String {
        if error.certainty == .unknown {
            return
                "It is not known whether the message was taken. Ask the recipient, or look into the server's log, before "
                + "you send it again."
        }
        let statuses = error.recipients.map(\.status)
        if statuses.contains(.accepted) { return "Only those who were accepted have the message." }
        guard error.isRetryable, !statuses.contains(.rejectedForGood) else { return nobody }
        return "Nobody has the message; it is safe to send it again later."
    }

    static let nobody = "Nobody has the message."

    /// The sentence without what ``aboutTheMessage(_:)`` says anyway.
    static func withoutCertainty(_ sentence: String) -> String {
        let endings = ["; nobody has the message", "; it is not known whether the message was taken"]
        guard let ending = endings.first(where: sentence.hasSuffix) else { return sentence }
        return String(sentence.dropLast(ending.count))
    }
}
