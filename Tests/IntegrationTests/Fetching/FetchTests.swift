import Foundation
import TestSupport
import Testing

/// `posthorn fetch` and `posthorn list` with a real Dovecot.
@Suite struct FetchTests {
    @Test func `A mailbox is emptied octet by octet, and a second round fetches nothing`() async throws {
        let stage = try await FetchStage("keep-on-server: no")
        var sent = try stage.deliver(0..<120)
        sent.append(Array("Subject: long line\r\n\r\n\(String(repeating: "x", count: 300_000))\r\n".utf8))
        try stage.mailbox.deliver(sent[120])
        let first = try await stage.posthorn("fetch", "--into", "mail", "--json")
        #expect(first.code == 0, "\(first.errorOutput)")
        let report = try first.object()
        #expect((report["fetched"] as? [Any])?.count == 121)
        #expect(report["deleted"] as? Int == 121)
        // What the server gives is what Dovecot holds, and what is fetched is that: a lone LF goes out as CR LF.
        let wanted = sent.map {
            Array(String(decoding: $0, as: UTF8.self).replacing("lone\nfeed", with: "lone\r\nfeed").utf8)
        }
        #expect(occurrences(try stage.fetched()) == occurrences(wanted))
        #expect(try stage.mailbox.files().isEmpty)
        let second = try await stage.posthorn("fetch", "--into", "mail")
        #expect(second.code == 0)
        #expect(second.output == "No new mail.\n")
        #expect(try stage.fetched().count == 121)
    }

    @Test func `Messages that are kept come once, and new ones come with the next round`() async throws {
        let stage = try await FetchStage("keep-on-server: 14 days")
        try stage.deliver(0..<5)
        let first = try await stage.posthorn("fetch", "--into", "mail")
        #expect(first.output.hasPrefix("5 messages ("), "\(first.output)\(first.errorOutput)")
        #expect(!first.output.contains("deleted"))
        try stage.deliver(5..<7)
        let second = try await stage.posthorn("fetch", "--into", "mail")
        #expect(second.output.hasPrefix("2 messages ("), "\(second.output)\(second.errorOutput)")
        #expect(try stage.fetched().count == 7)
        #expect(try stage.mailbox.files().count == 7)
        // Now they may go, without being fetched again.
        try stage.configure(["keep-on-server: no"])
        let third = try await stage.posthorn("fetch", "--into", "mail", "--json").object()
        #expect(third["deleted"] as? Int == 7)
        #expect((third["fetched"] as? [Any])?.isEmpty == true)
        #expect(try stage.mailbox.files().isEmpty)
        #expect(try stage.fetched().count == 7)
    }

    @Test func `The records can be kept elsewhere`() async throws {
        let stage = try await FetchStage()
        try stage.deliver(0..<1)
        let state = stage.directory.file("records").path
        #expect(try await stage.posthorn("fetch", "--into", "mail", "--state", state).code == 0)
        #expect(FileManager.default.fileExists(atPath: state))
        #expect(!FileManager.default.fileExists(atPath: stage.directory.file("test.state").path))
        #expect(try await stage.posthorn("fetch", "--into", "mail", "--state", state).output == "No new mail.\n")
        // Without them the place itself knows what it holds.
        #expect(try await stage.posthorn("fetch", "--into", "mail").output == "No new mail.\n")
        #expect(try stage.fetched().count == 1)
        #expect(FileManager.default.fileExists(atPath: stage.directory.file("test.state").path))
    }

    @Test func `Limits leave the rest for the next round, and large messages on the server`() async throws {
        let stage = try await FetchStage(
            "keep-on-server: no",
            "messages-per-round: 2",
            "maximum-message-size: 20 kB"
        )
        try stage.deliver(0..<3)
        try stage.mailbox.deliver(Array("Subject: large\r\n\r\n\(String(repeating: "x\r\n", count: 10_000))".utf8))
        let first = try await stage.posthorn("fetch", "--into", "mail")
        #expect(first.code == 0)
        #expect(first.output.contains("2 messages deleted from the server."), "\(first.output)\(first.errorOutput)")
        #expect(first.output.contains("1 message more on the server"))
        let second = try await stage.posthorn("fetch", "--into", "mail")
        #expect(second.output.contains("larger than 'maximum-message-size'"), "\(second.output)\(second.errorOutput)")
        #expect(try stage.fetched().count == 3)
        #expect(try stage.mailbox.files().count == 1)
    }

    @Test func `The list shows senders and subjects, and changes nothing`() async throws {
        let stage = try await FetchStage()
        try stage.mailbox.deliver(
            Array("From: =?utf-8?q?M=C3=BCller?= <m@example.org>\r\nSubject: Gr\u{FC}\u{DF}e\r\n\r\nx\r\n".utf8)
        )
        try stage.deliver(1..<3)
        let list = try await stage.posthorn("list")
        #expect(list.code == 0, "\(list.errorOutput)")
        #expect(list.output.contains("Müller"))
        #expect(list.output.contains("Grüße"))
        #expect(list.output.contains("\n3 messages, "), "\(list.output)")
        let objects = try await stage.posthorn("list", "--limit", "1", "--json").objects()
        #expect(objects.count == 1)
        #expect(objects.first?["subject"] as? String == "2")
        #expect(try stage.mailbox.files().count == 3)
        let nothing = try await stage.posthorn("list", "--folder", "Archive")
        #expect(nothing.code == 65)
        #expect(nothing.errorOutput.contains("no other folders"))
    }

    @Test func `The check goes through the account`() async throws {
        let stage = try await FetchStage()
        let check = try await stage.posthorn("check")
        #expect(check.code == 0, "\(check.output)")
        #expect(check.output.contains("the mailbox holds 0 messages"))
        try stage.directory.write("wrong", to: "pop.secret", permissions: 0o600)
        let refused = try await stage.posthorn("check")
        #expect(refused.code == 77)
        #expect(refused.output.contains("-> Check `username` and `password`."), "\(refused.output)")
        let fetch = try await stage.posthorn("fetch", "--into", "mail")
        #expect(fetch.code == 77)
        #expect(fetch.errorOutput.contains("refused the sign-in of '\(stage.user.name)'"))
    }

    @Test func `Two rounds at once do not fetch twice`() async throws {
        let stage = try await FetchStage("keep-on-server: yes")
        try stage.deliver(0..<300)
        let results = try await withThrowingTaskGroup(of: CommandResult.self) { group in
            for _ in 0..<3 { group.addTask { try await stage.posthorn("fetch", "--into", "mail") } }
            var results: [CommandResult] = []
            for try await result in group { results.append(result) }
            return results
        }
        #expect(results.contains { $0.code == 0 })
        for result in results where result.code != 0 {
            #expect(result.code == 75, "\(result.errorOutput)")
            #expect(result.errorOutput.contains("under way"), "\(result.errorOutput)")
        }
        #expect(try stage.fetched().count == 300)
    }
}
