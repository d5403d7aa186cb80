extension SMTPServerSession {
    /// Carries out one command line.
    mutating func perform(_ line: String, isLastOfBatch: Bool, mayPipeline: Bool) {
        let halves = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let verb = (halves.first ?? "").uppercased()
        let argument = halves.count > 1 ? String(halves[1]) : ""
        steps.append(.command(verb == "AUTH" ? Self.hidingSecrets(argument) : line))
        // RFC 2920 section 3.1: these end a group of commands.
        let endsGroup = ["EHLO", "HELO", "LHLO", "DATA", "VRFY", "EXPN", "NOOP", "AUTH", "QUIT"].contains(verb)
        if !isLastOfBatch, verb != "BDAT", verb != "STARTTLS", endsGroup || !mayPipeline {
            violation("the client did not wait for the reply to \(verb)")
        }
        if let refusal = arrive(beforeCarryingOut: verb), !refusal.isPositive {
            // A refused DATA ends the transaction, as one that a rule refuses.
            if verb == "DATA" { transaction = nil }
            return reply(refusal)
        }
        switch verb {
        case "EHLO", "HELO", "LHLO": greet(verb, argument)
        case "MAIL": mail(argument)
        case "RCPT": recipient(argument)
        case "DATA": data(argument)
        case "BDAT": chunk(argument)
        case "RSET":
            transaction = nil
            reply(250, "2.0.0", "Ok")
        case "NOOP": reply(250, "2.0.0", "Ok")
        case "VRFY": reply(252, "2.1.5", "send mail, and see")
        case "HELP": reply(214, "2.0.0", "see RFC 5321")
        case "EXPN": reply(502, "5.5.1", "mailing lists are not shown")
        case "STARTTLS": startTLS(argument)
        case "AUTH": authenticate(argument)
        case "QUIT":
            reply(221, "2.0.0", "\(configuration.hostName) closing the connection")
            end()
        default:
            violation("an unknown command")
            reply(500, "5.5.1", "unknown command")
        }
    }

    /// Comes to the place of a command. BDAT is answered after its octets, and comes to its place by itself.
    private mutating func arrive(beforeCarryingOut verb: String) -> SMTPServerReply? {
        switch verb {
        case "EHLO", "HELO", "LHLO": return arrive(at: .ehlo)
        case "STARTTLS": return arrive(at: .startTLS)
        case "AUTH": return arrive(at: .auth)
        case "MAIL":
            mailCommands += 1
            faults.beginMessage(at: commandStart, countingAnew: [.rcpt, .bdat])
            return hasMessageEnded ? arrive(at: .mail, .mailInSameFlight) : arrive(at: .mail)
        case "RCPT":
            transaction?.recipientCommands += 1
            return arrive(at: .rcpt)
        case "DATA": return arrive(at: .data)
        case "BDAT": return nil
        case "RSET": return arrive(at: .rset)
        case "NOOP": return arrive(at: .noop)
        case "QUIT": return arrive(at: .quit)
        default: return arrive()
        }
    }

    private static func hidingSecrets(_ argument: String) -> String {
        let words = argument.split(separator: " ", maxSplits: 1)
        return "AUTH " + (words.first.map(String.init) ?? "") + (words.count > 1 ? " <hidden>" : "")
    }

    private mutating func greet(_ verb: String, _ name: String) {
        guard configuration.isLMTP == (verb == "LHLO") else {
            reply(500, "5.5.1", "this server speaks \(configuration.isLMTP ? "LMTP: LHLO" : "SMTP: EHLO or HELO")")
            return
        }
        guard !name.isEmpty, !name.contains(" ") else {
            violation("\(verb) needs the client's name")
            reply(501, "5.5.4", "\(verb) needs your name")
            return
        }
        clientName = name
        usesExtensions = verb != "HELO"
        transaction = nil
        guard usesExtensions else {
            reply(250, "", configuration.hostName)
            return
        }
        let lines = ["\(configuration.hostName) at your service"] + capabilities
        reply(SMTPServerReply(lines.map { "250 " + $0 }.joined(separator: "\n")))
    }

    /// The lines of the EHLO reply after the first.
    var capabilities: [String] {
        var lines: [String] = []
        for name in SMTPServerExtension.all
        where supports(name) && !configuration.hiddenExtensions.contains(name) {
            switch name {
            case .size: lines.append("SIZE \(configuration.limits.message)")
            case .limits:
                if let line = configuration.sessionLimits.announcement { lines.append(line) }
            default: lines.append(name.description)
            }
        }
        if configuration.security == .startTLS, encryption == nil { lines.append("STARTTLS") }
        let mechanisms = offeredMechanisms
        if !mechanisms.isEmpty { lines.append("AUTH " + mechanisms.joined(separator: " ")) }
        return lines + configuration.falseCapabilities
    }

    private mutating func startTLS(_ argument: String) {
        guard configuration.security == .startTLS, encryption == nil else {
            reply(encryption == nil ? 502 : 503, "5.5.1", "STARTTLS is not possible here")
            return
        }
        guard argument.isEmpty else {
            reply(501, "5.5.4", "STARTTLS has no parameter")
            return
        }
        reply(220, "2.0.0", "go ahead")
        beginHandshake()
    }

    // MARK: Envelope

    private mutating func mail(_ argument: String) {
        guard let text = after("FROM:", argument) else {
            reply(501, "5.5.4", "MAIL FROM:<address> is expected")
            return
        }
        guard clientName != nil else { return reply(503, "5.5.1", "say EHLO first") }
        guard transaction == nil else { return reply(503, "5.5.1", "a message has been begun already") }
        if configuration.requiresEncryption, encryption == nil {
            return reply(530, "5.7.0", "say STARTTLS first")
        }
        if configuration.requiresAuthentication, user == nil {
            return reply(530, "5.7.0", "sign in first")
        }
        if let limit = limit(configuration.sessionLimits.messages), mailCommands > limit {
            return reply(452, "4.5.3", "\(limit) messages a connection are the limit")
        }
        do throws(MailCommand.Refusal) {
            let command = try read(text)
            try check(command.parameters, of: "MAIL")
            try checkCharacters(command.mailbox, hasSMTPUTF8: command.parameters.contains { $0.keyword == "SMTPUTF8" })
            let sender = command.mailbox.isEmpty ? nil : command.mailbox
            if let reply = configuration.rules.onSender?(sender) {
                self.reply(reply)
                if !reply.isPositive { return }
            } else {
                reply(250, "2.1.0", "Ok")
            }
            transaction = Transaction(
                sender: sender,
                parameters: command.parameters,
                collector: MessageCollector(limits: configuration.limits)
            )
        } catch {
            reply(error.code, error.status, error.text)
        }
    }

    private mutating func recipient(_ argument: String) {
        guard let text = after("TO:", argument) else {
            reply(501, "5.5.4", "RCPT TO:<address> is expected")
            return
        }
        guard let current = transaction, !current.usesChunking else {
            return reply(503, "5.5.1", "say MAIL first")
        }
        guard current.recipients.count < configuration.limits.recipients else {
            return reply(452, "4.5.3", "too many recipients")
        }
        if let limit = limit(configuration.sessionLimits.recipients), current.recipientCommands > limit {
            return reply(452, "4.5.3", "\(limit) recipients a message are the limit")
        }
        do throws(MailCommand.Refusal) {
            let command = try read(text)
            guard !command.mailbox.isEmpty else {
                throw MailCommand.Refusal(code: 553, status: "5.1.3", text: "the recipient is empty")
            }
            let domain = Self.domain(of: command.mailbox)
            if let limit = limit(configuration.sessionLimits.recipientDomains), recipientDomains.count >= limit,
                !recipientDomains.contains(domain)
            {
                let text = "recipients of \(limit) domains a connection are the limit"
                throw MailCommand.Refusal(code: 452, status: "4.5.3", text: text)
            }
            try check(command.parameters, of: "RCPT")
            try checkCharacters(command.mailbox, hasSMTPUTF8: current.has("SMTPUTF8"))
            if let reply = configuration.rules.onRecipient?(command.mailbox) {
                self.reply(reply)
                if !reply.isPositive { return }
            } else {
                reply(250, "2.1.5", "Ok")
            }
            recipientDomains.insert(domain)
            let notify = command.parameters.first { $0.keyword == "NOTIFY" }?.value
            let original = command.parameters.first { $0.keyword == "ORCPT" }?.value
            let validSince = command.parameters.first { $0.keyword == "RRVS" }?.value
            transaction?.recipients.append(
                ReceivedMessage.Recipient(
                    address: command.mailbox,
                    notify: notify.map { $0.uppercased().split(separator: ",").map(String.init) },
                    originalRecipient: original.flatMap(XText.decode),
                    validSince: validSince
                )
            )
        } catch {
            reply(error.code, error.status, error.text)
        }
    }

    private mutating func read(_ text: Substring) throws(MailCommand.Refusal) -> MailCommand {
        let command = try MailCommand(text)
        if command.hasSpaceBeforePath { violation("there is a space between the colon and the path") }
        return command
    }

    /// A limit of RFC 9422, if the extension is there.
    private func limit(_ value: Int?) -> Int? { supports(.limits) ? value : nil }

    private static func domain(of mailbox: String) -> String {
        mailbox.lastIndex(of: "@").map { mailbox[mailbox.index(after: $0)...].lowercased() } ?? ""
    }

    private func after(_ word: String, _ argument: String) -> Substring? {
        argument.uppercased().hasPrefix(word) ? argument.dropFirst(word.count) : nil
    }

    private func checkCharacters(_ mailbox: String, hasSMTPUTF8: Bool) throws(MailCommand.Refusal) {
        guard hasSMTPUTF8 || mailbox.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw MailCommand.Refusal(code: 553, status: "5.6.7", text: "an address beyond ASCII needs SMTPUTF8")
        }
    }
}
