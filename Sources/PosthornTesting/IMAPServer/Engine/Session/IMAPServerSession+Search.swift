extension IMAPServerSession {
    /// SEARCH (RFC 3501 section 6.4.4) and what RETURN makes of it (RFC 4731, RFC 5182).
    mutating func search(_ arguments: inout IMAPArguments, _ isUID: Bool) throws(IMAPSyntaxError) {
        var wanted: Set<String>?
        if arguments.next == UInt8(ascii: "R") || arguments.next == UInt8(ascii: "r") {
            var ahead = arguments
            if try ahead.atom().uppercased() == "RETURN" {
                arguments = ahead
                try arguments.space()
                wanted = try returning(&arguments)
                try arguments.space()
            }
        }
        if arguments.next == UInt8(ascii: "C") || arguments.next == UInt8(ascii: "c") {
            var ahead = arguments
            if try ahead.atom().uppercased() == "CHARSET" {
                arguments = ahead
                try arguments.space()
                let name = try arguments.text().uppercased()
                try arguments.space()
                guard ["UTF-8", "US-ASCII"].contains(name) else {
                    return finish(.no, "[BADCHARSET (US-ASCII UTF-8)] the character set is not known")
                }
            }
        }
        let key = try IMAPSearchKey.readAll(&arguments)
        guard let selection, let mailbox = mail.mailbox(selection.id) else { return finish(.ok, "done") }
        if key.usesModificationSequence {
            guard has(.condstore) else { throw IMAPSyntaxError("MODSEQ is not known") }
            usesModificationSequences = true
        }
        // Those that are gone match nothing.
        var messages: [Int: IMAPMailStore.Message] = [:]
        var all: [Int] = []
        for (position, uid) in selection.uids.enumerated() {
            guard let place = mailbox.position(of: uid) else { continue }
            messages[position] = mailbox.messages[place]
            all.append(position)
        }
        let found = key.matches(all, messages) { set, isUID in Set(positions(set, isUID: isUID) ?? []) }
        let numbers = found.map { isUID ? selection.uids[$0] : UInt32(clamping: $0 + 1) }
        let highest = key.usesModificationSequence ? found.compactMap { messages[$0]?.modificationSequence }.max() : nil
        if wanted == nil, usesRevision2 { wanted = ["ALL"] }
        guard let wanted else {
            let text = numbers.map { " \($0)" }.joined()
            return finish(.ok, "done", untagged: "SEARCH\(text)\(highest.map { " (MODSEQ \($0))" } ?? "")")
        }
        if wanted.contains("SAVE") { self.selection?.saved = found.map { selection.uids[$0] } }
        guard wanted != ["SAVE"] else { return finish(.ok, "done") }
        var line = "ESEARCH (TAG \"\(tag)\")\(isUID ? " UID" : "")"
        if let first = numbers.first, let last = numbers.last {
            if wanted.contains("MIN") { line += " MIN \(first)" }
            if wanted.contains("MAX") { line += " MAX \(last)" }
            if wanted.contains("ALL") { line += " ALL \(IMAPSequenceSet.text(numbers))" }
        }
        if wanted.contains("COUNT") { line += " COUNT \(numbers.count)" }
        if let highest { line += " MODSEQ \(highest)" }
        finish(.ok, "done", untagged: line)
    }

    private func returning(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> Set<String> {
        guard has(.esearch) || has(.imap4rev2) else { throw IMAPSyntaxError("RETURN is not known") }
        try arguments.expect("(")
        var words: Set<String> = []
        while !arguments.take(")") {
            if !words.isEmpty { try arguments.space() }
            let word = try arguments.atom().uppercased()
            guard
                ["MIN", "MAX", "ALL", "COUNT"].contains(word) || word == "SAVE" && (has(.searchRes) || has(.imap4rev2))
            else { throw IMAPSyntaxError("an option of RETURN is not known") }
            words.insert(word)
        }
        return words.isEmpty ? ["ALL"] : words
    }
}
