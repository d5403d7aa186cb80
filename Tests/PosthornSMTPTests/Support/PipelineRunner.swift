import Posthorn

@testable import PosthornSMTP

/// Drives a pipeline as a session does, without a socket: begins transactions as long as it may, then feeds replies.
struct PipelineRunner {
    var pipeline: SMTPPipeline
    /// Every octet but those of messages; a message is `<message>`.
    var sent = ""
    /// The ends in their order.
    var outcomes: [SMTPTransaction.Outcome] = []
    var surplus: [SMTPReply] = []

    init(window: Int = 8, isPipelined: Bool = true) {
        pipeline = SMTPPipeline(window: window, isPipelined: isPipelined)
    }

    /// Begins a transaction. A message in the same flight is handed over with it.
    mutating func begin(_ request: SMTPTransaction.Request) {
        sent += String(decoding: pipeline.begin(request), as: UTF8.self)
        guard case .inline = request.carriage else { return }
        pipeline.contentHandedOver()
        sent += "<message>"
    }

    /// Begins as many of the transactions as may be under way.
    ///
    /// - Returns: those that are left.
    mutating func begin(_ requests: [SMTPTransaction.Request]) -> ArraySlice<SMTPTransaction.Request> {
        var left = requests[...]
        while pipeline.canBegin, let request = left.popFirst() { begin(request) }
        return left
    }

    /// Takes replies, and does what they ask for.
    mutating func receive(_ replies: SMTPReply...) {
        for reply in replies { receive(reply) }
    }

    private mutating func receive(_ reply: SMTPReply) {
        switch pipeline.received(reply) {
        case .send(let octets): sent += String(decoding: octets, as: UTF8.self)
        case .sendContent:
            pipeline.contentHandedOver()
            sent += "<message>"
        case .wait: break
        case .finished(let outcome):
            outcomes.append(outcome)
            if outcome.connection == .unusable { lose() }
        case .surplus(let reply): surplus.append(reply)
        }
    }

    /// The connection breaks.
    mutating func lose(_ code: MailError.Code = .connectionLost) {
        outcomes += pipeline.connectionFailed(MailError(code, "the connection broke"))
    }

    /// What became of each: `accepted`, or the certainty of its failure.
    var ends: [String] {
        outcomes.map { outcome in
            switch outcome.result {
            case .accepted: "accepted"
            case .failed(let failure): "\(failure.certainty)"
            }
        }
    }
}

extension SMTPTransaction.Request {
    /// A transaction of message `number`, pipelined unless said otherwise.
    static func message(
        _ number: Int,
        _ carriage: SMTPTransaction.Carriage = .data,
        recipients: Int = 1,
        pipelined: Bool = true,
        lmtp: Bool = false
    ) -> SMTPTransaction.Request {
        var request = SMTPTransaction.Request(
            mailCommand: Array("MAIL FROM:<s\(number)@example.org>".utf8),
            recipients: (0..<recipients).map { place in
                (address("r\(place)@example.org"), Array("RCPT TO:<r\(place)@example.org>".utf8))
            },
            isPipelined: pipelined,
            isLMTP: lmtp
        )
        request.carriage = carriage
        return request
    }
}
