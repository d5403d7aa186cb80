extension SMTPServerSession {
    mutating func data(_ argument: String) {
        guard let current = transaction, !current.usesChunking else {
            return reply(503, "5.5.1", "say MAIL and RCPT first")
        }
        guard argument.isEmpty else { return reply(501, "5.5.4", "DATA has no parameter") }
        guard !current.recipients.isEmpty else { return reply(503, "5.5.1", "no valid recipient") }
        guard current.value("BODY")?.uppercased() != "BINARYMIME" else {
            return reply(503, "5.5.1", "binary content needs BDAT")
        }
        let usual = SMTPServerReply("354 end the message with a dot on a line of its own")
        let reply = answerOfStrikes ?? configuration.rules.onData?() ?? usual
        self.reply(reply)
        if reply.code != 354 {
            if !reply.isPositive { transaction = nil }
        } else if !isEnded {
            phase = .data(DotUnstuffer())
        }
    }

    mutating func takeData(_ bytes: UnsafeRawBufferPointer, _ decoder: inout DotUnstuffer) -> Int {
        // Taken out while it changes, so that its octets are not copied.
        guard var collector = transaction?.collector else {
            phase = .command
            return 0
        }
        transaction?.collector = MessageCollector(limits: configuration.limits)
        let (used, isEnd) = decoder.take(bytes) { collector.append($0) }
        transaction?.collector = collector
        if isEnd {
            phase = .command
            finishMessage(faults: decoder.faults)
        } else {
            phase = .data(decoder)
        }
        return used
    }

    mutating func chunk(_ argument: String) {
        let words = argument.split(separator: " ")
        guard configuration.extensions.contains(.chunking), usesExtensions else {
            return reply(502, "5.5.1", "BDAT is not offered")
        }
        let isLast = words.count == 2 && words[1].uppercased() == "LAST"
        guard let word = words.first, word.utf8.count <= 18, word.utf8.allSatisfy({ (48...57).contains($0) }),
            let size = UInt64(word), words.count == 1 || isLast
        else {
            // How many octets follow cannot be known: going on would take content for commands.
            violation("BDAT without a good size")
            reply(501, "5.5.4", "BDAT needs a size; closing the connection")
            return end()
        }
        let isKept = transaction.map { !$0.recipients.isEmpty } ?? false
        transaction?.usesChunking = true
        phase = .chunk(remaining: size, isLast: isLast, isKept: isKept)
        if size == 0 { finishChunk(isLast: isLast, isKept: isKept) }
    }

    mutating func takeChunk(
        _ bytes: UnsafeRawBufferPointer,
        _ remaining: UInt64,
        isLast: Bool,
        isKept: Bool
    ) -> Int {
        let used = Int(min(UInt64(bytes.count), remaining))
        if isKept { transaction?.collector.append(UnsafeRawBufferPointer(rebasing: bytes[0..<used])) }
        let rest = remaining - UInt64(used)
        phase = .chunk(remaining: rest, isLast: isLast, isKept: isKept)
        if rest == 0 { finishChunk(isLast: isLast, isKept: isKept) }
        return used
    }

    private mutating func finishChunk(isLast: Bool, isKept: Bool) {
        phase = .command
        if isLast, isKept { return finishMessage(faults: nil) }
        hasMessageEnded = hasMessageEnded || isLast
        let answer = isLast ? arrive(at: .endOfMessage) : arrive(at: .bdat)
        guard isKept, let current = transaction else {
            transaction = nil
            return reply(503, "5.5.1", "say MAIL and RCPT first")
        }
        if let answer, !answer.isPositive {
            transaction = nil
            return reply(answer)
        }
        guard !current.collector.isTooLarge else {
            transaction = nil
            return reply(552, "5.3.4", "the message is too large")
        }
        reply(250, "2.0.0", "\(current.collector.size) octets so far")
    }

    /// Answers a complete message, and records it if it is taken.
    private mutating func finishMessage(faults: DotUnstuffer.Faults?) {
        guard let current = transaction else { return }
        transaction = nil
        hasMessageEnded = true
        _ = arrive(at: .endOfMessage)
        messageCount += 1
        var message = ReceivedMessage(
            queueID: "T\(connection)-\(messageCount)",
            connection: connection,
            clientName: clientName ?? "",
            sender: current.sender,
            recipients: current.recipients,
            parameters: Dictionary(current.parameters.map { ($0.keyword, $0.value) }) { first, _ in first },
            bytes: current.collector.bytes,
            size: current.collector.size,
            isEncrypted: encryption != nil,
            user: user,
            mechanism: mechanism,
            usedChunking: faults == nil,
            violations: []
        )
        message.violations = violations(of: current, faults)
        for sentence in message.violations { violation(sentence) }
        if current.collector.isTooLarge {
            for _ in 0..<(configuration.isLMTP ? current.recipients.count : 1) {
                reply(552, "5.3.4", "the message is too large")
            }
        } else if configuration.isLMTP {
            answerEach(message)
        } else {
            answer(message)
        }
    }

    private mutating func answer(_ message: ReceivedMessage) {
        let reply = verdict(on: message, for: nil)
        if decisionOfStrikes ?? reply.isPositive { steps.append(.event(message)) }
        self.reply(reply)
    }

    /// LMTP: one reply for every accepted recipient (RFC 2033 section 4.2).
    private mutating func answerEach(_ message: ReceivedMessage) {
        var taken = message
        taken.recipients = []
        var replies: [SMTPServerReply] = []
        for recipient in message.recipients {
            let reply = verdict(on: message, for: recipient.address)
            if decisionOfStrikes ?? reply.isPositive { taken.recipients.append(recipient) }
            replies.append(reply)
        }
        if !taken.recipients.isEmpty { steps.append(.event(taken)) }
        let found = strikes
        for reply in replies {
            strikes = found
            self.reply(reply)
        }
    }

    private func verdict(on message: ReceivedMessage, for recipient: String?) -> SMTPServerReply {
        answerOfStrikes ?? configuration.rules.onMessage?(message, recipient)
            ?? SMTPServerReply(line(250, "2.0.0", "Ok: queued as \(message.queueID)"))
    }

    private func violations(of transaction: Transaction, _ faults: DotUnstuffer.Faults?) -> [String] {
        var sentences: [String] = []
        if let faults {
            if faults.contains(.loneCarriageReturn) { sentences.append("the message holds a lone CR") }
            if faults.contains(.loneLineFeed) { sentences.append("the message holds a lone LF") }
            if faults.contains(.unstuffedDot) { sentences.append("a dot at the beginning of a line is not stuffed") }
            if faults.contains(.longLine) { sentences.append("a line of the message is longer than 998 octets") }
        }
        let body = transaction.value("BODY")?.uppercased() ?? "7BIT"
        if transaction.collector.hasEightBit, body == "7BIT", !transaction.has("SMTPUTF8") {
            sentences.append("the message holds 8-bit octets and was not declared as 8BITMIME")
        }
        if transaction.collector.hasNUL, body != "BINARYMIME" { sentences.append("the message holds a NUL") }
        // Two more are the end of a last line that had none: the size is an estimate (RFC 1870 section 4).
        let size = transaction.collector.size
        if let declared = transaction.value("SIZE").flatMap(UInt64.init), size > declared, size - declared > 2 {
            sentences.append("the message has \(size) octets and was declared with SIZE=\(declared)")
        }
        return sentences
    }
}
