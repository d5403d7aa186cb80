public import Posthorn
import PosthornNet

/// A folder as the server listed it.
struct IMAPFolder {
    var wire: IMAPMailboxName
    var folder: MailFolder
}

extension IMAPSession: FolderAccess {
    /// All folders, the inbox first, the others in alphabetical order. Levels are separated by `/`, whatever the server
    /// uses.
    public func folders() async throws -> [MailFolder] {
        try await used { try await listFolders().map(\.folder) }
    }

    /// Looks at another folder. What was marked for deletion in the one before stays marked.
    public func select(_ folder: String) async throws {
        try await used {
            let wire = try await wireName(folder)
            try await open(wire, named: Self.isInbox(folder) ? "INBOX" : folder)
        }
    }

    /// Whether it is the inbox, whose name has no case as far as ASCII goes (RFC 9051 section 5.1).
    static func isInbox(_ name: String) -> Bool { IMAPMailboxName(octets: Array(name.utf8)).isInbox }

    /// The name of a folder on the wire.
    ///
    /// - Throws: ``MailError`` with code `not-found` if there is no such folder.
    func wireName(_ name: String) async throws -> IMAPMailboxName {
        if Self.isInbox(name) { return .inbox }
        if let known = knownFolders?.first(where: { $0.folder.name == name }) { return known.wire }
        if let found = try await listFolders().first(where: { $0.folder.name == name }) { return found.wire }
        throw MailError(
            .notFound,
            "there is no folder '\(PeerText.shown(name, limit: 100))' at \(line.server); list the folders to see which there are"
        )
    }

    private func listFolders() async throws -> [IMAPFolder] {
        var options = IMAPListOptions()
        if capabilities.hasLISTEXTENDED { options.returnsSpecialUse = capabilities.hasSPECIALUSE }
        var found: [String: IMAPFolder] = [:]
        let isUTF8 = line.encoding.isUTF8
        try await line.run(.list(patterns: [IMAPMailboxName(octets: Array("*".utf8))], options)) { response in
            guard case .list(let entry) = response, !entry.isSubscription else { return }
            guard found.count < 100_000 else { return }
            let folder = Self.folder(entry, isUTF8: isUTF8)
            guard !entry.has("\\NONEXISTENT") else { return }
            found[folder.name] = IMAPFolder(wire: entry.name, folder: folder)
        }
        let sorted = found.values.sorted { $0.folder.name < $1.folder.name }
        let list = sorted.filter { $0.wire.isInbox } + sorted.filter { !$0.wire.isInbox }
        knownFolders = list
        return list
    }

    private static func folder(_ entry: IMAPListEntry, isUTF8: Bool) -> MailFolder {
        var name = entry.name.text(isUTF8: isUTF8)
        if entry.name.isInbox {
            name = "INBOX"
        } else if let delimiter = entry.delimiter, delimiter != UInt8(ascii: "/") {
            let separator = Character(Unicode.Scalar(delimiter))
            name = String(name.map { $0 == separator ? "/" : $0 == "/" ? "\u{2215}" : $0 })
        }
        let uses = Set(
            [MailFolder.Use.all, .archive, .drafts, .flagged, .junk, .sent, .trash]
                .filter { entry.has($0.description.uppercased()) }
        )
        return MailFolder(name: name, uses: uses, isSelectable: !entry.has("\\NOSELECT"))
    }
}

extension IMAPSession: MessageAppending {
    /// Stores a message in the chosen folder; when this returns, the server has it.
    ///
    /// - Returns: the message's name, if the server tells it (UIDPLUS).
    @discardableResult
    public func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID? {
        try await used {
            let mailbox = try await mailbox()
            let form = ContentForm.unrestricted
            let size = try await Self.size(of: content, form)
            let wire = try await wireName(mailbox.name)
            let message = IMAPAppendMessage(
                size: size,
                flags: flags.sorted { $0.description < $1.description }
            )
            let line = line
            let command = IMAPCommand.append([message], to: wire)
            let tag = try await line.send(
                command,
                content: { _ in
                    try await Self.write(content, form, size: size, to: line)
                }
            )
            let status = try await line.finish(tag, command.name)
            guard status.kind == .ok else { throw line.refusal(status, "to store the message") }
            entries = nil
            guard case .appendUID(let validity, let uids)? = status.code, let first = uids.first else { return nil }
            return StoredMessage.ID("\(validity).\(first.lowerBound)")
        }
    }

    /// A literal begins with its size.
    private static func size(of content: MessageContent, _ form: ContentForm) async throws -> UInt64 {
        if let size = try await content.facts(for: form).size { return size }
        guard content.isReplayable else {
            throw MailError(
                .unsupported,
                "the size of the message is not known and it can be read only once; IMAP needs the size first: put it into a file"
            )
        }
        var size: UInt64 = 0
        var lines = LineEndNormalizer()
        try await content.forEachPiece(for: form) { size += UInt64(lines.normalized($0).count) }
        return size + UInt64(lines.finish().count)
    }

    /// The octets of a literal: as many as were announced, or the connection is of no more use.
    private static func write(
        _ content: MessageContent,
        _ form: ContentForm,
        size: UInt64,
        to line: IMAPLine
    ) async throws {
        var sent: UInt64 = 0
        var lines = LineEndNormalizer()
        func send(_ octets: [UInt8]) async throws {
            sent += UInt64(octets.count)
            guard sent <= size else { throw changed() }
            if !octets.isEmpty { try await line.connection.writeBody(octets) }
        }
        do {
            try await content.forEachPiece(for: form) { try await send(lines.normalized($0)) }
            try await send(lines.finish())
            guard sent == size else { throw changed() }
        } catch {
            // The server waits for octets that will not come; without the end of the literal nothing is stored.
            line.connection.abort()
            throw error
        }
    }

    private static func changed() -> MailError {
        MailError(.contentUnavailable, "the message changed while it was being sent; nothing was stored: try again")
    }
}

extension IMAPSession: QuotaReporting {
    /// The room of the quota that applies to the chosen folder (RFC 9208, `STORAGE`).
    public func quota() async throws -> StoreQuota {
        try await used {
            let mailbox = try await mailbox()
            let wire = try await wireName(mailbox.name)
            var found: StoreQuota?
            try await line.run(.quotaRoot(of: wire)) { response in
                guard case .quota(let quota) = response,
                    let room = quota.resources.first(where: { $0.name == "STORAGE" })
                else { return }
                let used = room.usage.multipliedReportingOverflow(by: 1_024)
                let limit = room.limit.multipliedReportingOverflow(by: 1_024)
                found = StoreQuota(
                    used: used.overflow ? .max : used.partialValue,
                    limit: limit.overflow ? .max : limit.partialValue
                )
            }
            if let found { return found }
            return StoreQuota(used: try await list().reduce(0) { $0 &+ $1.size }, limit: nil)
        }
    }
}

extension IMAPSession: ArrivalWatching {
    /// Waits by IDLE, renewed every 25 minutes; a server without it is asked every 30 seconds.
    public func waitForArrivals() async throws {
        try await used {
            let known = try await list().last?.uid ?? 0
            // Something may have been listed within, and not been told to anybody.
            if let highestListed, known > highestListed { return }
            while line.mailbox?.hasArrivals != true {
                guard capabilities.hasIDLE else {
                    try await pause(store.waiting.pollInterval)
                    try await line.run(.noop)
                    continue
                }
                let isEndedByServer = try await line.idle(for: store.waiting.renewal)
                // One that never waits would be asked without a rest.
                if isEndedByServer, line.mailbox?.hasArrivals != true { try await pause(store.waiting.pause) }
            }
            entries = nil
        }
    }

    private func pause(_ duration: Duration) async throws {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw MailError(.cancelled, "waiting for new messages was cancelled", cause: error)
        }
    }
}
