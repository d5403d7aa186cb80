/// ID, QUOTA, ACL and METADATA.
extension IMAPLexer {
    mutating func idFields() throws(IMAPSyntaxProblem) -> [IMAPIDField] {
        spaces()
        if takeNil() { return [] }
        var fields: [IMAPIDField] = []
        try list { lexer throws(IMAPSyntaxProblem) in
            let name = try lexer.text()
            lexer.spaces()
            fields.append(IMAPIDField(name: name, value: lexer.next == IMAPOctet.close ? nil : try lexer.ntext()))
        }
        return fields
    }

    mutating func quota() throws(IMAPSyntaxProblem) -> IMAPQuota {
        spaces()
        // The root's name is empty on many servers; Domino leaves it out altogether.
        let root = next == IMAPOctet.open ? "" : try text()
        spaces()
        var resources: [IMAPQuota.Resource] = []
        if !takeNil() {
            try list { lexer throws(IMAPSyntaxProblem) in
                let name = String(decoding: try lexer.astring().map(IMAPOctet.upper), as: UTF8.self)
                lexer.spaces()
                let usage = try lexer.looseNumber64()
                lexer.spaces()
                let limit = try lexer.looseNumber64()
                // -1, or NIL, for no limit (Zimbra): not a resource with a limit, then.
                guard let usage, let limit else { return }
                resources.append(IMAPQuota.Resource(name: name, usage: usage, limit: limit))
            }
        }
        return IMAPQuota(root: root, resources: resources)
    }

    mutating func quotaRoots() throws(IMAPSyntaxProblem) -> IMAPResponse {
        let mailbox = try mailbox()
        return .quotaRoots(mailbox, roots: try texts())
    }

    mutating func accessList() throws(IMAPSyntaxProblem) -> IMAPResponse {
        let mailbox = try mailbox()
        var entries: [IMAPAccessEntry] = []
        spaces()
        while !isAtEnd {
            let identifier = try astringText()
            spaces()
            entries.append(IMAPAccessEntry(identifier: identifier, rights: try astringText()))
            spaces()
        }
        return .accessList(mailbox, entries)
    }

    mutating func myRights() throws(IMAPSyntaxProblem) -> IMAPResponse {
        let mailbox = try mailbox()
        spaces()
        return .myRights(mailbox, rights: isAtEnd ? "" : try astringText())
    }

    mutating func listRights() throws(IMAPSyntaxProblem) -> IMAPResponse {
        let mailbox = try mailbox()
        spaces()
        let identifier = try astringText()
        spaces()
        let required = isAtEnd ? "" : try astringText()
        return .listRights(mailbox, identifier: identifier, required: required, optional: try texts())
    }

    mutating func metadata() throws(IMAPSyntaxProblem) -> IMAPResponse {
        let mailbox = try mailbox()
        spaces()
        var entries: [IMAPMetadataEntry] = []
        guard next == IMAPOctet.open else {
            // Without values: these have changed.
            for name in try texts() { entries.append(IMAPMetadataEntry(name: name, value: nil)) }
            return .metadata(mailbox, entries)
        }
        try list { lexer throws(IMAPSyntaxProblem) in
            let name = try lexer.text()
            lexer.spaces()
            entries.append(IMAPMetadataEntry(name: name, value: try lexer.nstring()?.array))
        }
        return .metadata(mailbox, entries)
    }

    private mutating func astringText() throws(IMAPSyntaxProblem) -> String { IMAPStringOctets.text(try astring()) }

    /// Takes strings to the end.
    private mutating func texts() throws(IMAPSyntaxProblem) -> [String] {
        var texts: [String] = []
        spaces()
        while !isAtEnd {
            texts.append(try astringText())
            spaces()
        }
        return texts
    }
}
