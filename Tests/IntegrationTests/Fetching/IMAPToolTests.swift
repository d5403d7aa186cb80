import Foundation
import TestSupport
import Testing

/// The tool with an IMAP account at a real Dovecot.
@Suite struct IMAPToolTests {
    @Test func `Mail is fetched once, and deleted by the settings`() async throws {
        let stage = try await FetchStage("keep-on-server: no", plugin: "imap")
        let sent = try stage.deliver(0..<30)
        let first = try await stage.posthorn("fetch", "--into", "mail")
        #expect(first.code == 0, "\(first.errorOutput)")
        #expect(first.output.hasPrefix("30 messages ("), "\(first.output)")
        #expect(first.output.contains("30 messages deleted from the server."))
        #expect(try stage.fetched().count == sent.count)
        #expect(try stage.mailbox.files().isEmpty)
        #expect(try await stage.posthorn("fetch", "--into", "mail").output == "No new mail.\n")
    }

    @Test func `Every folder goes into a folder of its own, and is listed`() async throws {
        let stage = try await FetchStage(plugin: "imap")
        try stage.deliver(0..<1)
        let maildir = stage.mailbox.directory
        for folder in [".Aufträge", ".Archive.2026"] {
            // Dovecot keeps names in modified UTF-7.
            let name = folder.replacingOccurrences(of: "ä", with: "&AOQ-")
            let place = Mailbox(directory: maildir.appending(path: name))
            try place.deliver(Array("Subject: in \(folder)\r\n\r\n".utf8))
        }
        let folders = try await stage.posthorn("folders", "--json").objects().compactMap { $0["name"] as? String }
        #expect(folders.first == "INBOX")
        #expect(Set(folders).isSuperset(of: ["Aufträge", "Archive/2026"]), "\(folders)")
        let fetched = try await stage.posthorn("fetch", "--all-folders", "--into", "mail")
        #expect(fetched.code == 0, "\(fetched.errorOutput)")
        #expect(fetched.output.contains("Aufträge: 1 message"), "\(fetched.output)")
        #expect(try stage.fetched("mail").count == 1)
        #expect(try stage.fetched("mail/.Auftr&AOQ-ge").count == 1)
        #expect(try stage.fetched("mail/.Archive.2026").count == 1)
        let again = try await stage.posthorn("fetch", "--all-folders", "--into", "mail", "--json").objects()
        #expect(again.allSatisfy { ($0["fetched"] as? [Any])?.isEmpty == true })
        let list = try await stage.posthorn("list", "--folder", "Aufträge")
        #expect(list.output.contains("in .Aufträge"), "\(list.output)\(list.errorOutput)")
        let one = try await stage.posthorn("fetch", "--folder", "Nowhere", "--into", "other")
        #expect(one.code == 78)
        #expect(one.errorOutput.contains("there is no folder 'Nowhere'"), "\(one.errorOutput)")
    }

    @Test func `New messages are told as they arrive`() async throws {
        let stage = try await FetchStage(plugin: "imap")
        try stage.deliver(0..<1)
        async let watching = stage.posthorn("watch", "--count", "2", "--json")
        // Some arrive before it waits, and some after; none may be told twice.
        var number = 1
        while number < 40 {
            try await Task.sleep(for: .milliseconds(250))
            try stage.deliver(number..<(number + 1))
            number += 1
            if number == 12 { break }
        }
        let result = try await watching
        #expect(result.code == 0, "\(result.errorOutput)")
        let subjects = try result.objects().compactMap { $0["subject"] as? String }
        #expect(subjects.count >= 2)
        #expect(Set(subjects).count == subjects.count)
    }

    @Test func `The check goes through the account`() async throws {
        let stage = try await FetchStage(plugin: "imap")
        let check = try await stage.posthorn("check")
        #expect(check.code == 0, "\(check.output)")
        #expect(check.output.contains("the inbox holds 0 messages, 0 of them unread"), "\(check.output)")
        try stage.directory.write("wrong", to: "pop.secret", permissions: 0o600)
        let refused = try await stage.posthorn("check")
        #expect(refused.code == 77)
        #expect(refused.output.contains("-> Check `username` and `password`."), "\(refused.output)")
    }
}
