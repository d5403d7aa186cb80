extension IMAPFetchedMessage {
    /// Changes the rarer items, in place: a server may send very many.
    mutating func change(_ body: (inout IMAPFetchedExtras) -> Void) {
        var changed = extras ?? IMAPFetchedExtras()
        extras = nil
        body(&changed)
        extras = changed
    }

    /// Notes the name of an item that was passed over.
    mutating func note(_ name: String) { change { $0.unread.append(name) } }

    /// Adds what came of the same response behind a section that came in pieces.
    mutating func add(_ more: IMAPFetchedMessage) {
        uid = more.uid ?? uid
        flags = more.flags ?? flags
        internalDate = more.internalDate ?? internalDate
        size = more.size ?? size
        envelope = more.envelope ?? envelope
        if let structure = more.bodyStructure {
            bodyStructure = structure
            isBodyStructureExtended = more.isBodyStructureExtended
        }
        sections.append(contentsOf: more.sections)
        modSequence = more.modSequence ?? modSequence
        guard let others = more.extras else { return }
        change { $0.add(others) }
    }
}

extension IMAPFetchedExtras {
    fileprivate mutating func add(_ more: IMAPFetchedExtras) {
        emailID = more.emailID ?? emailID
        threadID = more.threadID ?? threadID
        saveDate = more.saveDate ?? saveDate
        preview = more.preview ?? preview
        gmailMessageID = more.gmailMessageID ?? gmailMessageID
        gmailThreadID = more.gmailThreadID ?? gmailThreadID
        gmailLabels = more.gmailLabels ?? gmailLabels
        for (part, size) in more.binarySizes { binarySizes[part] = size }
        unread.append(contentsOf: more.unread)
    }
}
