@testable import Posthorn
@testable import PosthornNet
@testable import PosthornSMTP

/// Messages over the pipeline, begun and sent as a session does it, with books kept beside.
struct ConversationMessages {
    private let plan: ConversationPlan
    private let capabilities: SMTPCapabilities
    private let mask: SecretMask
    private var voice: ServerVoice
    private var parser = SMTPReplyParser()
    private var pipeline: SMTPPipeline
    private var books = ConversationBooks()
    private var underWay: [ConversationPlan.Message] = []
    private var log: [String] = []
    private var replies = 0
    private var isOver = false
    /// The next transaction begins with RSET.
    private var needsReset = false

    init(_ plan: ConversationPlan, _ capabilities: SMTPCapabilities, _ mask: SecretMask, _ voice: ServerVoice) {
        self.plan = plan
        self.capabilities = capabilities
        self.mask = mask
        self.voice = voice
        parser.mask = mask
        pipeline = SMTPPipeline(
            window: plan.window,
            isPipelined: plan.forcesPipelining || capabilities.offers("PIPELINING")
        )
    }

    private var isPipelined: Bool { plan.forcesPipelining || capabilities.offers("PIPELINING") }

    /// - Returns: all that happened.
    mutating func run() throws(FuzzFailure) -> [String] {
        var waiting = plan.messages[...]
        while !isOver {
            do {
                try beginMore(&waiting)
                if pipeline.isEmpty { break }
                try take(pipeline.received(try reply()))
            } catch let failure as FuzzFailure {
                throw failure
            } catch let error as MailError {
                try broke(error)
            } catch {
                throw FuzzFailure("an error that is no MailError: \(error)")
            }
        }
        try FuzzFailure.unless(
            pipeline.isEmpty && books.finished == books.entries.count,
            "\(books.finished) of \(books.entries.count) transactions have an outcome"
        )
        return log
    }

    // MARK: The server's words

    /// The next reply, with a number: each belongs to one transaction.
    private mutating func reply() throws -> SMTPReply {
        while true {
            if let reply = try replyIfReady() { return reply }
            guard voice.speak(nil) else { throw MailError(.connectionLost, "the connection broke") }
        }
    }

    private mutating func replyIfReady() throws -> SMTPReply? {
        guard let reply = try parser.next(from: &voice.buffer) else { return nil }
        let shown = mask.masked(reply)
        replies += 1
        let text = shown.text.prefix(120).map { $0 == 0x0A ? 0x20 : $0 } + Array(" #\(replies)".utf8)
        let numbered = SMTPReply(code: shown.code, text: text)
        try ConversationFuzz.check(numbered.value.description, plan)
        books.received(numbered)
        return numbered
    }

    private func refuseSurplus() throws {
        guard plan.refusesSurplus, !voice.buffer.isEmpty else { return }
        throw MailError(.protocolViolation, "the server sent a reply without having been asked")
    }

    // MARK: The client's words

    private mutating func beginMore(_ waiting: inout ArraySlice<ConversationPlan.Message>) throws {
        guard pipeline.isEmpty || pipeline.count <= pipeline.window / 2 else { return }
        while !isOver, pipeline.canBegin, let message = waiting.popFirst() {
            if pipeline.isEmpty { try refuseSurplus() }
            try begin(message)
        }
    }

    private mutating func begin(_ message: ConversationPlan.Message) throws {
        let commands = SMTPCommands(capabilities: capabilities, isLMTP: plan.isLMTP, isEncrypted: plan.isEncrypted)
        let recipients = Array(ConversationPlan.recipients.prefix(message.recipients))
        let facts = ContentFacts(size: 3, transfer: .sevenBit, needsUTF8Headers: false)
        var request: SMTPTransaction.Request
        do {
            let envelope = Envelope(sender: recipients.first, recipients: recipients)
            request = try commands.request(for: envelope, SendOptions(), facts)
        } catch {
            // Announced limits that no message fits in: the server hears nothing of it.
            log.append("not begun")
            return
        }
        request.isPipelined = isPipelined
        request.carriage =
            switch message.travel {
            case .data: .data
            case .chunks: .chunks
            case .inline: isPipelined && !plan.isLMTP ? .inline(octets: 3) : .chunks
            }
        let behind = underWay.last
        let expectsReset = needsReset || (behind.map { $0.travel != .data } ?? false)
        needsReset = false
        var effective = message
        if request.carriage == .chunks { effective.travel = .chunks }
        let number = books.entries.count
        books.begin(recipients: message.recipients, isLMTP: plan.isLMTP)
        underWay.append(effective)
        let octets = pipeline.begin(request)
        try FuzzFailure.unless(
            octets.starts(with: Array("RSET\r\n".utf8)) == expectsReset,
            "transaction \(number) begins with \(String(decoding: octets, as: UTF8.self).debugDescription), "
                + "and RSET is \(expectsReset ? "" : "not ")needed"
        )
        try write(octets, for: number)
        if case .inline = request.carriage {
            pipeline.contentHandedOver()
            books.handedOver(number)
        }
    }

    private mutating func write(_ octets: [UInt8], for number: Int) throws(FuzzFailure) {
        log.append("\(number) > \(String(decoding: octets, as: UTF8.self))")
        try books.sent(octets, for: number)
    }

    private mutating func sendContent() throws {
        let number = books.finished
        guard let message = underWay.first else { throw FuzzFailure("a message is sent that was not begun") }
        let entry = books.entries[number]
        try FuzzFailure.unless(
            entry.hasEnvelope && (message.travel == .data) == (entry.data?.code == 354),
            "transaction \(number) sends its message without leave: \(entry)"
        )
        for chunk in 0...message.chunksBeforeLast {
            let isLast = chunk == message.chunksBeforeLast
            if try takeEarlyReplies(message.looksForReplies) { return }
            if isLast, message.sourceFails {
                books.sourceFailed(number)
                let error = MailError(.contentUnavailable, "the message cannot be read")
                guard let outcome = pipeline.contentFailed(error) else { throw FuzzFailure("nothing is under way") }
                return try finished(outcome)
            }
            if isLast { pipeline.contentHandedOver() } else { pipeline.chunkSent() }
            if pipeline.isFrontChunked {
                try write(SMTPTransaction.chunkCommand(octets: 3, isLast: isLast), for: number)
            } else if isLast {
                books.sentDot(for: number)
            }
            if isLast { books.handedOver(number) }
        }
    }

    /// - Returns: whether no more of the message shall be sent.
    private mutating func takeEarlyReplies(_ count: Int) throws -> Bool {
        for _ in 0..<count {
            // Looks at what will come at any time, so that nothing depends on the cuts.
            var early = try replyIfReady()
            while early == nil, voice.speak(nil) { early = try replyIfReady() }
            guard let early else { break }
            let step = pipeline.received(early)
            if case .wait = step { continue }
            try take(step)
            return true
        }
        return pipeline.isFrontRefused
    }

    // MARK: Outcomes

    private mutating func take(_ step: SMTPPipeline.Step) throws {
        switch step {
        case .send(let octets):
            try refuseSurplus()
            try write(octets, for: books.finished)
        case .sendContent: try sendContent()
        case .wait: break
        case .finished(let outcome): try finished(outcome)
        case .surplus: throw MailError(.protocolViolation, "the server sent a reply without having been asked")
        }
    }

    private mutating func finished(_ outcome: SMTPTransaction.Outcome) throws(FuzzFailure) {
        try settle(outcome)
        guard outcome.connection == .unusable else {
            needsReset = outcome.connection == .needsReset && underWay.isEmpty
            return
        }
        // As a session, which waits a while for the end of a connection over which 421 came.
        if pipeline.hasLastWord, pipeline.count > 0, !voice.unread.isEmpty {
            pipeline.doubtLastWord()
            books.doubtLastWord()
        }
        try broke(MailError(.connectionLost, "the connection ended because of the message before"))
    }

    private mutating func broke(_ error: MailError) throws(FuzzFailure) {
        isOver = true
        log.append("the end: \(error.message)")
        try ConversationFuzz.check(error, plan)
        // Only the end of the connection makes a 421 true.
        if error.code != .connectionLost { books.doubtLastWord() }
        for outcome in pipeline.connectionFailed(error) {
            try FuzzFailure.unless(outcome.connection == .unusable, "after the end: \(outcome)")
            try settle(outcome)
        }
    }

    /// One transaction, the oldest, has its outcome.
    private mutating func settle(_ outcome: SMTPTransaction.Outcome) throws(FuzzFailure) {
        try FuzzFailure.unless(!underWay.isEmpty, "an outcome of no transaction: \(outcome)")
        let number = books.finished
        try ConversationRules(books: books, number: number, outcome: outcome).check()
        if case .failed(let failure) = outcome.result { try ConversationFuzz.check(failure.error(cause: nil), plan) }
        underWay.removeFirst()
        books.finish()
        log.append("\(number): \(outcome)")
    }
}
