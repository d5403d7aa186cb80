public import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A Maildir: a directory that holds every message in a file of its own, and needs no locks.
///
/// As a store it lists, reads, flags, appends and deletes, with Maildir++ folders (`.Name.Sub` is shown as `Name/Sub`).
/// As a ``FetchDestination`` it takes fetched messages: what was committed survives a loss of power. Other programs may
/// work in it at the same time. Octets are given, and delivered, exactly as they are.
///
/// ```swift
/// let maildir = Maildir("/home/info/Maildir")
/// try await maildir.create()
/// let count = try await maildir.withSession { try await $0.messages().count }
/// ```
public struct Maildir: IncomingStore, FetchDestination {
    /// Where it is.
    public let path: String
    var calls = FileCalls.system

    /// The Maildir at a path, which need not exist yet. A trailing `/` does not matter.
    public init(_ path: String) {
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// Makes the Maildir, for its owner alone, and brings it to the disk. The directory that holds it must exist. Does
    /// nothing if it is there.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    public func create() async throws {
        _ = try opened()
    }

    /// Makes a folder. Does nothing if it is there.
    ///
    /// - Parameter name: levels are separated by `/`.
    /// - Throws: ``MailError`` with code `misuse` if the name is not fit for a folder, `not-found` if there is no Maildir,
    ///   `storage`.
    public func createFolder(_ name: String) async throws {
        guard !MaildirFolders.isInbox(name) else { return }
        try MaildirFolders.make(name, in: try existing().root, calls)
    }

    /// A folder as a Maildir of its own, to fetch into. ``createFolder(_:)`` makes it.
    ///
    /// - Parameter name: levels are separated by `/`.
    /// - Throws: ``MailError`` with code `misuse` if the name is not fit for a folder.
    public func folder(_ name: String) throws -> Maildir {
        guard !MaildirFolders.isInbox(name) else { return self }
        return Maildir("\(path)/\(try MaildirFolders.directory(for: name))")
    }

    /// Opens the inbox.
    ///
    /// - Throws: ``MailError`` with code `not-found` if there is no Maildir at the path, `storage` if it cannot be used.
    public func openSession() async throws -> sending MaildirSession {
        MaildirSession(try existing())
    }

    /// Begins to put fetched messages into the inbox. The Maildir is made if it does not exist.
    public func openDelivery(for account: FetchAccount) async throws -> any FetchDelivery {
        try MaildirDelivery(try opened(), account: account)
    }

    private func existing() throws -> MaildirFolder {
        guard let root = try DirectoryHandle.open(path), let folder = try MaildirFolder(root, calls: calls) else {
            throw MailError(
                .notFound,
                "there is no Maildir at '\(PeerText.shown(path))'; a Maildir is a directory that holds 'new' and 'cur': "
                    + "correct the path, or create it"
            )
        }
        return folder
    }

    /// Opens it, and makes it if need be.
    private func opened() throws -> MaildirFolder {
        var root = try DirectoryHandle.open(path)
        if root == nil {
            guard let (parent, name) = try DirectoryHandle.parent(of: path) else {
                throw StorageFailure.error(path, "made", ENOENT)
            }
            try MaildirFolder.make(name, in: parent, calls)
            try parent.synchronize(calls)
            root = try DirectoryHandle.open(path)
        }
        guard let root, let folder = try MaildirFolder(root, creating: true, calls: calls) else {
            throw StorageFailure.error(path, "made", ENOENT)
        }
        return folder
    }
}
