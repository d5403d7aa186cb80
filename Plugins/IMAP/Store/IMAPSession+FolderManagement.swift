public import Posthorn

extension IMAPSession {
    /// Makes a folder, and those above it. Levels are separated by `/`.
    ///
    /// - Parameter uses: What it is for, such as `[.sent]`; needs CREATE-SPECIAL-USE (RFC 6154).
    /// - Throws: ``MailError`` with code `unsupported` if uses are given and the server cannot keep them; `refused`, for
    ///   example if there is such a folder.
    public func createFolder(_ name: String, uses: Set<MailFolder.Use> = []) async throws {
        try await used {
            guard uses.isEmpty || capabilities.offers("CREATE-SPECIAL-USE") else {
                throw MailError(
                    .unsupported,
                    "\(line.server) cannot be told what a folder is for (no CREATE-SPECIAL-USE); create it without uses"
                )
            }
            let sorted = uses.sorted { $0.description < $1.description }
            try await line.run(.create(try await newName(name), uses: sorted))
            knownFolders = nil
        }
    }

    /// Deletes a folder with everything in it.
    public func deleteFolder(_ name: String) async throws {
        try await used {
            let wire = try await wireName(name)
            if line.mailbox?.name == name { try await leave() }
            try await line.run(.delete(wire))
            knownFolders = nil
        }
    }

    /// Gives a folder another name, and those below it with it.
    public func renameFolder(_ name: String, to new: String) async throws {
        try await used {
            let wire = try await wireName(name)
            let newName = try await newName(new)
            if line.mailbox?.name == name { try await leave() }
            try await line.run(.rename(wire, to: newName))
            knownFolders = nil
        }
    }

    /// Copies messages of the chosen folder into another.
    ///
    /// - Returns: the names of the copies, in the order of the originals, if the server tells them (UIDPLUS).
    @discardableResult
    public func copy(_ ids: [StoredMessage.ID], to folder: String) async throws -> [StoredMessage.ID]? {
        try await used {
            let uids = try await uids(ids)
            guard !uids.isEmpty else { return [] }
            return try await transfer(uids, to: try await wireName(folder)) { .copy($0, to: $1) }
        }
    }

    /// Moves messages of the chosen folder into another: with MOVE (RFC 6851), or by copying and then deleting what was
    /// copied. If the connection breaks, a message is in one of the folders, or in both.
    ///
    /// - Returns: the new names, in the order of the messages, if the server tells them (UIDPLUS).
    @discardableResult
    public func move(_ ids: [StoredMessage.ID], to folder: String) async throws -> [StoredMessage.ID]? {
        try await used {
            let uids = try await uids(ids)
            guard !uids.isEmpty else { return [] }
            let wire = try await wireName(folder)
            let result: [StoredMessage.ID]?
            if capabilities.hasMOVE {
                result = try await transfer(uids, to: wire) { .move($0, to: $1) }
            } else {
                result = try await transfer(uids, to: wire) { .copy($0, to: $1) }
                let mailbox = try await mailbox()
                try await expunge(Set(uids), in: Folder(name: mailbox.name, uidValidity: mailbox.uidValidity))
            }
            entries = nil
            return result
        }
    }

    private func transfer(
        _ uids: [UInt32],
        to wire: IMAPMailboxName,
        _ command: (IMAPSequenceSet, IMAPMailboxName) -> IMAPCommand
    ) async throws -> [StoredMessage.ID]? {
        var copies: [UInt32: StoredMessage.ID] = [:]
        func note(_ code: IMAPResponseCode?) {
            guard case .copyUID(let validity, let from, let to)? = code else { return }
            for (old, new) in zip(from.lazy.flatMap { $0 }, to.lazy.flatMap { $0 }) {
                guard copies.count < uids.count else { return }
                copies[old] = StoredMessage.ID("\(validity).\(new)")
            }
        }
        for piece in IMAPSequenceSet(uids).pieces(of: Self.commandLimit) {
            let status = try await line.run(command(piece, wire)) { response in
                // MOVE tells it before the answer.
                if case .status(let status) = response { note(status.code) }
            }
            note(status.code)
        }
        let names = uids.compactMap { copies[$0] }
        return names.count == uids.count ? names : nil
    }

    /// The messages of the chosen folder that fulfil criteria, in the order of their arrival. The server searches.
    public func search(_ criteria: IMAPSearchCriteria) async throws -> [StoredMessage.ID] {
        try await used {
            let validity = try await mailbox().uidValidity
            var found: [UInt32] = []
            if capabilities.hasESEARCH {
                var returning = IMAPSearchReturn()
                returning.all = true
                var ranges: [ClosedRange<UInt32>] = []
                try await line.run(.search(criteria, returning: returning)) { response in
                    switch response {
                    case .extendedSearch(let result): ranges += result.all ?? []
                    case .search(let result): found += result.numbers
                    default: break
                    }
                }
                // A range may hold numbers that no message has: only those that are listed count.
                let set = IMAPSequenceSet(ranges: ranges)
                if !set.isEmpty { found += try await list().map(\.uid).filter { set.contains($0) } }
            } else {
                try await line.run(.search(criteria)) { response in
                    if case .search(let result) = response { found += result.numbers }
                }
            }
            return found.sorted().map { StoredMessage.ID("\(validity).\($0)") }
        }
    }

    /// What the server says of messages of the chosen folder: envelopes, structures, sections and more, as it comes.
    ///
    /// Sections of more than 64 KiB come without octets; read such a message with ``content(of:)``.
    public func fetch(
        _ items: [IMAPFetchItem],
        of ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, IMAPFetchedMessage) throws -> Void
    ) async throws {
        try await used {
            let list = try await list()
            let wanted = Set(ids.compactMap { id in indices[id].map { list[$0].uid } })
            guard !wanted.isEmpty else { return }
            let validity = try await mailbox().uidValidity
            for piece in IMAPSequenceSet(wanted).pieces(of: Self.commandLimit) {
                // What is on its way is read in any case: the next command would hear it.
                var failure: (any Error)?
                try await line.run(.fetch(piece, [.uid] + items.filter { $0 != .uid })) { response in
                    guard failure == nil, case .fetch(let message) = response, let uid = message.uid,
                        wanted.contains(uid)
                    else { return }
                    do {
                        try body(StoredMessage.ID("\(validity).\(uid)"), message)
                    } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
            }
        }
    }

    /// No folder is chosen any more; nothing is expunged.
    private func leave() async throws {
        if capabilities.hasUNSELECT {
            try await line.run(.unselect)
        } else {
            // A folder that does not exist closes the one that was chosen (RFC 3501 section 6.3.1), without expunging.
            let tag = try await line.send(
                .select(IMAPMailboxName(octets: Array("posthorn no such folder".utf8)), isReadOnly: true)
            )
            _ = try await line.finish(tag, "EXAMINE")
        }
        line.mailbox = nil
        line.beginEpoch()
        entries = nil
        indices = [:]
    }

    /// The name of a folder that there may not be yet.
    private func newName(_ name: String) async throws -> IMAPMailboxName {
        var delimiter: UInt8?
        try await line.run(.list(patterns: [IMAPMailboxName(octets: [])])) { response in
            if case .list(let entry) = response { delimiter = entry.delimiter }
        }
        guard let delimiter, delimiter != UInt8(ascii: "/") else {
            return IMAPMailboxName(name, isUTF8: line.encoding.isUTF8)
        }
        let separator = Character(Unicode.Scalar(delimiter))
        guard !name.contains(separator) else {
            throw MailError(
                .misuse,
                "the name of a folder at \(line.server) cannot hold '\(separator)', which separates levels there; use '/' for levels"
            )
        }
        let wire = String(name.map { $0 == "/" ? separator : $0 == "\u{2215}" ? "/" : $0 })
        return IMAPMailboxName(wire, isUTF8: line.encoding.isUTF8)
    }
}
