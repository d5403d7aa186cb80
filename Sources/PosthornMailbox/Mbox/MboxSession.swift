public import Posthorn

/// A visit to an ``Mbox``.
///
/// A message's name is made of the hash of its octets and a number that tells messages apart that are the same. It is
/// the same in later sessions, except that with one of several equal messages the greatest number goes.
public final class MboxSession: StoreSession {
    private let index: MboxIndex
    private let calls: FileCalls
    private let life = SessionLife()
    private var marked: Set<StoredMessage.ID> = []

    init(_ index: MboxIndex, _ calls: FileCalls) {
        (self.index, self.calls) = (index, calls)
    }

    /// The messages in the order of the file; those marked for deletion included. Sizes are those with CRLF.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if the file is no mbox, `unavailable` if another program
    ///   has locked it for too long.
    public func messages() async throws -> [StoredMessage] {
        try life.check()
        return try await index.current().entries.map { StoredMessage(id: $0.id, size: $0.size) }
    }

    /// The content of a message; lines end with CRLF.
    public func content(of id: StoredMessage.ID) async throws -> MessageContent {
        try life.check()
        guard try await index.current().entry(id) != nil else { throw MissingMessage.error(id) }
        return MessageContent(MboxContent(id, index, life: life))
    }

    /// Ends the session. What was marked is taken out: the others are written into a new file, which then takes the
    /// old one's place. When it returns, that survives a loss of power.
    ///
    /// - Throws: ``MailError`` with code `storage`, `unavailable` if another program has locked the file for too long. The
    ///   file is as it was then, unless the last step failed, bringing its new name to the disk.
    public func commit() async throws {
        try life.check()
        life.end()
        let gone = marked
        marked = []
        guard !gone.isEmpty else { return }
        guard let (lock, _) = try await MboxLock.take(index.path, writing: true, within: index.lockLimit) else {
            return
        }
        defer { withExtendedLifetime(lock) {} }
        let state = try await index.currentWhileLocked()
        let kept = state.entries.filter { !gone.contains($0.id) }
        guard kept.count < state.entries.count else { return }
        let (path, calls) = (index.path, calls)
        try await BlockingWork.run { try MboxRewriting.replace(path, by: kept, of: state.file, calls) }
    }

    /// Ends the session. Nothing is deleted.
    public func abandon() async {
        life.end()
        marked = []
    }
}

extension MboxSession: MessageDeletion {
    /// Marks messages for deletion.
    public func delete(_ ids: [StoredMessage.ID]) async throws {
        try life.check()
        let state = try await index.current()
        for id in ids where state.entry(id) == nil { throw MissingMessage.error(id) }
        marked.formUnion(ids)
    }
}

extension MboxSession: HeaderReading {
    /// Reads the beginnings of messages.
    public func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws {
        try life.check()
        for id in ids {
            var reader: any ContentReader
            do {
                reader = try await MboxContent(id, index, life: life).makeReader(for: .unrestricted)
            } catch let error as MailError where error.code == .notFound {
                continue
            }
            try await body(id, try await MessageBeginning.read(&reader, of: id, bodyLines: bodyLines))
        }
    }
}

extension MboxSession: MessageAppending {
    /// Puts a message at the end of the file. When it returns, the message survives a loss of power. An mbox keeps no
    /// flags: they are passed over. The file is locked while the content is read.
    ///
    /// - Throws: ``MailError`` with code `storage`; `unavailable` if another program has locked the file for too long;
    ///   what reading the content throws. The file is as it was then.
    @discardableResult
    public func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID? {
        try life.check()
        guard let (lock, descriptor) = try await MboxLock.take(index.path, writing: true, within: index.lockLimit)
        else {
            throw MboxIndex.missing(index.path)
        }
        defer { withExtendedLifetime(lock) {} }
        // Also sees to it that nothing is written into a file that is no mbox.
        var state = try await index.currentWhileLocked()
        var appending = try MboxAppending(to: index.path, descriptor, calls)
        do {
            try appending.begin()
            try await content.forEachPiece(for: .unrestricted) { try appending.write($0) }
            var entry = try appending.finish()
            let (path, calls) = (index.path, calls)
            try await BlockingWork.run { try MboxAppending.synchronize(descriptor, path, calls) }
            entry.id = MboxScanner.id(entry.digest, state.counts[entry.digest, default: 0] + 1)
            state.add(entry)
            state.stamp = try MboxIndex.Stamp(descriptor, path)
            index.keep(state)
            return entry.id
        } catch {
            appending.undo()
            throw error
        }
    }
}
