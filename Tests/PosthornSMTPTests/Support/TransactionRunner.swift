import Posthorn

@testable import PosthornSMTP

/// Drives a transaction as a session does, against a server that is a list of replies.
struct TransactionRunner {
    var transaction: SMTPTransaction
    /// Every octet but the message's.
    var sent: [UInt8] = []
    /// Whether the content was asked for.
    var contentWasSent = false
    /// Replies not used.
    var unread: ArraySlice<SMTPReply> = []

    init(_ request: SMTPTransaction.Request) { transaction = SMTPTransaction(request) }

    enum End: Equatable {
        case outcome(SMTPTransaction.Outcome)
        case lost(SMTPTransaction.Failure)
    }

    /// Plays the replies in order; when there are none left the connection is lost.
    mutating func run(_ replies: [SMTPReply]) -> End {
        unread = replies[...]
        var step = transaction.start()
        while true {
            switch step {
            case .finished(let outcome): return .outcome(outcome)
            case .send(let octets): sent += octets
            case .wait: break
            case .sendContent:
                contentWasSent = true
                transaction.contentHandedOver()
            }
            guard let next = unread.popFirst() else {
                let outcome = transaction.connectionFailed(MailError(.connectionLost, "the connection broke"))
                guard case .failed(let failure) = outcome.result else { return .outcome(outcome) }
                return .lost(failure)
            }
            step = transaction.received(next)
        }
    }

    var sentText: String { String(decoding: sent, as: UTF8.self) }
}

extension SMTPTransaction.Request {
    /// A transaction with this many recipients.
    static func to(_ count: Int, pipelined: Bool = false, lmtp: Bool = false) -> SMTPTransaction.Request {
        SMTPTransaction.Request(
            mailCommand: Array("MAIL FROM:<a@example.org>".utf8),
            recipients: (0..<count).map { number in
                (address("r\(number)@example.org"), Array("RCPT TO:<r\(number)@example.org>".utf8))
            },
            isPipelined: pipelined,
            isLMTP: lmtp
        )
    }
}

extension SMTPCommands {
    /// The commands of a whole request.
    func request(for request: SendRequest, facts: ContentFacts) throws -> SMTPTransaction.Request {
        try self.request(for: request.envelope, request.options, facts)
    }
}
