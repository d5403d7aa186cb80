import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folders of a Maildir (Maildir++): a folder `Name/Sub` is the directory `.Name.Sub` beside `cur`, its name in
/// modified UTF-7.
enum MaildirFolders {
    static let inbox = "INBOX"

    /// The folders' directories, as far as they can be opened.
    static func directories(of root: DirectoryHandle) throws -> [DirectoryHandle] {
        try names(in: root).compactMap { try root.directory($0) }
    }

    /// The names of the directories that are folders: they hold `cur` or `new`.
    private static func names(in root: DirectoryHandle) throws -> [String] {
        var names: [String] = []
        try root.forEachName(hidden: true) { name, kind in
            guard kind == .directory, let text = String(validatingCString: name) else { return }
            names.append(text)
        }
        return names.filter { name in
            ["cur", "new"].contains { part in
                ((try? root.status(of: "\(name)/\(part)")) ?? nil).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
            }
        }
    }

    /// All folders but the inbox, by name, with their directories; `nil` for those that only hold folders.
    static func all(in root: DirectoryHandle) throws -> [(name: String, directory: String?)] {
        var found: [String: String?] = [:]
        for directory in try names(in: root).sorted() {
            let name = name(of: directory)
            guard !isInbox(name) else { continue }
            found[name] = found[name] ?? directory
        }
        for name in Array(found.keys) {
            var levels = name.split(separator: "/", omittingEmptySubsequences: false)
            while levels.count > 1 {
                levels.removeLast()
                let parent = levels.joined(separator: "/")
                if found[parent] == nil, !parent.isEmpty, !isInbox(parent) { found[parent] = .some(nil) }
            }
        }
        return found.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    /// Makes a folder and brings it to the disk. Does nothing if it is there.
    static func make(_ name: String, in root: DirectoryHandle, _ calls: FileCalls) throws {
        let directory = try directory(for: name)
        try MaildirFolder.make(directory, in: root, calls)
        guard let handle = try root.directory(directory) else {
            throw StorageFailure.error("\(root.path)/\(directory)", "opened", ENOENT)
        }
        _ = try MaildirFolder(handle, creating: true, calls: calls)
        // Tells delivery programs that this is a folder of a Maildir++ and no Maildir of its own.
        _ = try handle.makeFile("maildirfolder", calls)
        try handle.synchronize(calls)
        try root.synchronize(calls)
    }

    /// Whether it is the inbox, whose name has no case as far as ASCII goes.
    static func isInbox(_ name: String) -> Bool {
        name.utf8.count == inbox.utf8.count
            && name.utf8.elementsEqual(inbox.utf8) { ((0x61...0x7A).contains($0) ? $0 & 0xDF : $0) == $1 }
    }

    /// The name that is shown for a directory. Levels that are not in modified UTF-7 are shown as they are.
    private static func name(of directory: String) -> String {
        directory.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map { level in
            guard let name = ModifiedUTF7.decoded(level.utf8), !name.contains("/") else { return String(level) }
            return name
        }.joined(separator: "/")
    }

    /// The directory of a new folder.
    ///
    /// - Throws: ``MailError`` with code `misuse` if the name cannot be that of a folder.
    static func directory(for name: String) throws -> String {
        // By scalars: a combining mark behind a separator does not hide it.
        let levels = name.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map { Substring($0) }
        let isFit = levels.allSatisfy { level in
            !level.isEmpty && !level.unicodeScalars.contains(".")
                && !level.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        }
        let directory = "." + levels.map { ModifiedUTF7.encoded(String($0)) }.joined(separator: ".")
        guard isFit, directory.utf8.count <= 255 else {
            throw MailError(
                .misuse,
                "'\(PeerText.shown(name))' cannot be the name of a folder of a Maildir; its levels are separated by '/', "
                    + "none is empty or holds a dot or a control character, and all together take at most 254 octets"
            )
        }
        return directory
    }
}
