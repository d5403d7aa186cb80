import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The locks that programs keep each other away from an mbox with: one of the kernel (fcntl), and a file `<path>.lock`.
final class MboxLock {
    private let descriptor: CInt
    private let lockFile: String?

    private init(descriptor: CInt, lockFile: String?) {
        (self.descriptor, self.lockFile) = (descriptor, lockFile)
    }

    deinit {
        if let lockFile { unlink(lockFile) }
        close(descriptor)
    }

    /// How often it is tried.
    private static let interval = Duration.milliseconds(50)
    /// A lock file whose process is gone counts no more after this time, in seconds.
    private static let staleAge: Int64 = 300

    /// Takes the locks, and opens the file.
    ///
    /// - Parameters:
    ///   - isWriting: whether the file is to be changed; then nobody else may read it, and the lock file is made. In
    ///     a directory where this user may make no files, the kernel's lock has to do.
    /// - Returns: the lock and the file that is at the path now; `nil` if there is none.
    /// - Throws: ``MailError`` with code `unavailable` if others hold a lock for longer than `limit`, `storage`;
    ///   `CancellationError`.
    static func take(_ path: String, writing isWriting: Bool, within limit: Duration) async throws -> (MboxLock, CInt)?
    {
        let deadline = ContinuousClock.now + limit
        while true {
            try Task.checkCancellation()
            let descriptor = open(path, (isWriting ? O_RDWR | O_APPEND : O_RDONLY) | O_CLOEXEC | O_NONBLOCK)
            if descriptor < 0, errno == ENOENT { return nil }
            guard descriptor >= 0 else { throw StorageFailure.error(path, "opened", errno) }
            if let lock = try attempt(path, descriptor, isWriting) { return (lock, descriptor) }
            guard ContinuousClock.now < deadline else {
                throw MailError(
                    .unavailable,
                    "the mbox '\(PeerText.shown(path))' was locked by another program for longer than \(limit); try again "
                        + "later, or look whether '\(PeerText.shown(path)).lock' was left behind"
                )
            }
            try await Task.sleep(for: interval)
        }
    }

    /// Closes the descriptor unless it gives a lock.
    private static func attempt(_ path: String, _ descriptor: CInt, _ isWriting: Bool) throws -> MboxLock? {
        var isTaken = false
        defer { if !isTaken { close(descriptor) } }
        guard lock(descriptor, isWriting) else {
            guard errno == EACCES || errno == EAGAIN || errno == EINTR else {
                throw StorageFailure.error(path, "locked", errno)
            }
            return nil
        }
        // It may have been replaced while we waited; the lock is on a file then that nobody will see again.
        var (held, there) = (stat(), stat())
        guard fstat(descriptor, &held) == 0, stat(path, &there) == 0, held.st_ino == there.st_ino,
            held.st_dev == there.st_dev
        else { return nil }
        var lockFile: String?
        if isWriting {
            let name = path + ".lock"
            let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
            if file >= 0 {
                let text = Array("\(getpid())\n".utf8)
                _ = text.withUnsafeBytes { FileCalls.system.writeAll(file, $0) }
                close(file)
                lockFile = name
            } else if errno == EEXIST {
                removeStale(name)
                return nil
            } else if errno != EACCES, errno != EROFS, errno != EPERM {
                throw StorageFailure.error(name, "made", errno)
            }
        }
        isTaken = true
        return MboxLock(descriptor: descriptor, lockFile: lockFile)
    }

    /// A lock of the open file, not of the process: it is not lost when some other part of the program closes the file.
    private static func lock(_ descriptor: CInt, _ isWriting: Bool) -> Bool {
        var request = flock()
        request.l_type = Int16(isWriting ? F_WRLCK : F_RDLCK)
        request.l_whence = Int16(SEEK_SET)
        #if os(Linux)
            // F_OFD_SETLK, which the headers show only with `_GNU_SOURCE`.
            if fcntl(descriptor, 37, &request) == 0 { return true }
            guard errno == EINVAL else { return false }
        #endif
        return fcntl(descriptor, F_SETLK, &request) == 0
    }

    /// Removes a lock file that is old and whose process is not there any more. One that names no process of this
    /// computer is for a person to judge.
    private static func removeStale(_ name: String) {
        var status = stat()
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        guard lstat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            Int64(now.tv_sec) &- DirectoryHandle.nanoseconds(status) / 1_000_000_000 > staleAge
        else { return }
        let file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return }
        defer { close(file) }
        var octets = [UInt8](repeating: 0, count: 32)
        let count = octets.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        let digits = octets.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        guard let process = pid_t(String(decoding: digits, as: UTF8.self)), process > 0, kill(process, 0) != 0,
            errno == ESRCH
        else { return }
        unlink(name)
    }
}
