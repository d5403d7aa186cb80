extension POP3ServerSession {
    mutating func status() {
        var count = 0
        var size: UInt64 = 0
        forEachMessage { _, entry in
            count += 1
            size &+= entry.message.shownSize
        }
        accept("\(count) \(size)")
    }

    mutating func listSizes(_ argument: String) {
        guard argument.isEmpty else {
            guard let (number, entry) = message(argument, of: "LIST") else { return }
            return accept("\(number) \(entry.message.shownSize)")
        }
        var lines: [String] = []
        forEachMessage { number, entry in lines.append("\(number) \(entry.message.shownSize)\r\n") }
        list("\(lines.count) messages", lines)
    }

    mutating func listNames(_ argument: String) {
        let suffix = configuration.changesUIDs ? "-\(maildrop?.session ?? 0)" : ""
        guard argument.isEmpty else {
            guard let (number, entry) = message(argument, of: "UIDL") else { return }
            return accept("\(number) \(entry.message.uid)\(suffix)")
        }
        var lines: [String] = []
        forEachMessage { number, entry in lines.append("\(number) \(entry.message.uid)\(suffix)\r\n") }
        list("names follow", lines)
    }

    /// RETR and TOP.
    mutating func show(_ verb: String, _ argument: String) {
        var words = argument.split(separator: " ", omittingEmptySubsequences: false)
        var bodyLines: Int?
        if verb == "TOP" {
            guard words.count == 2, let lines = Self.number(words.removeLast()) else {
                violation("TOP without a number of lines")
                return refuse("TOP needs a message and a number of lines")
            }
            bodyLines = lines
        }
        guard let (_, entry) = message(words.joined(separator: " "), of: verb) else { return }
        guard let user = maildrop?.user, maildrops.has(entry.id, of: user) else {
            return refuse("the message is not there any more")
        }
        guard usesUTF8 || !entry.message.requiresUTF8 else { return refuse("UTF8", "the message needs UTF8") }
        reply(
            ServerOutput(
                line: Array("+OK \(entry.message.shownSize) octets\r\n".utf8),
                content: .stream(POP3ContentStream(entry.message.content, bodyLines: bodyLines)),
                end: Array(".\r\n".utf8)
            )
        )
    }

    /// DELE. What a fault answers refuses it, unless the fault says otherwise.
    mutating func delete(_ argument: String, _ answer: POP3ServerReply?) {
        guard let (number, entry) = message(argument, of: "DELE") else { return }
        if decisionOfStrikes ?? answer?.isPositive ?? true, let user = maildrop?.user {
            maildrop?.marked.insert(number)
            maildrops.mark(entry.id, of: user)
        }
        accept("message \(number) is marked")
    }

    /// QUIT: the marked messages are deleted (RFC 1939 section 6).
    mutating func quit(_ answer: POP3ServerReply?) {
        leaveMaildrop(isCommitted: decisionOfStrikes ?? answer?.isPositive ?? true)
        accept("\(configuration.hostName) closing the connection")
        end()
    }

    /// The message of a number. If there is none, that is answered.
    private mutating func message(_ word: String, of verb: String) -> (Int, POP3Maildrops.Entry)? {
        guard let number = Self.number(word) else {
            violation("\(verb) without the number of a message")
            refuse("\(verb) needs the number of a message")
            return nil
        }
        guard number > 0, let entries = maildrop?.entries, number <= entries.count else {
            violation("\(verb) of a message that there is not")
            refuse("there is no such message")
            return nil
        }
        guard maildrop?.marked.contains(number) == false else {
            violation("\(verb) of a message that is marked as deleted")
            refuse("the message is marked as deleted")
            return nil
        }
        return (number, entries[number - 1])
    }

    private func forEachMessage(_ body: (Int, POP3Maildrops.Entry) -> Void) {
        guard let maildrop else { return }
        for (index, entry) in maildrop.entries.enumerated() where !maildrop.marked.contains(index + 1) {
            body(index + 1, entry)
        }
    }
}
