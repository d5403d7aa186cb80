import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MboxWritingTests {
    private static let line = "From a@b.example Mon Mar  2 10:00:00 2026\n"

    @Test func `A message is appended behind an empty line, whatever the file ends with`() async throws {
        for end in ["", "x", "x\n", "x\n\n", "x\r\n\r\n"] {
            let text = end.isEmpty ? "" : Self.line + "Subject: 1\n\n" + end
            let place = try await TemporaryMbox(text)
            try await place.append("Subject: 2\r\n\r\nFrom here\r\nno end")
            #expect(try place.text().hasPrefix(text))
            #expect(try place.text().hasSuffix("\nSubject: 2\n\n>From here\nno end\n\n"))
            let messages = try await place.messages()
            #expect(messages.last == "Subject: 2\r\n\r\nFrom here\r\nno end\r\n")
            #expect(messages.count == (end.isEmpty ? 1 : 2), "\(end.debugDescription)")
        }
    }

    @Test func `A message that was appended stays one when another is deleted in the same session`() async throws {
        for end in ["x", "x\n", "x\n\n"] {
            let place = try await TemporaryMbox(
                Self.line + "Subject: 1\n\na\n\n" + Self.line + "Subject: 2\n\n" + end
            )
            try await place.mbox.withSession { session in
                let ids = try await session.messages().map(\.id)
                try await session.append(.text("Subject: 3\r\n\r\nlast\r\n"), flags: [])
                try await session.delete([ids[0]])
            }
            let messages = try await place.messages()
            #expect(messages.count == 2, "\(end.debugDescription): \(messages)")
            #expect(messages.last == "Subject: 3\r\n\r\nlast\r\n")
        }
    }

    @Test func `A header may be quoted where the body is not`() async throws {
        let body = "From here on\nnothing is quoted\n"
        let header = ">From uucp a line of old\nContent-Length: \(body.utf8.count)\n\n"
        let place = try await TemporaryMbox(Self.line + header + body + "\n" + Self.line + "Subject: 2\n\n\n")
        let messages = try await place.messages()
        #expect(messages.count == 2)
        #expect(messages.first?.hasPrefix("From uucp a line of old\r\n") == true)
        #expect(messages.first?.hasSuffix("From here on\r\nnothing is quoted\r\n") == true)
    }

    @Test func `What stays after a deletion is what it was, with owner and rights, also behind a link`() async throws {
        let texts = (1...4).map { Self.line + "Subject: \($0)\n\n>From \($0)\n\n" }
        let place = try await TemporaryMbox(texts.joined())
        #expect(chmod("\(place.directory.path)/box", 0o640) == 0)
        try FileManager.default.createSymbolicLink(atPath: "\(place.directory.path)/link", withDestinationPath: "box")
        try await Mbox("\(place.directory.path)/link").withSession { session in
            let ids = try await session.messages().map(\.id)
            try await session.delete([ids[1], ids[3]])
        }
        #expect(try place.text() == texts[0] + texts[2])
        #expect(try place.names() == ["box", "link"])
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(place.directory.path)/box")
        #expect(attributes[.posixPermissions] as? Int == 0o640)
    }

    @Test func `What another program adds meanwhile is kept by a deletion`() async throws {
        let place = try await TemporaryMbox(Self.line + "Subject: 1\n\n\n")
        try await place.mbox.withSession { session in
            let id = try #require(try await session.messages().first).id
            try await session.delete([id])
            let handle = try FileHandle(forWritingTo: place.directory.file("box"))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data((Self.line + "Subject: 2\n\n\n").utf8))
            try handle.close()
        }
        #expect(try place.text() == Self.line + "Subject: 2\n\n\n")
    }

    @Test func `A message is found again when the file was changed, and one that changes while it is read is an error`()
        async throws
    {
        let body = String(repeating: "0123456789\n", count: 100_000)
        let place = try await TemporaryMbox(Self.line + "Subject: 1\n\n\n" + Self.line + "Subject: 2\n\n" + body)
        try await place.mbox.withSession { session in
            let ids = try await session.messages().map(\.id)
            let content = try await session.content(of: ids[1])
            try place.directory.write(Self.line + "Subject: 2\n\n" + body, to: "new")
            #expect(rename("\(place.directory.path)/new", "\(place.directory.path)/box") == 0)
            #expect(try await content.collect(upTo: 1 << 24).count > body.utf8.count)
            let gone = await #expect(throws: MailError.self) { try await session.content(of: ids[0]) }
            #expect(gone?.code == .notFound)

            var reader = try await content.makeReader()
            var octets: [UInt8] = []
            #expect(try await reader.read(into: &octets))
            let handle = try FileHandle(forWritingTo: place.directory.file("box"))
            try handle.seek(toOffset: 600_000)
            try handle.write(contentsOf: Data("other".utf8))
            try handle.close()
            let changed = await #expect(throws: MailError.self) { while try await reader.read(into: &octets) {} }
            #expect(changed?.code == .contentUnavailable)
        }
    }

    @Test func `A lock of another program is waited for, and in the end an error that says so`() async throws {
        let place = try await TemporaryMbox()
        var mbox = place.mbox
        mbox.lockLimit = .milliseconds(150)
        try place.directory.write("1\n", to: "box.lock")
        for text in ["\(getpid())\n", "no number\n", ""] {
            try place.directory.write(text, to: "box.lock")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -400)],
                ofItemAtPath: "\(place.directory.path)/box.lock"
            )
            let error = await #expect(throws: MailError.self) {
                try await mbox.withSession { _ = try await $0.append(.text("Subject: x\r\n\r\n"), flags: []) }
            }
            #expect(error?.code == .unavailable)
            #expect(error?.isRetryable == true)
        }
        // A process that does not exist, long ago.
        try place.directory.write("999999999\n", to: "box.lock")
        let young = await #expect(throws: MailError.self) {
            try await mbox.withSession { _ = try await $0.append(.text("Subject: x\r\n\r\n"), flags: []) }
        }
        #expect(young?.code == .unavailable)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -400)],
            ofItemAtPath: "\(place.directory.path)/box.lock"
        )
        try await place.append("Subject: x\r\n\r\n")
        #expect(try place.names() == ["box"])
    }

    @Test func `Many that append at once lose nothing`() async throws {
        let place = try await TemporaryMbox()
        var patient = place.mbox
        patient.lockLimit = .seconds(600)
        let mbox = patient
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let text = "Subject: \(number)\r\n\r\n" + String(repeating: "x\r\n", count: 1000)
                    try await mbox.withSession { _ = try await $0.append(.text(text), flags: []) }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try await place.messages()).count == 20)
    }

    @Test func `Whatever call fails, the file is as it was`() async throws {
        let text = Self.line + "Subject: 1\n\nx\n\n" + Self.line + "Subject: 2\n\n\n"
        var turn = 1
        while true {
            let dying = DyingCalls(turn: turn, .failure(ENOSPC))
            let place = try await TemporaryMbox(text, calls: dying.calls)
            let error = await failure {
                try await place.mbox.withSession { session in
                    try await session.delete([try #require(try await session.messages().first).id])
                }
            }
            if dying.total < turn { break }
            #expect(error?.code == .storage)
            // All but the last call of a replacement, when the new file is in place.
            let isReplaced = try place.text() == Self.line + "Subject: 2\n\n\n"
            #expect(try place.text() == text || isReplaced)
            #expect(try place.names() == ["box"])
            turn += 1
        }
        #expect(turn > 4)

        turn = 1
        while true {
            let dying = DyingCalls(turn: turn, .failure(ENOSPC))
            let place = try await TemporaryMbox(text, calls: dying.calls)
            let error = await failure {
                try await place.mbox.withSession {
                    _ = try await $0.append(
                        .text("Subject: 3\r\n\r\n" + String(repeating: "x", count: 300_000)),
                        flags: []
                    )
                }
            }
            if dying.total < turn { break }
            #expect(error?.code == .storage)
            #expect(try place.text() == text, "call \(turn)")
            turn += 1
        }
        #expect(turn > 3)
    }

    private func failure(_ work: () async throws -> Void) async -> MailError? {
        do {
            try await work()
            return nil
        } catch {
            return error as? MailError
        }
    }

    @Test func `A full disk is an error of storage, and the file is as it was`() async throws {
        let disk = try await SmallDisk.mount(kibibytes: 256)
        defer { disk.unmount() }
        let mbox = Mbox("\(disk.path)/box")
        try await mbox.create()
        try await mbox.withSession {
            _ = try await $0.append(.text("Subject: 1\r\n\r\n" + String(repeating: "x", count: 130_000)), flags: [])
        }
        let before = try Data(contentsOf: URL(filePath: mbox.path))
        let appending = await failure {
            try await mbox.withSession {
                _ = try await $0.append(.bytes([UInt8](repeating: 0x78, count: 200_000)), flags: [])
            }
        }
        #expect(appending?.code == .storage)
        try await mbox.withSession { _ = try await $0.append(.text("Subject: 2\r\n\r\n"), flags: []) }
        let deletion = await failure {
            try await mbox.withSession { session in
                try await session.delete([try #require(try await session.messages().last).id])
            }
        }
        #expect(deletion?.code == .storage)
        #expect(try Data(contentsOf: URL(filePath: mbox.path)).starts(with: before))
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["box"])
    }
}
