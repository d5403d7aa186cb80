import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Replaces an mbox by some of its messages.
enum MboxRewriting {
    /// Writes the messages as they are into a new file with the old one's owner and rights, brings it to the disk, and
    /// puts it in the old one's place.
    ///
    /// - Throws: ``MailError`` with code `storage`; the old file is as it was then.
    static func replace(_ path: String, by entries: [MboxEntry], of old: OpenFile, _ calls: FileCalls) throws {
        guard let (directory, target) = try DirectoryHandle.parent(of: path) else {
            throw StorageFailure.error(path, "written anew", ENOENT)
        }
        let name = ".posthorn-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp"
        let descriptor = calls.create(directory.descriptor, name)
        guard descriptor >= 0 else { throw directory.failure(name, "made") }
        var isOpen = true
        do {
            try copyRights(of: old, to: descriptor)
            for entry in entries { try copy(old, entry.from, entry.next, to: descriptor, calls) }
            guard calls.synchronize(descriptor) == 0 else { throw directory.failure(name, "brought to the disk") }
            isOpen = false
            guard close(descriptor) == 0 else { throw directory.failure(name, "written") }
            guard renameat(directory.descriptor, name, directory.descriptor, target) == 0 else {
                throw directory.failure(target, "replaced")
            }
        } catch {
            if isOpen { close(descriptor) }
            _ = calls.remove(directory.descriptor, name)
            throw error
        }
        try directory.synchronize(calls)
    }

    private static func copyRights(of old: OpenFile, to descriptor: CInt) throws {
        var status = stat()
        guard fstat(old.descriptor, &status) == 0 else { throw StorageFailure.error(old.path, "looked at", errno) }
        // Nobody may get more rights than before: if the owner cannot be kept, the group's rights go, too.
        let isOwned = fchown(descriptor, status.st_uid, status.st_gid) == 0
        let mode = status.st_mode & (isOwned ? 0o666 : 0o600)
        guard fchmod(descriptor, mode) == 0 else {
            throw StorageFailure.error(old.path, "copied with its rights", errno)
        }
    }

    private static func copy(
        _ old: OpenFile,
        _ start: UInt64,
        _ end: UInt64,
        to descriptor: CInt,
        _ calls: FileCalls
    ) throws {
        var position = start
        var buffer: [UInt8] = []
        while position < end {
            buffer.removeAll(keepingCapacity: true)
            let room = Int(min(end - position, UInt64(ContentChunk.preferredSize)))
            let count = try old.read(into: &buffer, at: position, upTo: room)
            guard count > 0 else { throw StorageFailure.error(old.path, "read to its end", EIO) }
            let number = buffer.withUnsafeBytes { calls.writeAll(descriptor, $0) }
            guard number == 0 else { throw StorageFailure.error(old.path, "written anew", number) }
            position &+= UInt64(count)
        }
    }
}
