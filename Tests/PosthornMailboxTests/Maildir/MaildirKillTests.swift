import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

/// Deliveries by a process of their own, which is killed.
@Suite struct MaildirKillTests {
    private static let account = FetchAccount("pop3:info@mail.example.org")
    private static let variable = "POSTHORN_TEST_DELIVER_INTO"

    private static func text(_ number: Int) -> String {
        "Subject: \(number)\r\n\r\n" + String(repeating: "line of \(number)\r\n", count: 300) + "end of \(number)\r\n"
    }

    /// Delivers what is not there yet, in batches of seven.
    private static func deliver(into path: String, upTo end: Int) async throws {
        let delivery = try await Maildir(path).openDelivery(for: account)
        let held = try await delivery.heldKeys()
        for number in 0..<end where !held.contains(.numbered(number)) {
            try await delivery.put(text(number), as: .numbered(number))
            if number % 7 == 6 { try await delivery.commit() }
        }
        try await delivery.commit()
    }

    @Test func `A delivery into a Maildir goes on where the one before ended`() async throws {
        // The other test starts this one in a process of its own, to be killed.
        if let path = ProcessInfo.processInfo.environment[Self.variable] {
            return try await Self.deliver(into: path, upTo: 1_000_000)
        }
        let place = try await TemporaryMaildir()
        for end in [10, 15, 15] {
            try await Self.deliver(into: place.path, upTo: end)
            #expect(try place.names("new").count == end)
        }
    }

    @Test func `A process that is killed again and again leaves no message partial, lost or doubled`() async throws {
        let place = try await TemporaryMaildir()
        var random = SeededGenerator(seed: 23)
        for _ in 0..<6 {
            let before = try place.names("new").count
            let program = try #require(CommandLine.arguments.first)
            let process = try await ManagedProcess.start(
                program,
                ["--testing-library", "swift-testing", "--filter", "MaildirKillTests.*goes.on.where"],
                environment: [Self.variable: place.path]
            )
            try await process.waitUntil("delivers", within: .seconds(60)) { try place.names("new").count > before + 20 }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...20_000, using: &random)))
            await process.stop(atOnce: true)

            var keys: Set<String> = []
            for (name, text) in try place.files() {
                let key = try #require(MaildirNaming.key(in: name.utf8.map { CChar(bitPattern: $0) } + [0]))
                #expect(keys.insert(key.description).inserted, "a message came twice")
                #expect(text == Self.text(try #require(Int(key.description, radix: 16))))
            }
            #expect(keys.count > before)
        }
        // They were delivered in turn: nothing is missing between the first and the last that came.
        let count = try place.names("new").count
        try await Self.deliver(into: place.path, upTo: count)
        #expect(try place.names("new").count == count)
        #expect(try place.names("tmp").isEmpty)
    }
}
