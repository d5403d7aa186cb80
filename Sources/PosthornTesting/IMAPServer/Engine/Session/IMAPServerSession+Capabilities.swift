extension IMAPServerSession {
    func has(_ word: IMAPServerExtension) -> Bool { configuration.extensions.contains(word) }

    /// The capabilities as they are told now: a fault that strikes at the reply may tell others.
    var capabilities: String {
        var words: [String] = []
        for word in IMAPServerExtension.all
        where has(word) && !configuration.hiddenExtensions.contains(word) {
            switch word {
            case .appendLimit: words.append("APPENDLIMIT=\(configuration.limits.literal)")
            case .saslIR: if user == nil { words.append("SASL-IR") }
            case .quota: words += ["QUOTA", "QUOTA=RES-STORAGE"]
            default: words.append(word.description)
            }
        }
        if user == nil {
            if configuration.security == .startTLS, encryption == nil { words.append("STARTTLS") }
            words += offeredMechanisms.map { "AUTH=" + $0 }
            if !mayLogIn { words.append("LOGINDISABLED") }
        }
        words += configuration.falseCapabilities
        for entry in strikes ?? [] {
            guard case .at(_, _, .announce(let adding, let hiding)) = entry.fault.kind else { continue }
            let hidden = Set(hiding.map { $0.uppercased() })
            words.removeAll { word in
                let word = word.uppercased()
                return hidden.contains(word) || hidden.contains(String(word.prefix { $0 != "=" }))
            }
            words += adding
        }
        return words.joined(separator: " ")
    }

    mutating func startTLS() {
        guard configuration.security == .startTLS, encryption == nil else {
            return finish(.bad, "STARTTLS is not possible here")
        }
        finish(.ok, "begin the handshake")
        beginHandshake()
    }

    mutating func identify(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        if arguments.take("(") {
            var count = 0
            repeat {
                guard try arguments.string() != nil else { throw IMAPSyntaxError("a string is expected") }
                try arguments.space()
                if try arguments.string() == nil, arguments.word(IMAPArguments.isAtomOctet).uppercased() != "NIL" {
                    throw IMAPSyntaxError("a string or NIL is expected")
                }
                count += 1
            } while arguments.take(" ")
            try arguments.expect(")")
            if count > 30 { violation("ID has more than 30 pairs") }
        } else if try arguments.atom().uppercased() != "NIL" {
            throw IMAPSyntaxError("a list or NIL is expected")
        }
        try arguments.end()
        finish(.ok, "done", untagged: "ID (\"name\" \"Posthorn test server\")")
    }

    mutating func enable(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) {
        var words = [try arguments.atom().uppercased()]
        while arguments.take(" ") { words.append(try arguments.atom().uppercased()) }
        try arguments.end()
        if selection != nil { violation("ENABLE while a mailbox is open (RFC 5161 section 3.1)") }
        var enabled: [String] = []
        if words.contains("CONDSTORE"), has(.condstore) {
            usesModificationSequences = true
            enabled.append("CONDSTORE")
        }
        if words.contains("IMAP4REV2"), has(.imap4rev2) {
            usesRevision2 = true
            enabled.append("IMAP4rev2")
        }
        finish(.ok, "done", untagged: (["ENABLED"] + enabled).joined(separator: " "))
    }
}
