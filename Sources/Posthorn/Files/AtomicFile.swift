#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Replaces files as a whole: others see the old content or the new one, never a part, whatever fails.
public enum AtomicFile {
    /// Writes a file.
    ///
    /// The bytes go into a new file in the same directory, which nobody but its owner could ever read unless `mode`
    /// says so; the file is brought to the disk, takes the place of the old one, and the directory is brought to
    /// the disk. If anything fails, what stood under the name stays as it was, and the new file is removed.
    ///
    /// - Parameters:
    ///   - bytes: The whole content.
    ///   - path: The file. A symbolic link is followed, so that it stays one.
    ///   - mode: The access rights, from the beginning.
    /// - Throws: ``MailError`` with code `storage`, naming the file and the system's reason.
    public static func write(_ bytes: some Collection<UInt8>, to path: String, mode: UInt16 = 0o600) throws {
        let array = Array(bytes)
        try array.withUnsafeBytes { try AtomicWrite(path: path, mode: mode_t(mode)).write($0) }
    }
}

/// One replacement of a file. The system's calls can be exchanged, so that tests see every one of them fail.
struct AtomicWrite {
    var path: String
    var mode: mode_t
    var calls = Calls()

    /// The system's calls.
    struct Calls {
        var write: (CInt, UnsafeRawBufferPointer) -> Int = { systemWrite($0, $1) }
        var synchronize: (CInt) -> CInt = { fsync($0) }
        var rename: (String, String) -> CInt = { systemRename($0, $1) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        let target = destination()
        let directory = SettingsPath.directory(of: target)
        let temporary = try create(beside: target)
        do {
            try fill(temporary.descriptor, bytes)
            guard calls.rename(temporary.path, target) == 0 else { throw failure("replaced", errno) }
        } catch {
            unlink(temporary.path)
            throw error
        }
        try synchronizeDirectory(directory.isEmpty ? "." : directory)
    }

    /// The file itself, if the path is a link to one.
    private func destination() -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
        return SettingsPath.canonical(path)
    }

    private func create(beside target: String) throws -> (path: String, descriptor: CInt) {
        let directory = SettingsPath.directory(of: target)
        let name = target.split(separator: "/").last.map(String.init) ?? "file"
        for _ in 0..<16 {
            let random = String(UInt64.random(in: 0 ... .max), radix: 36)
            let hidden = ".\(name.utf8.count > 200 ? "file" : name).\(random).tmp"
            let temporary = directory.isEmpty ? hidden : directory == "/" ? "/\(hidden)" : "\(directory)/\(hidden)"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            if descriptor >= 0 { return (temporary, descriptor) }
            guard errno == EEXIST else { throw failure("created", errno) }
        }
        throw failure("created", EEXIST)
    }

    /// Writes everything and brings it to the disk. Closes the file in any case.
    private func fill(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) throws {
        var isOpen = true
        defer { if isOpen { close(descriptor) } }
        // The process's mask may have taken rights away.
        guard fchmod(descriptor, mode) == 0 else { throw failure("protected", errno) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("written", count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
        }
        guard calls.synchronize(descriptor) == 0 else { throw failure("brought to the disk", errno) }
        isOpen = false
        guard close(descriptor) == 0 else { throw failure("written", errno) }
    }

    private func synchronizeDirectory(_ directory: String) throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("brought to the disk", errno) }
        defer { close(descriptor) }
        // Some file systems cannot do this for directories, and do not need it.
        guard calls.synchronize(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw failure("brought to the disk", errno)
        }
    }

    private func failure(_ what: String, _ number: CInt) -> MailError {
        MailError(
            .storage,
            "the file '\(PeerText.shown(path))' could not be \(what): \(String(cString: strerror(number)))"
        )
    }
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
}

private func systemRename(_ old: String, _ new: String) -> CInt {
    #if canImport(Glibc)
        Glibc.rename(old, new)
    #else
        Darwin.rename(old, new)
    #endif
}
