import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

/// Dovecot and Python in the same Maildir.
@Suite struct MaildirInteroperationTests {
    private static let account = FetchAccount("pop3:info@mail.example.org")

    /// Runs Dovecot's administration program on a Maildir, as a user other than root, which it insists on.
    private func doveadm(_ place: TemporaryMaildir, _ arguments: [String]) async throws -> String {
        let directory = place.directory
        chmod(directory.path, 0o755)
        try directory.write(
            """
            base_dir = \(directory.path)/run
            log_path = /dev/stderr
            mail_location = maildir:\(place.path)
            mail_uid = 65534
            mail_gid = 65534
            first_valid_gid = 1

            """,
            to: "dovecot.conf"
        )
        try await run("chown", ["-R", "65534:65534", place.path]).check()
        return try await run(
            "doveadm",
            ["-c", directory.file("dovecot.conf").path] + arguments,
            environment: ["USER": "test", "HOME": directory.path]
        ).check("doveadm").output
    }

    @Test func `Dovecot reads what was fetched, and its flags, moves and messages are read`() async throws {
        let place = try await TemporaryMaildir()
        try await place.maildir.createFolder("Entwürfe/2026")
        let delivery = try await place.maildir.openDelivery(for: Self.account)
        for number in 0..<3 { try await delivery.put("Subject: fetched \(number)\r\n\r\nx\r\n", as: .numbered(number)) }
        try await delivery.commit()
        try await place.maildir.withSession { session in
            _ = try await session.append(.text("Subject: appended\r\n\r\nx\r\n"), flags: [.seen, .flagged])
        }
        let listed = try await doveadm(place, ["fetch", "hdr.subject flags size.physical", "mailbox", "INBOX"])
        for text in ["fetched 0", "fetched 1", "fetched 2", "appended", "\\Flagged \\Seen", "size.physical: 25"] {
            #expect(listed.contains(text), "\(text): \(listed)")
        }
        #expect(try await doveadm(place, ["mailbox", "list", "-7"]).contains("Entw&APw-rfe.2026"))

        _ = try await doveadm(place, ["flags", "add", "\\Answered $Label", "subject", "fetched 1"])
        _ = try await doveadm(place, ["expunge", "mailbox", "INBOX", "subject", "fetched 2"])
        try await place.maildir.withSession { session in
            let messages = try await session.messages()
            #expect(messages.count == 3)
            let flags = try await session.flags(of: messages.map(\.id))
            #expect(flags[messages[1].id]?.contains(.answered) == true)
            #expect(flags[messages[2].id] == [.seen, .flagged])
            // The keyword is a letter, and stays.
            try await session.changeFlags(of: [messages[1].id], adding: [.seen], removing: [.answered])
        }
        let changed = try await doveadm(place, ["fetch", "flags", "subject", "fetched 1"])
        #expect(
            changed.contains("\\Seen") && changed.contains("$Label") && !changed.contains("\\Answered"),
            "\(changed)"
        )
        let again = try await place.maildir.openDelivery(for: Self.account)
        #expect(try await again.heldKeys() == [.numbered(0), .numbered(1)])

        _ = try await run(
            "doveadm",
            ["-c", place.directory.file("dovecot.conf").path, "save", "-m", "INBOX"],
            environment: ["USER": "test", "HOME": place.directory.path],
            input: Array("Subject: saved\n\ny\n".utf8)
        ).check("doveadm save")
        try await place.maildir.withSession { session in
            let last = try #require(try await session.messages().last)
            let octets = try await session.content(of: last.id).collect(upTo: 1000)
            #expect(String(decoding: octets, as: UTF8.self).hasPrefix("Subject: saved"))
            #expect(last.size == UInt64(octets.count))
        }
    }

    @Test func `Python reads ours, and we read what Python writes`() async throws {
        let place = try await TemporaryMaildir()
        let id = try await place.maildir.withSession {
            try await $0.append(.text("Subject: ours\n\nbody\n"), flags: [.seen, .answered])
        }
        let script = """
            import mailbox, sys
            box = mailbox.Maildir(sys.argv[1], create=False)
            for key, message in box.iteritems():
                print(key, message["Subject"], message.get_flags(), message.get_subdir(), sep="|")
            message = mailbox.MaildirMessage("Subject: theirs\\n\\nFrom here\\n")
            message.set_flags("FT")
            message.set_subdir("cur")
            box.add(message)
            box.add(mailbox.MaildirMessage("Subject: new\\n\\n"))
            box.add_folder("Sub").add("Subject: sub\\n\\n")
            """
        let output = try await run("python3", ["-I", "-c", script, place.path]).check("python3").output
        #expect(output == "\(try #require(id))|ours|RS|cur\n")
        try await place.maildir.withSession { session in
            let messages = try await session.messages()
            var texts: [String] = []
            for message in messages {
                texts.append(
                    String(decoding: try await session.content(of: message.id).collect(upTo: 100), as: UTF8.self)
                )
            }
            #expect(texts == ["Subject: ours\n\nbody\n", "Subject: theirs\n\nFrom here\n", "Subject: new\n\n"])
            let flags = try await session.flags(of: messages.map(\.id))
            #expect(flags[messages[1].id] == [.flagged, MessageFlag("\\Deleted")])
            try await session.select("Sub")
            #expect(try await session.messages().count == 1)
        }
    }
}
