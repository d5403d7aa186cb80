public import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension MaildirSession: FolderAccess {
    /// The folders in alphabetical order, the inbox first.
    public func folders() async throws -> [MailFolder] {
        try life.check()
        return [MailFolder(name: MaildirFolders.inbox)]
            + (try MaildirFolders.all(in: inbox.root)).map {
                MailFolder(name: $0.name, isSelectable: $0.directory != nil)
            }
    }

    /// Makes the session look at another folder.
    public func select(_ folder: String) async throws {
        try life.check()
        if MaildirFolders.isInbox(folder) {
            (self.folder, directory, listed) = (inbox, "", [])
            return
        }
        guard let name = try MaildirFolders.all(in: inbox.root).first(where: { $0.name == folder })?.directory,
            let handle = try inbox.root.directory(name),
            let chosen = try MaildirFolder(handle, calls: inbox.calls)
        else {
            throw MailError(
                .notFound,
                "there is no folder '\(PeerText.shown(folder))' that holds messages; list the folders to see which there are"
            )
        }
        (self.folder, directory, listed) = (chosen, name, [])
    }
}

extension MaildirSession: MessageAppending {
    /// Puts a message into the chosen folder: into `new` if it has no flags, otherwise into `cur`. When it returns, the
    /// message survives a loss of power.
    ///
    /// - Throws: ``MailError`` with code `storage`; `unsupported` if a Maildir cannot keep a flag; what reading the
    ///   content throws. Nothing is added then.
    @discardableResult
    public func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID? {
        try life.check()
        let letters = try MaildirFlags.letters(flags)
        let folder = folder
        var staging = try MaildirStaging(in: folder)
        var isOpen = true
        do {
            try await content.forEachPiece(for: .unrestricted) { try staging.write($0) }
            _ = try staging.finish()
            let (descriptor, temporary, size) = (staging.descriptor, staging.name, staging.size)
            isOpen = false
            return try await BlockingWork.run {
                try Self.publish(folder, descriptor, temporary, size: size, letters: letters)
            }
        } catch {
            // Otherwise it was closed and removed there.
            if isOpen { staging.discard() }
            throw error
        }
    }

    /// Brings a file of `tmp` to the disk and moves it to its place; closes it, and removes it if that fails.
    private static func publish(
        _ folder: MaildirFolder,
        _ descriptor: CInt,
        _ temporary: FileName,
        size: UInt64,
        letters: [UInt8]
    ) throws -> StoredMessage.ID {
        let calls = folder.calls
        do {
            let isOnDisk = calls.synchronize(descriptor) == 0
            let number = errno
            guard close(descriptor) == 0, isOnDisk else {
                throw StorageFailure.error(folder.tmp.path, "brought to the disk", isOnDisk ? errno : number)
            }
            for _ in 0..<16 {
                let name = MaildirName(MaildirNaming.name(size: size))
                let file = letters.isEmpty ? name.base + [0] : name.name(withLetters: letters)[...]
                guard try folder.publish(temporary, as: FileName(file), isNew: letters.isEmpty) else { continue }
                let directory = letters.isEmpty ? folder.new : folder.cur
                do {
                    try directory.synchronize(calls)
                } catch {
                    _ = calls.remove(directory.descriptor, FileName(file))
                    throw error
                }
                return name.id
            }
            throw StorageFailure.error(folder.root.path, "given a new message", EEXIST)
        } catch {
            _ = calls.remove(folder.tmp.descriptor, temporary)
            throw error
        }
    }
}

extension MaildirSession: ArrivalWatching {
    /// How often the folder is looked at. Looking costs two calls to the system, and works on network file systems, where
    /// the kernel tells nobody of what other computers do.
    static let watchingInterval = Duration.seconds(1)

    /// Returns when the chosen folder holds a message that was not listed. Looks once a second; the folder's names are
    /// read only if its directories have changed.
    public func waitForArrivals() async throws {
        try life.check()
        let (folder, known) = (folder, listed)
        var seen: (times: [Int64], isSettled: Bool)?
        while true {
            try Task.checkCancellation()
            let times = [try folder.new.changeTime(), try folder.cur.changeTime()]
            if seen?.times != times || seen?.isSettled == false {
                // Times are not exact: what changed a moment ago may change once more without a trace.
                var now = timespec()
                clock_gettime(CLOCK_REALTIME, &now)
                let newest = Int64(now.tv_sec) &* 1_000_000_000 &- (times.max() ?? 0)
                seen = (times, newest > 3_000_000_000)
                if try folder.scan().contains(where: { !known.contains($0.name.id) }) { return }
            }
            try await Task.sleep(for: Self.watchingInterval)
        }
    }
}
