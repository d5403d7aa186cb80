import Foundation
import Posthorn

/// Gives each message a folder of its own.
struct FolderNames {
    private var taken: Set<String> = []

    /// The name of the folder for a message: that of its file, with a number where two are called alike.
    mutating func name(for file: String) -> String {
        let last = file == "-" ? "stdin" : (file as NSString).lastPathComponent
        let base = ["", ".", "..", "/"].contains(last) ? "message" : last
        var name = base
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }
}

/// The folder for the parts of one message. Files get the parts' numbers as names, never a name from the message.
struct PartFolder {
    private let path: String

    /// Makes the folder.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    init(_ name: String, in directory: String) throws {
        path = (directory as NSString).appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Self.failure(path, error.localizedDescription, cause: error)
        }
    }

    /// A new, empty file for a part; one that is there is overwritten.
    func create(_ part: String) throws -> PartFile {
        let file = (path as NSString).appendingPathComponent(part.isEmpty ? "0" : part)
        guard FileManager.default.createFile(atPath: file, contents: nil),
            let handle = FileHandle(forWritingAtPath: file)
        else { throw Self.failure(file, String(cString: strerror(errno)), cause: nil) }
        return PartFile(path: file, handle: handle)
    }

    fileprivate static func failure(_ path: String, _ reason: String, cause: (any Error)?) -> MailError {
        MailError(
            .storage,
            "'\(PeerText.shown(path))' cannot be written: \(PeerText.shown(reason)); name another folder with --extract",
            cause: cause
        )
    }
}

/// A file that a part is written to.
struct PartFile {
    fileprivate let path: String
    fileprivate let handle: FileHandle

    func write(_ octets: RawSpan) throws {
        do {
            try handle.write(contentsOf: octets.withUnsafeBytes { Data($0) })
        } catch {
            throw PartFolder.failure(path, error.localizedDescription, cause: error)
        }
    }

    func close() throws {
        do {
            try handle.close()
        } catch {
            throw PartFolder.failure(path, error.localizedDescription, cause: error)
        }
    }
}
