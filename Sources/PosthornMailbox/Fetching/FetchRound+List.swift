import Posthorn

extension FetchRound {
    /// How long a record is kept after its message was missing from a list, in seconds: a list may be wrong, and what
    /// is listed again must not come twice. 30 days.
    static var missingLimit: Int64 { 30 * 86_400 }

    /// Compares the list with the records.
    ///
    /// - Returns: what is to be read, in the order of the list.
    func compare(_ list: [StoredMessage]) throws -> [Wanted] {
        listed.reserveCapacity(list.count)
        known.reserveCapacity(list.count)
        for message in list where isNamed(message) { listed[IDText(message.id.description), default: 0] += 1 }
        var heldNames: [UInt64: KeyWords] = [:]
        for key in state.held { heldNames[key.name] = key }

        var wanted: [Wanted] = []
        for message in list {
            guard isNamed(message) else {
                add(Wanted(message: message), to: &wanted)
                continue
            }
            let id = IDText(message.id.description)
            guard listed[id] == 1 else {
                add(Wanted(message: message, isDoubled: true), to: &wanted)
                continue
            }
            let name = RecordName.id(id)
            if let record = state.records[name] {
                if record.presence == .listed {
                    noteKnown()
                    known.append((message.id, name))
                } else {
                    // It was gone. A server may use the name again, or have lost the deletion: the content tells.
                    add(Wanted(message: message, name: name), to: &wanted)
                }
            } else if !heldNames.isEmpty, let key = heldNames.removeValue(forKey: try hasher.nameHalf(id)) {
                state.adopt(name, .init(key: key, digest: nil, fetched: now, generation: state.generation))
                noteKnown()
                known.append((message.id, name))
            } else {
                add(Wanted(message: message, name: name), to: &wanted)
            }
        }
        if !wanted.isEmpty { findOrphans(hasUnnamed: wanted.contains { $0.name == nil }) }
        state.reserve(wanted.count)
        return wanted
    }

    private func isNamed(_ message: StoredMessage) -> Bool {
        message.isIDLasting && message.id.description.utf8.count <= FetchState.idLimit
    }

    private func add(_ entry: Wanted, to wanted: inout [Wanted]) {
        if let most = policy.maximumMessageSize, let size = entry.message.size, size > most {
            skip(entry.message, .tooLarge, size: size)
            if entry.name == nil { hasReadAllContents = false }
        } else {
            wanted.append(entry)
        }
    }

    private func findOrphans(hasUnnamed: Bool) {
        for (name, record) in state.records where record.presence != .deleted {
            guard let digest = record.digest else { continue }
            switch name {
            case .id(let id): if listed[id] != 1 { orphans[digest, default: []].append(name) }
            // Messages without lasting names claim these by themselves.
            case .content: if !hasUnnamed { orphans[digest, default: []].append(name) }
            }
        }
    }

    /// Notes which records are of messages that are not listed any more, and forgets those that have been so for long.
    func prune() {
        for (name, record) in state.records {
            let isListed =
                switch name {
                case .id(let id): listed[id] != nil
                // What was not read may be it.
                case .content(let digest, let count): !hasReadAllContents || (contents[digest] ?? 0) >= count
                }
            if isListed { continue }
            switch record.presence {
            case .listed: state.mark(name, .missing(since: now))
            // A list without it may be wrong, and the next one have it again.
            case .deleted: dropIfOld(name, since: record.fetched)
            case .missing(let since): dropIfOld(name, since: since)
            }
        }
        // An empty list is no proof that nothing of the place is on the server.
        if hasReadAllContents, !listed.isEmpty || !contents.isEmpty { state.releaseHeld() }
    }

    private func dropIfOld(_ name: RecordName, since time: Int64) {
        let (age, isTooMuch) = now.subtractingReportingOverflow(time)
        if !isTooMuch, age > Self.missingLimit { state.drop(name) }
    }

    /// Deletes what the policy wants deleted, once the session is committed.
    ///
    /// - Returns: the records of these messages.
    func delete(in session: any StoreSession) async throws -> [RecordName] {
        guard policy.keepOnServer != .yes else { return [] }
        var due = known.filter { entry in
            state.records[entry.name].map { policy.keepOnServer.isDue(fetched: $0.fetched, now: now) } ?? false
        }
        guard !due.isEmpty else { return [] }
        guard let deletion = session.interface(.deletion) else {
            noteDeletionMissing()
            return []
        }
        do {
            try await deletion.delete(due.map(\.id))
        } catch let error as MailError where error.code == .notFound {
            // Somebody else deleted one of them. None is marked yet.
            let present = Set(try await session.messages().map(\.id))
            due.removeAll { !present.contains($0.id) }
            if !due.isEmpty { try await deletion.delete(due.map(\.id)) }
        }
        return due.map(\.name)
    }

    /// The server has confirmed the deletion of these messages.
    func forget(_ names: [RecordName]) throws {
        noteDeleted(names.count)
        for name in names {
            switch name {
            case .id: state.mark(name, .deleted)
            case .content: state.drop(name)
            }
        }
        try state.write()
        try state.compact()
    }
}
