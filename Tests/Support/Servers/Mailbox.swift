package import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A user of the test servers.
package struct MailUser: Sendable, Hashable {
    /// The name to sign in with.
    package var name: String
    /// The password.
    package var password: String

    /// The address whose mail goes through LMTP into Dovecot.
    package var address: String { "\(name)@posthorn.test" }
    /// The same mailbox, with delivery that takes SMTPUTF8 messages (Dovecot's LMTP does not).
    package var utf8Address: String { "\(name)@utf8.posthorn.test" }
    /// The name as Dovecot sees it: in lower case, as far as it is ASCII.
    var folder: String {
        String(decoding: name.utf8.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
    /// The same mailbox in a domain outside ASCII; `xn--bcher-kva.posthorn.test` is its A-label form.
    package var internationalAddress: String { "\(name)@bücher.posthorn.test" }
}

/// A user's INBOX on disk, a Maildir.
package struct Mailbox: Sendable {
    /// The Maildir.
    package var directory: URL
    var diagnosis: @Sendable () -> String

    /// Any Maildir of the servers.
    ///
    /// - Parameter diagnosis: what is added to the text of a failure.
    package init(directory: URL, diagnosis: @escaping @Sendable () -> String = { "" }) {
        self.directory = directory
        self.diagnosis = diagnosis
    }

    /// The delivered messages in the order of their delivery, as the bytes of their files; lines end in CRLF.
    package func messages() throws -> [[UInt8]] {
        try files().map { Array(try Data(contentsOf: $0)) }
    }

    /// The files of the delivered messages in the order of their delivery.
    package func files() throws -> [URL] {
        var files: [URL] = []
        for folder in ["new", "cur"] {
            let path = directory.appending(path: folder)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path.path)) ?? []
            files += names.map { path.appending(path: $0) }
        }
        return files.sorted { Self.order($0) < Self.order($1) }
    }

    /// Puts a message into the mailbox, as a delivery by Maildir rules does.
    ///
    /// - Parameter octets: The message; lines end in CRLF.
    /// - Returns: the file.
    @discardableResult
    package func deliver(_ octets: [UInt8]) throws -> URL {
        try deliver { file in try Data(octets).write(to: file) }
    }

    /// Puts a message into the mailbox that `write` writes into a file.
    @discardableResult
    package func deliver(_ write: (URL) throws -> Void) throws -> URL {
        for folder in [directory.deletingLastPathComponent(), directory]
            + ["tmp", "new", "cur"].map({ directory.appending(path: $0) })
        {
            guard !FileManager.default.fileExists(atPath: folder.path) else { continue }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            chown(folder.path, MailServers.owner.uid, MailServers.owner.gid)
        }
        // The order of delivery is told by the number.
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let time = Int(Date().timeIntervalSince1970)
        let name = "\(time).M\(number)P\(getpid()).posthorn"
        let file = directory.appending(path: "tmp/\(name)")
        try write(file)
        chown(file.path, MailServers.owner.uid, MailServers.owner.gid)
        let place = directory.appending(path: "new/\(name)")
        guard rename(file.path, place.path) == 0 else { throw SupportError.system("rename \(file.path)", errno) }
        return place
    }

    private static let counter = Atomic<Int>(0)

    /// Waits until at least that many messages have been delivered, and returns all of them.
    package func messages(_ count: Int, within limit: Duration = .seconds(30)) async throws -> [[UInt8]] {
        _ = try await files(count, within: limit)
        return try messages()
    }

    /// Waits until at least that many messages have been delivered, and returns the files of all of them.
    package func files(_ count: Int, within limit: Duration = .seconds(30)) async throws -> [URL] {
        do {
            return try await eventually("\(count) messages in \(directory.path)", within: limit) {
                let files = try files()
                return files.count >= count ? files : nil
            }
        } catch let error as SupportError {
            throw SupportError("\(error); there are \(try files().count)\n\(diagnosis())")
        }
    }

    /// Maildir names begin with the second, and a part `M<microsecond>` or, from Postfix, `V…I…M<microsecond>`.
    private static func order(_ file: URL) -> String {
        let pieces = file.lastPathComponent.split(separator: ".", maxSplits: 2)
        guard pieces.count > 1, let mark = pieces[1].lastIndex(of: "M") else { return file.lastPathComponent }
        let digits = pieces[1][pieces[1].index(after: mark)...].prefix { $0.isNumber }
        return "\(pieces[0]).\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
    }
}
