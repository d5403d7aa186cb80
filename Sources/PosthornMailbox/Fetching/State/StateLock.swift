import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps other runs for the same account out, in this process and in others, until it is released or the process ends, in
/// whatever way.
final class StateLock {
    private(set) var descriptor: CInt

    /// - Throws: ``MailError`` with code `unavailable` if another run holds the lock, `storage` if the file cannot be made.
    init(path: String, account: FetchAccount, directory: String) throws {
        // The file stays: were it removed, two runs could hold locks on two files of the same name.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw MailError(
                .storage,
                "the lock file '\(PeerText.shown(path))' could not be opened (\(String(cString: strerror(errno)))); let this "
                    + "user write the directory of the records, or name another"
            )
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            close(descriptor)
            guard number == EWOULDBLOCK else {
                throw MailError(
                    .storage,
                    "the lock file '\(PeerText.shown(path))' could not be locked (\(String(cString: strerror(number)))); keep "
                        + "the records on a disk of this computer"
                )
            }
            throw MailError(
                .unavailable,
                "another fetch of \(PeerText.shown(account.description)) is under way with the records in "
                    + "'\(PeerText.shown(directory))'; wait until it has ended"
            )
        }
    }

    /// Lets the next one in.
    func release() {
        guard descriptor >= 0 else { return }
        // Closing alone is not enough: a program that is being started at this moment has the descriptor, too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
        descriptor = -1
    }

    deinit { release() }
}
