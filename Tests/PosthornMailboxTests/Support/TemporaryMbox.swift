import Foundation
import Posthorn
import TestSupport

@testable import PosthornMailbox

/// An mbox of a test's own.
final class TemporaryMbox: Sendable {
    let directory: TemporaryDirectory
    let mbox: Mbox

    init(_ text: String? = nil, calls: FileCalls = .system) async throws {
        directory = try TemporaryDirectory()
        var mbox = Mbox("\(directory.path)/box")
        if let text { try directory.write(text, to: "box", permissions: 0o600) } else { try await mbox.create() }
        mbox.calls = calls
        self.mbox = mbox
    }

    /// What the file holds.
    func text() throws -> String { String(decoding: try Data(contentsOf: directory.file("box")), as: UTF8.self) }

    /// All that is in the directory.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }

    /// All messages, as they are read by a new session.
    func messages() async throws -> [String] {
        try await mbox.withSession { session in
            var found: [String] = []
            for message in try await session.messages() {
                let octets = try await session.content(of: message.id).collect(upTo: 1 << 24)
                guard message.size == UInt64(octets.count) else {
                    throw SupportError("\(message.size ?? 0) octets were told, and \(octets.count) read")
                }
                found.append(String(decoding: octets, as: UTF8.self))
            }
            return found
        }
    }

    @discardableResult
    func append(_ text: String) async throws -> StoredMessage.ID? {
        try await mbox.withSession { try await $0.append(.text(text), flags: []) }
    }
}
