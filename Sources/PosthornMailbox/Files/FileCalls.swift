#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The system's calls that change something on the disk. They can be exchanged, so that tests see every one of them fail,
/// and see what a crash between two of them leaves behind.
struct FileCalls: Sendable {
    /// A new file for writing: directory, name.
    var create: @Sendable (CInt, UnsafePointer<CChar>) -> CInt = { systemCreate($0, $1) }
    var write: @Sendable (CInt, UnsafeRawBufferPointer) -> Int = { systemWrite($0, $1) }
    var synchronize: @Sendable (CInt) -> CInt = { systemSynchronize($0) }
    /// Moves a file to a name that does not exist yet: directory and name, old and new. `EEXIST` if it does.
    var move: @Sendable (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>) -> CInt = {
        ExclusiveMove.move($0, $1, $2, $3)
    }
    /// Removes a file: directory, name.
    var remove: @Sendable (CInt, UnsafePointer<CChar>) -> CInt = { unlinkat($0, $1, 0) }
    /// Makes a directory: directory, name.
    var makeDirectory: @Sendable (CInt, UnsafePointer<CChar>) -> CInt = { mkdirat($0, $1, 0o700) }

    /// The calls of the system.
    static let system = FileCalls()

    /// Brings a directory to the disk. Some file systems cannot do this for directories, and do not need it.
    func synchronizeDirectory(_ descriptor: CInt) -> CInt {
        let result = synchronize(descriptor)
        return result == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : result
    }

    /// Writes all octets. Returns 0 or the error's number.
    func writeAll(_ descriptor: CInt, _ octets: UnsafeRawBufferPointer) -> CInt {
        var rest = octets
        while !rest.isEmpty {
            let count = write(descriptor, rest)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        return 0
    }
}

private func systemCreate(_ directory: CInt, _ name: UnsafePointer<CChar>) -> CInt {
    openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
}

private func systemWrite(_ descriptor: CInt, _ octets: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, octets.baseAddress, octets.count)
    #elseif canImport(Musl)
        Musl.write(descriptor, octets.baseAddress, octets.count)
    #else
        Darwin.write(descriptor, octets.baseAddress, octets.count)
    #endif
}

private func systemSynchronize(_ descriptor: CInt) -> CInt {
    while true {
        #if canImport(Darwin)
            // fsync() leaves the octets in the drive's own memory there; not every file system knows the other call.
            let result = fcntl(descriptor, F_FULLFSYNC) == 0 ? 0 : fsync(descriptor)
        #else
            let result = fsync(descriptor)
        #endif
        guard result != 0, errno == EINTR else { return result }
    }
}

/// Moves a file without ever taking the place of another one.
enum ExclusiveMove {
    private typealias Rename =
        @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt

    #if os(Linux)
        /// `renameat2`, which the headers show only with `_GNU_SOURCE`.
        private static let rename: Rename? = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Rename.self) }
        private static let noReplace: CUnsignedInt = 1
    #else
        private static let rename: Rename? = { renameatx_np($0, $1, $2, $3, $4) }
        private static let noReplace = CUnsignedInt(RENAME_EXCL)
    #endif

    static func move(
        _ oldDirectory: CInt,
        _ old: UnsafePointer<CChar>,
        _ newDirectory: CInt,
        _ new: UnsafePointer<CChar>
    ) -> CInt {
        if let rename {
            let result = rename(oldDirectory, old, newDirectory, new, noReplace)
            // What an old kernel, or a file system that does not know the flag, says.
            guard result != 0, [ENOSYS, EINVAL, ENOTSUP].contains(errno) else { return result }
        }
        return link(oldDirectory, old, newDirectory, new)
    }

    /// A link is never made over another file; a crash between the two calls leaves one file with two names.
    static func link(
        _ oldDirectory: CInt,
        _ old: UnsafePointer<CChar>,
        _ newDirectory: CInt,
        _ new: UnsafePointer<CChar>
    ) -> CInt {
        if linkat(oldDirectory, old, newDirectory, new, 0) == 0 { return unlinkat(oldDirectory, old, 0) }
        guard [EPERM, ENOTSUP, ENOSYS].contains(errno) else { return -1 }
        // A file system without links: looking first is the best that can be done.
        var status = stat()
        guard fstatat(newDirectory, new, &status, AT_SYMLINK_NOFOLLOW) != 0 else {
            errno = EEXIST
            return -1
        }
        return renameat(oldDirectory, old, newDirectory, new)
    }
}
