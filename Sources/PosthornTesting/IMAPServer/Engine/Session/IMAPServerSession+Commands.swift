extension IMAPServerSession {
    enum Status: String { case ok = "OK", no = "NO", bad = "BAD" }

    enum State: Int { case any, notAuthenticated, authenticated, selected }

    /// Where a command is answered, and in which states it is allowed.
    private struct Rule {
        let place: IMAPServerFault.Place
        var state = State.any
        /// Without it, the command is unknown.
        var needs: IMAPServerExtension?
        /// Whether UID may stand in front of it.
        var hasUID = false
        /// Whether it names messages by their numbers, so that no expunge may be told (RFC 3501 section 7.4.1).
        var usesNumbers = false
    }

    private static let rules: [String: Rule] = [
        "CAPABILITY": Rule(place: .capability), "NOOP": Rule(place: .noop), "LOGOUT": Rule(place: .logout),
        "ID": Rule(place: .id, needs: .id),
        "STARTTLS": Rule(place: .startTLS, state: .notAuthenticated),
        "AUTHENTICATE": Rule(place: .authenticate, state: .notAuthenticated),
        "LOGIN": Rule(place: .login, state: .notAuthenticated),
        "ENABLE": Rule(place: .enable, state: .authenticated, needs: .enable),
        "NAMESPACE": Rule(place: .namespace, state: .authenticated, needs: .namespace),
        "LIST": Rule(place: .list, state: .authenticated), "LSUB": Rule(place: .list, state: .authenticated),
        "STATUS": Rule(place: .status, state: .authenticated), "CREATE": Rule(place: .create, state: .authenticated),
        "DELETE": Rule(place: .delete, state: .authenticated), "RENAME": Rule(place: .rename, state: .authenticated),
        "SUBSCRIBE": Rule(place: .subscribe, state: .authenticated),
        "UNSUBSCRIBE": Rule(place: .subscribe, state: .authenticated),
        "SELECT": Rule(place: .select, state: .authenticated), "EXAMINE": Rule(place: .select, state: .authenticated),
        "APPEND": Rule(place: .append, state: .authenticated),
        "IDLE": Rule(place: .idle, state: .authenticated, needs: .idle),
        "GETQUOTA": Rule(place: .quota, state: .authenticated, needs: .quota),
        "GETQUOTAROOT": Rule(place: .quota, state: .authenticated, needs: .quota),
        "CLOSE": Rule(place: .close, state: .selected), "CHECK": Rule(place: .noop, state: .selected),
        "UNSELECT": Rule(place: .close, state: .selected, needs: .unselect),
        "EXPUNGE": Rule(place: .expunge, state: .selected, hasUID: true),
        "FETCH": Rule(place: .fetch, state: .selected, hasUID: true, usesNumbers: true),
        "STORE": Rule(place: .store, state: .selected, hasUID: true, usesNumbers: true),
        "SEARCH": Rule(place: .search, state: .selected, hasUID: true, usesNumbers: true),
        "COPY": Rule(place: .copy, state: .selected, hasUID: true),
        "MOVE": Rule(place: .move, state: .selected, needs: .move, hasUID: true),
    ]

    /// Carries out a command that is complete.
    mutating func perform(_ parts: [IMAPArguments.Part], start: Int, isLastOfBatch: Bool) {
        var arguments = IMAPArguments(parts)
        let isBehind = isBehindExpunges
        isBehindExpunges = false
        mayTellExpunges = true
        tag = arguments.word { IMAPArguments.isAtomOctet($0) && $0 != UInt8(ascii: "+") }
        note(parts)
        faults.beginMessage(at: start)
        guard !tag.isEmpty, arguments.take(" ") else {
            violation("a command without a tag")
            tag = "*"
            return finish(.bad, "a command begins with a tag and a space")
        }
        if tags.count < 100_000, !tags.insert(tag).inserted { violation("the tag \(tag) is used twice") }
        var verb = arguments.word(IMAPArguments.isAtomOctet).uppercased()
        var isUID = false
        if verb == "UID", arguments.take(" ") {
            verb = arguments.word(IMAPArguments.isAtomOctet).uppercased()
            isUID = true
        }
        guard let rule = Self.rules[verb], !isUID || rule.hasUID,
            rule.needs.map({ has($0) || has(.imap4rev2) && $0 != .quota }) ?? true
        else {
            if Self.rules[verb] == nil { violation("an unknown command") }
            return finish(.bad, "unknown command")
        }
        if !isLastOfBatch { checkBatch(verb) }
        let usesNumbers = !isUID && (rule.usesNumbers || verb == "COPY" || verb == "MOVE")
        if isBehind, usesNumbers { violation("\(verb) by message numbers while an expunge may be on its way") }
        mayTellExpunges = isUID || !rule.usesNumbers
        isBehindExpunges =
            !isLastOfBatch && selection != nil && mayTellExpunges && verb != "SELECT"
            && verb != "EXAMINE"

        let answer = arrive(at: rule.place)
        guard isAllowed(rule.state) else {
            let rest = rule.state == .selected ? "without a mailbox" : "after the sign-in"
            violation("\(verb) \(user == nil ? "before the sign-in" : rest)")
            return finish(.bad, "not in this state")
        }
        if verb == "LOGOUT" { return logOut() }
        guard decisionOfStrikes ?? answer?.isPositive ?? true else {
            return reply(ServerOutput(answer?.octets ?? Array("\(tag) OK done\r\n".utf8)))
        }
        if parts.contains(where: { if case .dropped = $0 { true } else { false } }) {
            return finish(.no, verb == "APPEND" ? "[TOOBIG] the message is too large" : "a literal is too long")
        }
        if let selection, mail.mailbox(selection.id)?.numbering != selection.numbering {
            // Nothing that is asked of the old mailbox is done to a new one. The news say why.
            return finish(.no, "[UNAVAILABLE] the mailbox is not there any more")
        }
        do throws(IMAPSyntaxError) {
            try execute(verb, &arguments, isUID)
        } catch {
            violation("\(verb): \(error.sentence)")
            finish(.bad, error.sentence)
        }
    }

    private func isAllowed(_ state: State) -> Bool {
        switch state {
        case .any: true
        case .notAuthenticated: user == nil
        case .authenticated: user != nil
        case .selected: selection != nil
        }
    }

    private mutating func execute(_ verb: String, _ arguments: inout IMAPArguments, _ isUID: Bool)
        throws(IMAPSyntaxError)
    {
        switch verb {
        case "CAPABILITY", "NOOP", "CHECK", "STARTTLS", "NAMESPACE", "CLOSE", "UNSELECT", "IDLE":
            try arguments.end()
            executeWithoutArguments(verb)
        case "EXPUNGE": try expunge(&arguments, isUID)
        default:
            try arguments.space()
            switch verb {
            case "ID": try identify(&arguments)
            case "AUTHENTICATE": try authenticate(&arguments)
            case "LOGIN": try logIn(&arguments)
            case "ENABLE": try enable(&arguments)
            case "LIST": try list(&arguments)
            case "LSUB": try listSubscribed(&arguments)
            case "STATUS": try status(&arguments)
            case "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE", "RENAME": try changeName(verb, &arguments)
            case "SELECT", "EXAMINE": try select(&arguments, isReadOnly: verb == "EXAMINE")
            case "APPEND": try append(&arguments)
            case "GETQUOTA", "GETQUOTAROOT": try quota(verb, &arguments)
            case "FETCH": try fetch(&arguments, isUID)
            case "STORE": try store(&arguments, isUID)
            case "SEARCH": try search(&arguments, isUID)
            default: try copy(&arguments, isUID, isMove: verb == "MOVE")
            }
        }
    }

    private mutating func executeWithoutArguments(_ verb: String) {
        switch verb {
        case "CAPABILITY": finish(.ok, "done", untagged: "CAPABILITY \(capabilities)")
        case "STARTTLS": startTLS()
        case "NAMESPACE":
            let separator = configuration.separator.map { "\"\($0)\"" } ?? "NIL"
            finish(.ok, "done", untagged: "NAMESPACE ((\"\" \(separator))) NIL NIL")
        case "CLOSE", "UNSELECT": closeMailbox(expunging: verb == "CLOSE")
        case "IDLE": idle()
        default: finish(.ok, "done")
        }
    }

    /// Looks at a command that more octets came with.
    private mutating func checkBatch(_ verb: String) {
        switch verb {
        // STARTTLS: noted when the octets are dropped.
        case "LOGOUT": violation("octets follow LOGOUT")
        case "AUTHENTICATE", "IDLE": violation("the client did not wait for the reply to \(verb)")
        default: break
        }
    }

    // MARK: The record

    /// Keeps a command for the books: without its tag, without secrets, and with the sizes of its literals only.
    mutating func note(_ parts: [IMAPArguments.Part]) {
        var text = ""
        for part in parts {
            guard text.utf8.count < 4_000 else { break }
            switch part {
            case .text(let octets): text += String(decoding: octets.prefix(4_000), as: UTF8.self)
            case .literal(let octets): text += "{\(octets.count)}"
            case .dropped: text += "{}"
            }
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > 1 else { return steps.append(.command(text)) }
        let command = words[1...].joined(separator: " ")
        switch words[1].uppercased() {
        case "LOGIN": steps.append(.command("LOGIN \(Self.name(parts)) <hidden>"))
        case "AUTHENTICATE":
            steps.append(.command(words.count > 3 ? "AUTHENTICATE \(words[2]) <hidden>" : command))
        default:
            // A sign-in that is not written as it should be is one nevertheless.
            let isKnown = words[1].uppercased() == "UID" || Self.rules[words[1].uppercased()] != nil
            let hidesMore = !isKnown && words.contains { ["LOGIN", "AUTHENTICATE"].contains($0.uppercased()) }
            steps.append(.command(hidesMore ? "<hidden>" : command))
        }
    }

    /// The name that LOGIN gives.
    private static func name(_ parts: [IMAPArguments.Part]) -> String {
        var arguments = IMAPArguments(parts)
        for _ in 1...2 {
            _ = arguments.word { $0 != 32 }
            _ = arguments.take(" ")
        }
        // What cannot be read may be the password.
        guard let name = try? arguments.text(), arguments.take(" ") else { return "<hidden>" }
        return name
    }

    // MARK: Replies

    /// The tagged reply, behind untagged ones and the news of the mailbox.
    mutating func finish(_ status: Status, _ text: String, _ content: ServerOutput.Piece.Value? = nil) {
        var pieces: [ServerOutput.Piece] = []
        if let content { pieces.append(ServerOutput.Piece(role: .content, value: content)) }
        if status != .bad {
            let news = news(mayExpunge: mayTellExpunges)
            if !news.isEmpty { pieces.append(ServerOutput.Piece(role: .content, value: .octets(news))) }
        }
        let line = Array("\(tag) \(status.rawValue) \(text)\r\n".utf8)
        pieces.append(ServerOutput.Piece(role: .end, value: .octets(line)))
        reply(ServerOutput(pieces))
        if isMailboxGone { end() }
    }

    /// The tagged reply behind untagged ones, whose first words are without the asterisk.
    mutating func finish(_ status: Status, _ text: String, untagged lines: String...) {
        finish(status, text, untagged: lines)
    }

    mutating func finish(_ status: Status, _ text: String, untagged lines: [String]) {
        finish(status, text, .octets(Array(lines.map { "* \($0)\r\n" }.joined().utf8)))
    }

    private mutating func logOut() {
        finish(.ok, "done", untagged: "BYE \(configuration.hostName) closing the connection")
        if decisionOfStrikes != false { end() }
    }
}
