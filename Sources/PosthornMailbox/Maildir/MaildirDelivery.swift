import Posthorn
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Puts fetched messages into a Maildir.
///
/// A staged message is a file in `tmp`. A commit brings all files to the disk, moves them to `new`, and brings `new` to
/// the disk: whatever fails or crashes, a file in `new` is complete.
final class MaildirDelivery: FetchDelivery {
    /// A file in `tmp` that is complete.
    struct Staged: Sendable {
        var temporary: FileName
        var name: FileName
        /// `nil` if it was brought to the disk and closed.
        var descriptor: CInt?
    }

    private let folder: MaildirFolder
    private let tag: [UInt8]
    private let markPath: String
    private var current: MaildirStaging?
    private var staged: [Staged] = []
    /// Keys that this delivery has put into the place, or will with the next commit.
    private var keys: Set<FetchKey> = []
    private var buffer: [UInt8] = []

    /// How many staged files are kept open, so that the system may bring them to the disk together.
    private static let mostOpen = 64
    private var openCount = 0
    /// Why messages that had been staged were thrown away before their commit. Whoever commits must hear of it: they are not in
    /// the place.
    private var lost: (any Error)?

    init(_ folder: MaildirFolder, account: FetchAccount) throws {
        self.folder = folder
        tag = try MaildirNaming.tag(of: account)
        markPath = "\(folder.root.path)/posthorn-\(String(decoding: tag, as: UTF8.self)).mark"
        let tag = tag
        try folder.clean { MaildirNaming.isTemporary($0, ofTag: tag) }
    }

    deinit {
        current?.discard()
        Self.drop(staged[...], folder)
    }

    func begin() async throws {
        guard current == nil else {
            throw MailError(.misuse, "a message was begun before the one before it was staged or discarded")
        }
        do {
            current = try MaildirStaging(in: folder, tag: tag, buffer: buffer)
        } catch  where openCount > 0 {
            // Perhaps for want of descriptors: those of the staged files can be spared.
            try await settle()
            current = try MaildirStaging(in: folder, tag: tag, buffer: buffer)
        }
        buffer = []
    }

    func write(_ octets: [UInt8]) async throws {
        do {
            guard try current?.write(octets) != nil else { throw Self.notBegun() }
        } catch {
            await discard()
            throw error
        }
    }

    func stage(as key: FetchKey) async throws {
        // Taken out, so that its buffer has one owner and is not copied.
        guard var staging = current.take() else { throw Self.notBegun() }
        // What was delivered a moment ago is not delivered again.
        guard keys.insert(key).inserted else { return staging.discard() }
        do {
            buffer = try staging.finish()
        } catch {
            keys.remove(key)
            staging.discard()
            throw error
        }
        staged.append(
            Staged(
                temporary: staging.name,
                name: MaildirNaming.name(tag: tag, key: key, size: staging.size),
                descriptor: staging.descriptor
            )
        )
        openCount += 1
        if openCount >= Self.mostOpen { try await settle() }
    }

    func discard() async {
        current?.discard()
        current = nil
    }

    func commit() async throws {
        let folder = folder
        do {
            try await settle()
            if let lost { throw lost }
            guard !staged.isEmpty else { return }
            let batch = staged
            staged = []
            try await BlockingWork.run { try Self.publish(batch, folder) }
        } catch {
            // Which of them are in the place is for `heldKeys()` to say.
            Self.drop(staged[...], folder)
            (staged, keys, lost) = ([], [], nil)
            throw error
        }
    }

    /// Brings the files that are still open to the disk, and closes them. If that fails, all that is staged is thrown away,
    /// and the next commit fails.
    private func settle() async throws {
        guard openCount > 0 else { return }
        let (files, folder) = (staged, folder)
        for index in staged.indices { staged[index].descriptor = nil }
        openCount = 0
        do {
            try await BlockingWork.run { try Self.synchronize(files, folder) }
        } catch {
            Self.drop(staged[...], folder)
            (staged, keys, lost) = ([], [], error)
            throw error
        }
    }

    /// Closes every file, whatever happens.
    private static func synchronize(_ files: [Staged], _ folder: MaildirFolder) throws {
        var failure: MailError?
        for file in files {
            guard let descriptor = file.descriptor else { continue }
            if failure == nil, folder.calls.synchronize(descriptor) != 0 {
                failure = folder.tmp.failure(file.temporary, "brought to the disk")
            }
            if close(descriptor) != 0, failure == nil, errno != EINTR {
                failure = folder.tmp.failure(file.temporary, "written")
            }
        }
        if let failure { throw failure }
    }

    private static func publish(_ batch: [Staged], _ folder: MaildirFolder) throws {
        for (index, file) in batch.enumerated() {
            do {
                if try folder.publish(file.temporary, as: file.name, isNew: true) { continue }
                // The name holds the key: it was delivered already.
                drop(batch[index...index], folder)
            } catch {
                drop(batch[index...], folder)
                throw error
            }
        }
        try folder.new.synchronize(folder.calls)
    }

    private static func drop(_ files: ArraySlice<Staged>, _ folder: MaildirFolder) {
        for file in files {
            if let descriptor = file.descriptor { close(descriptor) }
            _ = folder.calls.remove(folder.tmp.descriptor, file.temporary)
        }
    }

    private static func notBegun() -> MailError {
        MailError(.misuse, "no message was begun: call begin() before write() and stage()")
    }

    func heldKeys() async throws -> Set<FetchKey> {
        let root = folder.root
        let calls = folder.calls
        return try await BlockingWork.run {
            var keys: Set<FetchKey> = []
            for folder in [root] + (try MaildirFolders.directories(of: root)) {
                // In this order: a message that is moved between the two is seen at least once.
                for name in ["new", "cur"] {
                    guard let directory = try folder.directory(name) else { continue }
                    // What an interrupted delivery has moved here may not be on the disk yet, and counts as fetched now.
                    try directory.synchronize(calls)
                    try directory.forEachNameSteadily { name, _ in
                        if let key = MaildirNaming.key(in: name) { keys.insert(key) }
                    }
                }
            }
            return keys
        }
    }

    func mark() async throws -> FetchMark {
        if let mark = try MaildirMark.read(markPath) { return mark }
        var random = SystemRandomNumberGenerator()
        let words = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max, using: &random), radix: 16) }
        let mark = FetchMark(identity: words.joined(separator: "-"), generation: 0)
        try await setMark(mark)
        return mark
    }

    func setMark(_ mark: FetchMark) async throws {
        let path = markPath
        try await BlockingWork.run { try AtomicFile.write(MaildirMark.text(of: mark), to: path) }
    }
}
