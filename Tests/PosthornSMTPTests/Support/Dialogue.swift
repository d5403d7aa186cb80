import TestSupport

/// A session as it goes when nothing goes wrong: what the client says to the octet, and what the server answers.
struct Dialogue: Sendable {
    struct Exchange: Sendable {
        /// Empty for the greeting.
        var command: String
        var reply: String
    }

    var exchanges: [Exchange]
    /// The place of the exchange of the message itself.
    var content: Int

    /// One message to `recipients`, whose text is `SendRequest.small()`.
    static func session(
        pipelined: Bool = false,
        chunked: Bool = false,
        signsIn: Bool = false,
        lmtp: Bool = false,
        recipients: [String] = ["b@example.org"]
    ) -> Dialogue {
        var all = [Exchange(command: "", reply: "220 t ESMTP\r\n")]
        let offers =
            ["250-t"] + (pipelined ? ["250-PIPELINING"] : []) + (chunked ? ["250-CHUNKING"] : [])
            + (signsIn ? ["250-AUTH PLAIN"] : [])
        all.append(
            Exchange(
                command: "\(lmtp ? "LHLO" : "EHLO") [127.0.0.1]\r\n",
                reply: (offers + ["250 8BITMIME\r\n"]).joined(separator: "\r\n")
            )
        )
        // "\0info\0secret"
        if signsIn { all.append(Exchange(command: "AUTH PLAIN AGluZm8Ac2VjcmV0\r\n", reply: "235 2.7.0 welcome\r\n")) }
        let text = "Subject: x\r\n\r\nhi\r\n"
        var envelope =
            [Exchange(command: "MAIL FROM:<a@example.org>\r\n", reply: "250 2.1.0 ok\r\n")]
            + recipients.map { Exchange(command: "RCPT TO:<\($0)>\r\n", reply: "250 2.1.5 ok\r\n") }
        var message = Exchange(command: text + ".\r\n", reply: "")
        if chunked {
            message.command = "BDAT \(text.utf8.count) LAST\r\n" + text
        } else {
            envelope.append(Exchange(command: "DATA\r\n", reply: "354 go\r\n"))
        }
        let final = "250 2.0.0 Ok: queued as ABC123\r\n"
        message.reply = lmtp ? String(repeating: final, count: recipients.count) : final
        if pipelined, chunked, !lmtp {
            // The message follows its envelope at once.
            message.command = envelope.map(\.command).joined() + message.command
            message.reply = envelope.map(\.reply).joined() + message.reply
        } else if pipelined {
            all.append(
                Exchange(command: envelope.map(\.command).joined(), reply: envelope.map(\.reply).joined())
            )
        } else {
            all += envelope
        }
        all.append(message)
        all.append(Exchange(command: "QUIT\r\n", reply: "221 2.0.0 bye\r\n"))
        return Dialogue(exchanges: all, content: all.count - 2)
    }

    /// The octets that the server sends before the exchange.
    func serverOctets(before number: Int) -> Int { exchanges[..<number].reduce(0) { $0 + $1.reply.utf8.count } }
    /// The octets that the client sends before the exchange.
    func clientOctets(before number: Int) -> Int { exchanges[..<number].reduce(0) { $0 + $1.command.utf8.count } }
    var serverOctets: Int { serverOctets(before: exchanges.count) }
    var clientOctets: Int { clientOctets(before: exchanges.count) }

    /// The whole session.
    var script: [TranscriptStep] { script(before: exchanges.count) }

    /// The exchanges before a number.
    func script(before number: Int) -> [TranscriptStep] {
        exchanges[..<number].flatMap { exchange -> [TranscriptStep] in
            let expected = exchange.command.isEmpty ? [] : [TranscriptStep.expectExactly(exchange.command)]
            return expected + [.send(exchange.reply)]
        }
    }

    /// The session up to the server's octet `cut`, then the end.
    func cutAfterServerOctet(_ cut: Int, by end: TranscriptStep) -> [TranscriptStep] {
        var steps: [TranscriptStep] = []
        var left = cut
        for exchange in exchanges {
            if !exchange.command.isEmpty { steps.append(.expectExactly(exchange.command)) }
            steps.append(.send(Array(exchange.reply.utf8.prefix(left))))
            left -= exchange.reply.utf8.count
            if left < 0 { return steps + [end] }
        }
        return steps + [end]
    }

    /// The session up to the client's octet `cut`, then the end.
    func cutAfterClientOctet(_ cut: Int, by end: TranscriptStep) -> [TranscriptStep] {
        var steps: [TranscriptStep] = []
        var left = cut
        for exchange in exchanges {
            if !exchange.command.isEmpty {
                guard left >= exchange.command.utf8.count else {
                    let seen = String(decoding: exchange.command.utf8.prefix(left), as: UTF8.self)
                    return steps + (seen.isEmpty ? [] : [.expectExactly(seen)]) + [end]
                }
                left -= exchange.command.utf8.count
                steps.append(.expectExactly(exchange.command))
            }
            steps.append(.send(exchange.reply))
        }
        return steps + [end]
    }
}
