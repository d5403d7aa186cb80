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

    static func lines(for error: MailError) -> [String] {
        [next(error), aboutTheMessage(error)].compactMap { $0 }
    }

    private static func next(_ error: MailError) -> String? {
        switch error.code {
        case .connectionFailed, .tlsFailed, .encryptionUnavailable, .authenticationFailed, .authenticationUnavailable:
            "'posthorn check' shows at which step it fails."
        case .timedOut, .connectionLost:
            "'posthorn check' shows whether the server answers; limits of time are set by 'timeouts' in the settings."
        case .protocolViolation: "Repeat it with --verbose to see what the server said."
        default: nil
        }
    }

    private static func aboutTheMessage(_ error: MailError) -> String? {
        switch error.certainty {
        case .unknown:
            "It is not known whether the message was taken. Ask the recipient, or look into the server's log, before "
                + "you send it again."
        case .rejected: nil
        default:
            switch error.code {
            case .cancelled: "Nobody has the message."
            case _ where error.isRetryable: "Nobody has the message; it is safe to send it again later."
            default: nil
            }
        }
    }
}
