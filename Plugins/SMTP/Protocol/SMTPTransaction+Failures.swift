import Posthorn

extension SMTPTransaction {
    func refusedByAll() -> Failure {
        // One that was refused only for now makes the whole worth another try.
        let passing = results.first { $0.status == .rejectedForNow }
        let shown = passing ?? results.first
        let names = results.prefix(3).map { "\($0.address) (\($0.reply?.description ?? "no reply"))" }
        let more = results.count > 3 ? " and \(results.count - 3) more" : ""
        return Failure(
            code: .refused,
            certainty: passing == nil ? .rejected : .notTaken,
            message: "the server refused every recipient: " + names.joined(separator: ", ") + more,
            reply: shown?.reply,
            recipients: results
        )
    }

    func refusal(_ reply: SMTPReply, of what: String) -> Failure {
        let value = reply.value
        let status = value.enhancedStatus.map { ($0.subject, $0.detail) }
        var code = MailError.Code.refused
        var certainty: DeliveryCertainty = reply.isTransient ? .notTaken : .rejected
        var advice = reply.isTransient ? "; try again later" : ""
        switch reply.code {
        case 421, 450, 451, 454:
            code = .unavailable
        case 530, 538:
            // The account is at fault, not the message: another transport may take it.
            code = .authenticationFailed
            certainty = .notTaken
            advice = "; the server wants a sign-in: set `username` and `password`"
        // RFC 1870 section 6; 5.3.4 and 5.2.3 of RFC 3463 say the same of the system and of the mailbox.
        case 552 where status == nil, 500..<600 where status.map({ $0 == (3, 4) || $0 == (2, 3) }) ?? false:
            code = .tooLarge
            advice = "; send less at once, or ask the server's operator for a larger limit"
        default: break
        }
        return Failure(
            code: code,
            certainty: certainty,
            message: "the server refused \(what): \(value)\(advice)",
            reply: value,
            // What a server says about recipients after it has refused the sender means nothing.
            recipients: mailFailure == nil ? results : []
        )
    }

    func unexpected(_ reply: SMTPReply, after what: String) -> Failure {
        Failure(
            code: .protocolViolation,
            certainty: mayHaveBeenTaken ? .unknown : .notTaken,
            message: "the server answered '\(reply.value)' to \(what), which the protocol does not allow there; "
                + "the connection was closed",
            reply: nil,
            recipients: mailFailure == nil ? results : []
        )
    }
}
