public import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An mbox: one file that holds many messages, each behind a line `From sender date` (RFC 4155).
///
/// It is written as mboxrd: one `>` is put before every line that is `From ` with any number of `>` before it, and taken
/// away when it is read. Files of other programs are read as far as they can be told apart; see `docs/mailbox.md`. On the
/// disk lines end with LF; messages are given with CRLF. An mbox keeps no flags.
///
/// Programs that change the file keep each other away with locks (fcntl and `<path>.lock`).
///
/// ```swift
/// let messages = try await Mbox("/var/mail/info").withSession { try await $0.messages() }
/// ```
public struct Mbox: IncomingStore {
    /// Where it is.
    public let path: String
    /// How long to wait for other programs that have locked the file. Default: 30 seconds.
    public var lockLimit = Duration.seconds(30)
    var calls = FileCalls.system

    /// The mbox at a path, which need not exist yet.
    public init(_ path: String) {
        self.path = path
    }

    /// Makes an empty file, for its owner alone, and brings it to the disk. Does nothing if it is there.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    public func create() async throws {
        guard let (directory, name) = try DirectoryHandle.parent(of: path) else {
            throw StorageFailure.error(path, "made", ENOENT)
        }
        if try directory.makeFile(name, calls) { try directory.synchronize(calls) }
    }

    /// Opens the file; it is read when its messages are asked for.
    ///
    /// - Throws: ``MailError`` with code `not-found` if there is no file, `storage` if it cannot be reached.
    public func openSession() async throws -> sending MboxSession {
        // Renaming would replace a symbolic link, and not what it leads to.
        guard !path.isEmpty, !path.utf8.contains(0), let real = realpath(path, nil) else {
            throw MboxIndex.missing(path)
        }
        defer { free(real) }
        return MboxSession(MboxIndex(path: String(cString: real), lockLimit: lockLimit), calls)
    }
}
