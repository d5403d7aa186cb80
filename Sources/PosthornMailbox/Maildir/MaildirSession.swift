public import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A visit to a ``Maildir``.
///
/// A message's name is its file's name without the flags. Messages are listed by the time in their names.
public final class MaildirSession: StoreSession {
    let inbox: MaildirFolder
    let life = SessionLife()
    /// The chosen folder.
    var folder: MaildirFolder
    /// Its directory; empty for the inbox.
    var directory = ""
    /// What was listed last.
    var listed: Set<StoredMessage.ID> = []
    /// What goes with the commit, by the folders' directories.
    var marked: [String: (folder: MaildirFolder, ids: Set<StoredMessage.ID>)] = [:]

    init(_ inbox: MaildirFolder) {
        self.inbox = inbox
        folder = inbox
    }

    /// The messages of the chosen folder, oldest first; those marked for deletion included. Sizes are those of the names
    /// (`,S=1234`) or of the files.
    public func messages() async throws -> [StoredMessage] {
        try life.check()
        var messages: [StoredMessage] = []
        for (name, place) in try folder.scan() {
            var size = name.size
            if size == nil {
                // One that was moved this moment is still a message; its size is not that important.
                let status = try folder.directory(of: place).status(of: place.name)
                size = status.map { UInt64(clamping: $0.st_size) }
            }
            messages.append(StoredMessage(id: name.id, size: size))
        }
        listed = Set(messages.map(\.id))
        return messages
    }

    /// The content of a message of the chosen folder: the file's octets, exactly.
    public func content(of id: StoredMessage.ID) async throws -> MessageContent {
        try life.check()
        guard try folder.place(of: id) != nil else { throw MissingMessage.error(id) }
        return MessageContent(MaildirContent(id, in: folder, life: life))
    }

    /// Reads messages of the chosen folder one after the other; every file is opened once.
    public func readEach(
        _ ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        try life.check()
        let folder = folder
        for id in ids {
            var reader: any ContentReader
            do {
                reader = OpenFileReader(try folder.open(id), life: life)
            } catch let error as MailError where error.code == .notFound {
                reader = MissingMessage(id: id)
            }
            try await body(id, &reader)
        }
    }

    /// Ends the session and removes what was marked; when it returns, that survives a loss of power.
    ///
    /// - Throws: ``MailError`` with code `storage`; some of the messages may be gone then.
    public func commit() async throws {
        try life.check()
        life.end()
        let work = marked.values.map { $0 }
        marked = [:]
        guard !work.isEmpty else { return }
        try await BlockingWork.run {
            for (folder, ids) in work {
                var isChanged = false
                for id in ids where try folder.remove(id) { isChanged = true }
                guard isChanged else { continue }
                try folder.cur.synchronize(folder.calls)
                try folder.new.synchronize(folder.calls)
            }
        }
    }

    /// Ends the session. Nothing is deleted.
    public func abandon() async {
        life.end()
        marked = [:]
    }
}

extension MaildirSession: MessageDeletion {
    /// Marks messages of the chosen folder for deletion.
    public func delete(_ ids: [StoredMessage.ID]) async throws {
        try life.check()
        try folder.check(ids)
        marked[directory, default: (folder, [])].ids.formUnion(ids)
    }
}

extension MaildirSession: FlagStorage {
    /// The flags of messages of the chosen folder, by the names of their files. Letters that are no flags (keywords of
    /// Dovecot) are left out, and stay as they are.
    public func flags(of ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: Set<MessageFlag>] {
        try life.check()
        return try folder.places(of: ids).mapValues { MaildirFlags.flags(MaildirName($0.name).letters) }
    }

    /// Replaces the flags of messages of the chosen folder; they move from `new` to `cur`.
    ///
    /// - Throws: ``MailError`` with code `not-found`; `unsupported` if a Maildir cannot keep a flag.
    public func setFlags(_ flags: Set<MessageFlag>, of ids: [StoredMessage.ID]) async throws {
        let letters = try MaildirFlags.letters(flags)
        try change(ids) { MaildirFlags.foreign($0) + letters }
    }

    /// Adds and takes away flags of messages of the chosen folder; they move from `new` to `cur`.
    ///
    /// - Throws: ``MailError`` with code `not-found`; `unsupported` if a Maildir cannot keep a flag that is added.
    public func changeFlags(
        of ids: [StoredMessage.ID],
        adding: Set<MessageFlag>,
        removing: Set<MessageFlag>
    ) async throws {
        let added = try MaildirFlags.letters(adding)
        // A flag that cannot be kept is not there to be taken away.
        let removed = removing.flatMap { (try? MaildirFlags.letters([$0])) ?? [] }
        try change(ids) { letters in letters.filter { !removed.contains($0) } + added }
    }

    private func change(_ ids: [StoredMessage.ID], _ change: ([UInt8]) -> [UInt8]) throws {
        try life.check()
        try folder.check(ids)
        for id in ids { try folder.changeLetters(of: id, change) }
    }
}

extension MaildirSession: HeaderReading {
    /// Reads the beginnings of messages of the chosen folder.
    public func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws {
        try life.check()
        for id in ids {
            let file: OpenFile
            do {
                file = try folder.open(id)
            } catch let error as MailError where error.code == .notFound {
                continue
            }
            var reader: any ContentReader = OpenFileReader(file, life: life, pieceSize: 8 * 1024)
            try await body(id, try await MessageBeginning.read(&reader, of: id, bodyLines: bodyLines))
        }
    }
}
