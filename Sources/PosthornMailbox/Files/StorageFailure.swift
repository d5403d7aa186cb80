import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says what a system call of a local store failed with.
enum StorageFailure {
    /// An error with code `storage`: what could not be done to which file, the system's reason, and what to do about it.
    ///
    /// - Parameter action: completes `… could not be …`.
    static func error(_ path: String, _ action: String, _ number: CInt) -> MailError {
        let reason = String(cString: strerror(number))
        let advice = advice(for: number)
        return MailError(
            .storage,
            "'\(PeerText.shown(path))' could not be \(action): \(reason)\(advice.isEmpty ? "" : "; \(advice)")"
        )
    }

    private static func advice(for number: CInt) -> String {
        switch number {
        case ENOSPC, EDQUOT: "make room on the disk, or raise the user's quota, and try again"
        case EACCES, EPERM: "give the user of this program the right to read and write there"
        case EROFS: "the file system can only be read; mount it for writing"
        case EIO: "the disk may be failing: look into the system's log before anything else is written to it"
        case EMFILE, ENFILE: "too many files are open; raise the limit (ulimit -n)"
        case ENOENT, ENOTDIR: "look whether the path is right and the disk is mounted"
        case ELOOP: "a symbolic link is not followed there; put a real directory or file in its place"
        case EFBIG: "the file system, or the limit of the process (ulimit -f), allows no file of that size"
        default: ""
        }
    }
}
