import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The small file in a Maildir that tells copies of it from one another: a line that says what it is, the generation, and
/// the identity up to the end.
enum MaildirMark {
    private static let title = "posthorn-mark 1"
    private static let limit = 4096

    static func text(of mark: FetchMark) -> [UInt8] {
        Array("\(title)\n\(mark.generation)\n\(mark.identity)".utf8)
    }

    /// Reads a mark. One that is damaged counts as none: with a new one the keys of all messages are looked at again,
    /// which is right in any case.
    ///
    /// - Throws: ``MailError`` with code `storage` if the file is there and cannot be read.
    static func read(_ path: String) throws -> FetchMark? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw StorageFailure.error(path, "read", errno) }
        var octets: [UInt8] = []
        do {
            let file = try OpenFile(descriptor: descriptor, path: path)
            _ = try file.read(into: &octets, at: 0, upTo: limit)
        } catch let error as MailError {
            throw MailError(.storage, error.message, cause: error)
        }
        let lines = String(decoding: octets, as: UTF8.self).split(
            separator: "\n",
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard octets.count < limit, lines.count == 3, lines[0] == title, let generation = UInt64(lines[1]),
            !lines[2].isEmpty
        else { return nil }
        return FetchMark(identity: String(lines[2]), generation: generation)
    }
}
