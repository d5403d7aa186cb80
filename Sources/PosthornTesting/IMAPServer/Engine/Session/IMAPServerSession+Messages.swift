extension IMAPServerSession {
    /// What is said of messages that another client has removed, and whose end may not be told now (RFC 2180 section
    /// 4.1).
    private static let missing = "[EXPUNGEISSUED] some of the messages do not exist any more"

    mutating func fetch(_ arguments: inout IMAPArguments, _ isUID: Bool) throws(IMAPSyntaxError) {
        let set = try arguments.set()
        try arguments.space()
        var items = try IMAPFetchItem.read(&arguments)
        var changedSince: UInt64?
        if arguments.take(" ") {
            try arguments.expect("(")
            guard try arguments.atom().uppercased() == "CHANGEDSINCE", has(.condstore) else {
                throw IMAPSyntaxError("a modifier of FETCH is not known")
            }
            try arguments.space()
            changedSince = try arguments.number()
            try arguments.expect(")")
        }
        try arguments.end()
        var (targets, areAllThere) = try messages(set, isUID: isUID)
        var wanted = IMAPFetchItem.Wanted(items)
        if wanted.modificationSequence, !has(.condstore) { throw IMAPSyntaxError("MODSEQ is not known") }
        if wanted.modificationSequence || changedSince != nil { usesModificationSequences = true }
        if isUID, !wanted.uid { items.insert(.uid, at: 0) }
        if let changedSince {
            targets.removeAll { $0.message.modificationSequence <= changedSince }
            if !wanted.modificationSequence { items.append(.modificationSequence) }
        }
        wanted = IMAPFetchItem.Wanted(items)
        if wanted.marksSeen, let selection, !selection.isReadOnly { markSeen(&targets, selection.id) }
        var stream = IMAPFetchStream(targets, items)
        stream.tellsModificationSequence = usesModificationSequences
        for entry in strikes ?? [] {
            if case .at(_, _, .literalSize(let text)) = entry.fault.kind { stream.literalSize = text }
        }
        finish(areAllThere || isUID ? .ok : .no, areAllThere || isUID ? "done" : Self.missing, .stream(stream))
    }

    private mutating func markSeen(_ targets: inout [IMAPFetchStream.Target], _ id: Int) {
        let unseen = targets.filter { !$0.message.has("\\Seen") }.map(\.message.uid)
        guard !unseen.isEmpty else { return }
        let result = mail.store(id, unseen, .add, ["\\Seen"])
        var changed: [UInt32: IMAPMailStore.Message] = [:]
        for message in result.messages {
            changed[message.uid] = message
            selection?.known[message.uid] = message.modificationSequence
        }
        for index in targets.indices {
            guard let message = changed[targets[index].message.uid] else { continue }
            targets[index] = IMAPFetchStream.Target(number: targets[index].number, message: message, tellsFlags: true)
        }
    }

    mutating func store(_ arguments: inout IMAPArguments, _ isUID: Bool) throws(IMAPSyntaxError) {
        let set = try arguments.set()
        try arguments.space()
        var limit: UInt64?
        if arguments.take("(") {
            guard try arguments.atom().uppercased() == "UNCHANGEDSINCE", has(.condstore) else {
                throw IMAPSyntaxError("a modifier of STORE is not known")
            }
            try arguments.space()
            limit = try arguments.number()
            try arguments.expect(")")
            try arguments.space()
            usesModificationSequences = true
        }
        var name = try arguments.atom().uppercased()
        let isSilent = name.hasSuffix(".SILENT")
        if isSilent { name.removeLast(7) }
        guard let change = ["FLAGS": .set, "+FLAGS": .add, "-FLAGS": .remove][name] as IMAPMailStore.FlagChange? else {
            throw IMAPSyntaxError("FLAGS, +FLAGS or -FLAGS is expected")
        }
        try arguments.space()
        var flags: [String]
        if arguments.next == IMAPText.open {
            flags = try arguments.flags()
        } else {
            flags = [try arguments.flag()]
            while arguments.take(" ") { flags.append(try arguments.flag()) }
        }
        try arguments.end()
        guard let selection, !selection.isReadOnly else {
            return finish(.no, "[READ-ONLY] the mailbox is open for reading")
        }
        if flags.contains(where: { $0.lowercased() == "\\recent" }) {
            throw IMAPSyntaxError("\\Recent cannot be stored")
        }
        let (targets, areAllThere) = try messages(set, isUID: isUID)
        flags = mail.mailbox(selection.id)?.keepable(flags) ?? []
        let result = mail.store(selection.id, targets.map(\.message.uid), change, flags, unchangedSince: limit)
        var text: [UInt8] = []
        var index = 0
        for message in result.messages {
            while index < targets.count, targets[index].message.uid != message.uid { index += 1 }
            guard index < targets.count else { break }
            self.selection?.known[message.uid] = message.modificationSequence
            if !isSilent {
                append(
                    flagsOf: message,
                    number: targets[index].number,
                    withUID: isUID || usesModificationSequences,
                    to: &text
                )
            } else if usesModificationSequences {
                // Silent about the flags, not about the change (RFC 7162 section 3.1.3).
                let line =
                    "* \(targets[index].number) FETCH (UID \(message.uid) MODSEQ (\(message.modificationSequence)))\r\n"
                IMAPText.append(line, to: &text)
            }
        }
        let modified = Set(result.modified)
        let names = targets.filter { modified.contains($0.message.uid) }.map {
            isUID ? $0.message.uid : UInt32(clamping: $0.number)
        }
        if !areAllThere, !isUID { return finish(.no, Self.missing, .octets(text)) }
        finish(
            .ok,
            names.isEmpty ? "done" : "[MODIFIED \(IMAPSequenceSet.text(names))] some were changed meanwhile",
            .octets(text)
        )
    }

    mutating func expunge(_ arguments: inout IMAPArguments, _ isUID: Bool) throws(IMAPSyntaxError) {
        var uids: Set<UInt32>?
        if isUID {
            guard has(.uidPlus) || has(.imap4rev2) else { throw IMAPSyntaxError("UID EXPUNGE is not known") }
            try arguments.space()
            uids = Set(try messages(try arguments.set(), isUID: true).found.map(\.message.uid))
        }
        try arguments.end()
        guard let selection, !selection.isReadOnly else {
            return finish(.no, "[READ-ONLY] the mailbox is open for reading")
        }
        mail.expunge(selection.id, uids, areMarked: true)
        let sequence =
            usesModificationSequences ? mail.mailbox(selection.id).map { "[HIGHESTMODSEQ \($0.sequence)] " } : nil
        finish(.ok, (sequence ?? "") + "done")
    }

    mutating func copy(_ arguments: inout IMAPArguments, _ isUID: Bool, isMove: Bool) throws(IMAPSyntaxError) {
        let set = try arguments.set()
        try arguments.space()
        let name = try mailboxName(&arguments)
        try arguments.end()
        let (targets, areAllThere) = try messages(set, isUID: isUID)
        guard let selection, let user, let target = mail.id(name, of: user), mail.mailbox(target)?.isSelectable == true
        else { return finish(.no, "[TRYCREATE] there is no such mailbox") }
        if isMove, selection.isReadOnly { return finish(.no, "[READ-ONLY] the mailbox is open for reading") }
        if isMove, target == selection.id { return finish(.no, "[CANNOT] the messages are there already") }
        guard areAllThere || isUID else { return finish(.no, Self.missing) }
        if let quota = configuration.quota, !isMove {
            let more = targets.reduce(0) { $0 &+ $1.message.size }
            if mail.read({ $0.size(of: user) }) &+ more > quota { return finish(.no, "[OVERQUOTA] there is no room") }
        }
        guard let arrival = mail.copy(targets.map(\.message.uid), from: selection.id, to: target, isMove: isMove) else {
            return finish(.no, "[UNAVAILABLE] the mailbox is gone")
        }
        let sets = "\(IMAPSequenceSet.text(arrival.sources)) \(IMAPSequenceSet.text(arrival.uids))"
        let isTold = (has(.uidPlus) || has(.imap4rev2)) && !arrival.uids.isEmpty
        let code = isTold ? "[COPYUID \(arrival.uidValidity) \(sets)] " : ""
        guard isMove else { return finish(.ok, code + "done") }
        // In front of the expunges (RFC 6851 section 4.3).
        finish(.ok, "done", untagged: isTold ? ["OK \(code)moved"] : [])
    }

    mutating func append(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        let name = try mailboxName(&arguments)
        try arguments.space()
        var flags: [String] = []
        if arguments.next == IMAPText.open {
            flags = try arguments.flags()
            try arguments.space()
        }
        var date: String?
        if arguments.next == IMAPText.quote {
            let text = try arguments.text()
            guard IMAPDay.isDateTime(text) else { throw IMAPSyntaxError("a date and time is expected") }
            date = text
            try arguments.space()
        }
        guard let octets = arguments.literal() else { throw IMAPSyntaxError("a literal is expected") }
        try arguments.end()
        guard let user, let id = mail.id(name, of: user), mail.mailbox(id)?.isSelectable == true else {
            return finish(.no, "[TRYCREATE] there is no such mailbox")
        }
        flags = mail.mailbox(id)?.keepable(flags) ?? []
        guard mail.mailbox(id)?.isReadOnly == false else { return finish(.no, "[CANNOT] the mailbox can only be read") }
        if let quota = configuration.quota, mail.read({ $0.size(of: user) }) &+ UInt64(octets.count) > quota {
            return finish(.no, "[OVERQUOTA] there is no room")
        }
        if octets.contains(0) { violation("APPEND of a message with a NUL in a literal that is not binary") }
        var message = IMAPServerMessage(flags: flags, content: ServerContent(octets))
        if let date { message.internalDate = date }
        guard let arrival = mail.add(message, to: id), let uid = arrival.uids.first else {
            return finish(.no, "[UNAVAILABLE] the mailbox is gone")
        }
        finish(.ok, has(.uidPlus) || has(.imap4rev2) ? "[APPENDUID \(arrival.uidValidity) \(uid)] done" : "done")
    }
}
