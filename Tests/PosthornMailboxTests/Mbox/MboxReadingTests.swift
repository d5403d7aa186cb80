import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MboxReadingTests {
    private static let line = "From a@b.example Mon Mar  2 10:00:00 2026\n"

    private func read(_ text: String) async throws -> [String] {
        try await TemporaryMbox(text).messages()
    }

    @Test(arguments: [
        "From a@b Mon Mar  2 10:00:00 2026", "From - Sat Jan 01 00:00:00 2000", "From ???@??? Sat Jan 01 00:00:00 2000",
        "From \"a b\"@c.example Mon Mar  2 10:00:00 +0100 2026", "From MAILER-DAEMON Fri Jul  8 12:08:34 2011\r",
        "From a@b Mon Mar 2 10:00 CET 2026 remote from c", "From a@b 2026-03-02T10:00:00Z",
        "From  Mon Mar  2 10:00:00 2026",
    ])
    func `A line with sender and date begins a message`(line: String) async throws {
        #expect(Array(line.utf8).withUnsafeBytes { MboxLine.isSeparator($0) })
        #expect(try await read("\(Self.line)Subject: 1\n\nx\n\n\(line)\nSubject: 2\n\ny\n").count == 2)
    }

    @Test(arguments: [
        "From here on we go", "From 10:00 to 11:00 in the hall", "From May on", ">From a@b Mon Mar  2 10:00:00 2026",
        "From", "from a@b Mon Mar  2 10:00:00 2026",
        "From \(String(repeating: "x", count: 2000)) Mon Mar  2 10:00:00 2026",
    ])
    func `Other lines are text`(line: String) async throws {
        #expect(!Array(line.utf8).withUnsafeBytes { MboxLine.isSeparator($0) })
        #expect(try await read("\(Self.line)Subject: 1\n\nx\n\n\(line)\ny\n").count == 1)
    }

    @Test func `A date is in UTC as RFC 4155 wants it`() {
        #expect(MboxLine.separator(at: 1_310_126_914) == Array("From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n".utf8))
        #expect(MboxLine.separator(at: 0) == Array("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n".utf8))
        #expect(MboxLine.separator(at: 951_782_400) == Array("From MAILER-DAEMON Tue Feb 29 00:00:00 2000\n".utf8))
        #expect(MboxLine.separator(at: 4_107_542_399) == Array("From MAILER-DAEMON Sun Feb 28 23:59:59 2100\n".utf8))
    }

    @Test func `Line ends are CRLF, one empty line ends a message, and quotes are taken away`() async throws {
        let text =
            Self.line + "Subject: 1\n\n>From x\n>>From y\n> From z\n>Fro\n\n\n\n" + Self.line
            + "Subject: 2\r\n\r\nx\r\n\r\n"
        #expect(
            try await read(text) == [
                "Subject: 1\r\n\r\nFrom x\r\n>From y\r\n> From z\r\n>Fro\r\n\r\n\r\n", "Subject: 2\r\n\r\nx\r\n",
            ]
        )
        #expect(try await read("") == [])
        #expect(try await read("\n\n" + Self.line + "Subject: 3") == ["Subject: 3"])
        #expect(try await read(Self.line) == [""])
        #expect(try await read("From strange\nSubject: 4\n\nx\n") == ["Subject: 4\r\n\r\nx\r\n"])
    }

    @Test func `A file that is no mbox is said to be none, and nothing is written into it`() async throws {
        let place = try await TemporaryMbox("key: value\n")
        let reading = await #expect(throws: MailError.self) { try await place.messages() }
        #expect(reading?.code == .contentUnavailable)
        let writing = await #expect(throws: MailError.self) { try await place.append("Subject: x\r\n\r\n") }
        #expect(writing?.code == .contentUnavailable)
        #expect(try place.text() == "key: value\n")
        let missing = await #expect(throws: MailError.self) { try await Mbox("/nowhere/box").openSession() }
        #expect(missing?.code == .notFound)
    }

    @Test func `A length that leads to the next message is believed, and one that swallows messages is not`()
        async throws
    {
        let bare = "From here on\n>From there\n\n\n"
        let told =
            Self.line + "Content-Length: \(bare.utf8.count)\nSubject: 1\n\n\(bare)\n\(Self.line)Subject: 2\n\ny\n"
        #expect(
            try await read(told) == [
                "Content-Length: \(bare.utf8.count)\r\nSubject: 1\r\n\r\nFrom here on\r\n>From there\r\n\r\n\r\n",
                "Subject: 2\r\n\r\ny\r\n",
            ]
        )
        let rest = "x\n\n\(Self.line)Subject: 2\n\ny\n"
        #expect(try await read("\(Self.line)Content-Length: \(rest.utf8.count)\n\n\(rest)").count == 2)
        for length in ["7", "99999999999999999999", "18446744073709551615", "-1", "x", ""] {
            let text = "\(Self.line)content-length: \(length)\n\n>From x\ntext\n"
            #expect(try await read(text) == ["content-length: \(length)\r\n\r\nFrom x\r\ntext\r\n"], "\(length)")
        }
    }

    @Test func `Messages that are the same have names of their own`() async throws {
        let place = try await TemporaryMbox()
        let first = try await place.append("Subject: x\r\n\r\n")
        let second = try await place.append("Subject: x\r\n\r\n")
        #expect(first != second)
        let ids = try await place.mbox.withSession { try await $0.messages().map(\.id) }
        #expect(ids == [first, second])
    }

    @Test func `No octets make the reading fail, and none are lost`() async throws {
        var random = SeededGenerator(seed: 31)
        let parts = [
            Self.line, "From ", ">", "\n", "\n\n", "\r\n", "\r", "From x\n", "Content-Length: 12\n",
            "Content-Length: 3\n", "\u{0}",
            "Subject: x\n", "text", String(repeating: "y", count: 1500), "F", "Fr", "2026-01-01 10:00",
        ]
        for _ in 0..<150 {
            let text =
                Self.line
                + (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    parts.randomElement(using: &random) ?? ""
                }.joined()
            let place = try await TemporaryMbox(text)
            let messages = try await place.messages()
            #expect(!messages.isEmpty)
            // Taking one out leaves the others as they are.
            let before = try await place.mbox.withSession { try await $0.messages() }
            let gone = try #require(before.randomElement(using: &random))
            try await place.mbox.withSession { try await $0.delete([gone.id]) }
            #expect(try await place.messages().count == messages.count - 1)
        }
    }
}
