extension IMAPServerSession {
    mutating func select(_ arguments: inout IMAPArguments, isReadOnly: Bool) throws(IMAPSyntaxError) {
        let name = try mailboxName(&arguments)
        if arguments.take(" ") {
            try arguments.expect("(")
            guard try arguments.atom().uppercased() == "CONDSTORE", has(.condstore) else {
                throw IMAPSyntaxError("a parameter of SELECT is not known")
            }
            try arguments.expect(")")
            usesModificationSequences = true
        }
        try arguments.end()
        // Whatever comes of it, the mailbox that was open is closed.
        let wasOpen = selection != nil
        leaveMailbox()
        guard let id = mail.id(name, of: user ?? ""), let mailbox = mail.mailbox(id), mailbox.isSelectable else {
            return finish(.no, "[NONEXISTENT] there is no such mailbox")
        }
        let isReadOnly = isReadOnly || mailbox.isReadOnly
        selection = Selection(
            id: id,
            name: mailbox.name,
            isReadOnly: isReadOnly,
            numbering: mailbox.numbering,
            uids: mailbox.messages.map(\.uid),
            sequence: mailbox.sequence
        )
        if let alarm { mail.watch(id, by: connection, alarm) }

        var lines: [String] = wasOpen ? ["OK [CLOSED] the mailbox before is closed"] : []
        let usual = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"]
        let keywords = Set(mailbox.messages.flatMap { $0.flags.filter { !$0.hasPrefix("\\") } }).sorted()
        let flags = (usual + keywords).joined(separator: " ")
        lines.append("FLAGS (\(flags))")
        let permanent = isReadOnly ? "" : flags + (mailbox.takesKeywords ? " \\*" : "")
        lines.append("OK [PERMANENTFLAGS (\(permanent))] what can be kept")
        lines.append("\(mailbox.messages.count) EXISTS")
        if !usesRevision2 {
            lines.append("0 RECENT")
            if let unseen = mailbox.messages.firstIndex(where: { !$0.has("\\Seen") }) {
                lines.append("OK [UNSEEN \(unseen + 1)] the first unseen one")
            }
        }
        lines.append("OK [UIDVALIDITY \(mailbox.uidValidity)] the UIDs are valid")
        lines.append("OK [UIDNEXT \(mailbox.uidNext)] the next UID")
        lines.append(
            has(.condstore)
                ? "OK [HIGHESTMODSEQ \(mailbox.sequence)] the last change" : "OK [NOMODSEQ] no numbers of changes"
        )
        if usesRevision2 {
            lines.append("LIST () \(configuration.separator.map { "\"\($0)\"" } ?? "NIL") \(shown(mailbox.name))")
        }
        mayTellExpunges = false
        finish(.ok, "[\(isReadOnly ? "READ-ONLY" : "READ-WRITE")] the mailbox is open", untagged: lines)
    }

    /// CLOSE, which tells no expunges, or UNSELECT, which does none.
    mutating func closeMailbox(expunging: Bool) {
        if expunging, let selection, !selection.isReadOnly { mail.expunge(selection.id, nil, areMarked: true) }
        leaveMailbox()
        finish(.ok, "the mailbox is closed")
    }

    mutating func leaveMailbox() {
        guard selection != nil else { return }
        selection = nil
        mail.unwatch(by: connection)
    }

    // MARK: News

    /// What has happened to the open mailbox, as untagged responses: by other clients, or by the command itself.
    ///
    /// - Parameter mayExpunge: Whether expunges may be told; otherwise they wait.
    mutating func news(mayExpunge: Bool) -> [UInt8] {
        guard var selection else { return [] }
        let last = selection.uids.last ?? 0
        guard let changes = mail.changes(selection.id, since: selection.sequence, last: last),
            changes.numbering == selection.numbering
        else {
            // Its numbers mean nothing any more, and nothing in the protocol says so but the end.
            leaveMailbox()
            isMailboxGone = true
            return Array("* BYE [UNAVAILABLE] the mailbox is gone or was made anew\r\n".utf8)
        }
        selection.sequence = changes.sequence
        selection.expunged.formUnion(changes.expunged.filter { $0 <= last })
        var text: [UInt8] = []
        if mayExpunge, !selection.expunged.isEmpty {
            // From the last one on: the numbers of those before stay as they are.
            for position in selection.uids.indices.reversed()
            where selection.expunged.contains(selection.uids[position]) {
                IMAPText.append("* \(position + 1) EXPUNGE\r\n", to: &text)
            }
            let gone = selection.expunged
            selection.uids.removeAll { gone.contains($0) }
            selection.saved.removeAll { gone.contains($0) }
            selection.expunged = []
        }
        if !changes.added.isEmpty {
            selection.uids += changes.added
            IMAPText.append("* \(selection.uids.count) EXISTS\r\n", to: &text)
        }
        for message in changes.changed where selection.known[message.uid] != message.modificationSequence {
            let position = IMAPSequenceSet.first(in: selection.uids, from: message.uid)
            guard position < selection.uids.count, selection.uids[position] == message.uid else { continue }
            append(flagsOf: message, number: position + 1, withUID: usesModificationSequences, to: &text)
        }
        selection.known = [:]
        self.selection = selection
        return text
    }

    /// A FETCH response that tells flags.
    func append(flagsOf message: IMAPMailStore.Message, number: Int, withUID: Bool, to text: inout [UInt8]) {
        let uid = withUID ? " UID \(message.uid)" : ""
        let sequence = usesModificationSequences ? " MODSEQ (\(message.modificationSequence))" : ""
        let flags = message.flags.joined(separator: " ")
        IMAPText.append("* \(number) FETCH (FLAGS (\(flags))\(uid)\(sequence))\r\n", to: &text)
    }

    /// The positions that a set names in what the client knows; `nil` if a number is too large.
    func positions(_ set: IMAPSequenceSet, isUID: Bool) -> [Int]? {
        guard let selection else { return [] }
        if set.isSaved {
            return selection.saved.compactMap { uid in
                let position = IMAPSequenceSet.first(in: selection.uids, from: uid)
                return position < selection.uids.count && selection.uids[position] == uid ? position : nil
            }
        }
        return isUID ? set.positions(ofUIDs: selection.uids) : set.positions(ofNumbers: selection.uids.count)
    }

    /// The messages that a set names, by their positions; those that are gone are missing.
    ///
    /// - Throws: `IMAPSyntaxError` if there are not so many.
    func messages(
        _ set: IMAPSequenceSet,
        isUID: Bool
    ) throws(IMAPSyntaxError) -> (found: [IMAPFetchStream.Target], areAllThere: Bool) {
        guard let selection, let mailbox = mail.mailbox(selection.id) else { return ([], true) }
        if set.isSaved, !has(.searchRes), !has(.imap4rev2) { throw IMAPSyntaxError("$ is not known") }
        guard let positions = positions(set, isUID: isUID) else {
            throw IMAPSyntaxError("there are not so many messages")
        }
        var found: [IMAPFetchStream.Target] = []
        found.reserveCapacity(positions.count)
        var next = 0
        for position in positions {
            let uid = selection.uids[position]
            // Both ascend: mostly it is the next one.
            if next >= mailbox.messages.count || mailbox.messages[next].uid != uid {
                guard let place = mailbox.position(of: uid) else { continue }
                next = place
            }
            found.append(IMAPFetchStream.Target(number: position + 1, message: mailbox.messages[next]))
            next += 1
        }
        return (found, found.count == positions.count)
    }

    // MARK: IDLE

    mutating func idle() {
        phase = .idle
        // What has happened before is told first, behind the +.
        reply(ServerOutput(Array("+ idling\r\n".utf8)))
        guard !isEnded else { return }
        let news = news(mayExpunge: true)
        guard !news.isEmpty else { return }
        arrive(at: .push)
        reply(ServerOutput(news))
        if isMailboxGone { end() }
    }

    mutating func endIdle(_ line: [UInt8]) {
        phase = .commands
        let word = String(decoding: line, as: UTF8.self)
        steps.append(.command(word))
        mayTellExpunges = true
        let answer = arrive(at: .done)
        guard word.uppercased() == "DONE" else {
            violation("something else than DONE ends IDLE")
            return finish(.bad, "DONE is expected")
        }
        if let answer, !answer.isPositive { return reply(ServerOutput(answer.octets)) }
        finish(.ok, "IDLE ends")
    }
}
