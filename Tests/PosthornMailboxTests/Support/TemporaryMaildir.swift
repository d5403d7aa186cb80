import Foundation
import Posthorn
import TestSupport

@testable import PosthornMailbox

/// A Maildir of a test's own.
final class TemporaryMaildir: Sendable {
    let directory: TemporaryDirectory
    let maildir: Maildir

    init(calls: FileCalls = .system) async throws {
        directory = try TemporaryDirectory()
        var maildir = Maildir("\(directory.path)/Maildir")
        try await maildir.create()
        maildir.calls = calls
        self.maildir = maildir
    }

    var path: String { maildir.path }

    /// The names in one of the directories, in alphabetical order.
    func names(_ part: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(part)").sorted()
    }

    /// Puts a file in place as another program does, whatever its name.
    func put(_ text: String, as name: String, in part: String = "new") throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(part)/\(name)"))
    }

    /// The octets of all messages in `new` and `cur`, by their names.
    func files() throws -> [String: String] {
        var found: [String: String] = [:]
        for part in ["new", "cur"] {
            for name in try names(part) {
                found[name] = String(
                    decoding: try Data(contentsOf: URL(filePath: "\(path)/\(part)/\(name)")),
                    as: UTF8.self
                )
            }
        }
        return found
    }

    /// The names of the messages that a new session lists.
    func listing(_ folder: String = "INBOX") async throws -> [String] {
        try await maildir.withSession { session in
            try await session.select(folder)
            return try await session.messages().map(\.id.description)
        }
    }
}

extension FetchKey {
    /// A key that ends with the number.
    static func numbered(_ number: Int) -> FetchKey {
        let digits = String(number, radix: 16)
        guard let key = FetchKey(String(repeating: "0", count: max(0, 32 - digits.count)) + digits) else {
            return FetchKey.numbered(0)
        }
        return key
    }
}

extension FetchDelivery {
    /// Stages a message in one go.
    func put(_ text: String, as key: FetchKey) async throws {
        try await begin()
        try await write(Array(text.utf8))
        try await stage(as: key)
    }
}
