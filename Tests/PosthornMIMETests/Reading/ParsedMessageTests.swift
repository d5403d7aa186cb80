import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMIME

@Suite struct ParsedMessageTests {
    private static let text = """
        From: "Muster, Erika" <erika@example.org>
        To: a@example.org
        To: b@example.org
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
        Date: Mon, 23 Nov 2026 20:24:43 +0100
        Message-ID: <1@example.org>
        References: <a@example.org> <b@example.org>
        In-Reply-To: <b@example.org>
        Content-Type: multipart/mixed; boundary=out

        --out
        Content-Type: multipart/related; boundary=rel

        --rel
        Content-Type: multipart/alternative; boundary=alt

        --alt
        Content-Type: text/plain; format=flowed

        Dear \nSir,
        --alt
        Content-Type: text/html; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        <p>Gr=FC=DFe</p>
        --alt--
        --rel
        Content-Type: image/png
        Content-ID: <logo@example.org>
        Content-Transfer-Encoding: base64

        iVBORw0KGgo=
        --rel--
        --out
        Content-Type: message/rfc822

        Subject: inner

        inner text
        --out
        Content-Type: application/octet-stream; name="old.bin"

        data
        --out--

        """

    private func message(_ text: String = text) -> ParsedMessage { ParsedMessage(Array(text.utf8)) }

    @Test func `the header is read as values`() throws {
        let message = message()
        #expect(message.subject == "Grüße" && message.messageID == "<1@example.org>")
        #expect(message.from == [ReadMailbox(name: "Muster, Erika", address: "erika@example.org")])
        #expect(message.to.map(\.address) == ["a@example.org", "b@example.org"])
        #expect(message.date?.secondsSinceEpoch == 1_795_461_883 && message.date?.offsetMinutes == 60)
        #expect(message.references == ["<a@example.org>", "<b@example.org>"])
        #expect(message.inReplyTo == ["<b@example.org>"] && message.cc.isEmpty && message.sender == nil)
        #expect(message.fields.all("to").count == 2 && message.fields["X-None"] == nil)
    }

    @Test func `parts have the numbers of IMAP`() {
        let message = message()
        #expect(message.leaves.map(\.path) == ["1.1.1", "1.1.2", "1.2", "2.1", "3"])
        #expect(message.root.all.map(\.path) == ["", "1", "1.1", "1.1.1", "1.1.2", "1.2", "2", "2.1", "3"])
        #expect(message.root.part("1.2")?.contentID == "logo@example.org")
        #expect(message.root.part("9") == nil)
    }

    @Test func `the text, the HTML and the attachments are found`() throws {
        let message = message()
        #expect(message.textPart?.path == "1.1.1" && message.htmlPart?.path == "1.1.2")
        #expect(try message.htmlPart?.text() == "<p>Grüße</p>")
        let text = try message.plainText()
        #expect(text == "Dear Sir,\n")
        #expect(message.attachments.map(\.path) == ["1.2", "2", "3"])
        #expect(message.attachments.map(\.fileName) == [nil, nil, "old.bin"])
        #expect(try message.attachments.first?.decoded() == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    }

    @Test func `an HTML-only message has a text`() throws {
        let message = message("Content-Type: text/html\n\n<p>One</p><p>Two &amp; three</p>\n")
        #expect(try message.plainText() == "One\n\nTwo & three")
    }

    @Test func `a file and memory give the same`() async throws {
        let directory = try TemporaryDirectory()
        // Larger than what is read into memory at once.
        let filler = String(repeating: "QUJD", count: 500_000)
        let big = Self.text.replacing("iVBORw0KGgo=", with: filler)
        for text in [Self.text, big] {
            let file = try directory.write(text, to: "m.eml").path
            let (fromFile, fromMemory) = (try ParsedMessage(file: file), message(text))
            #expect(fromFile.root.all.map(\.path) == fromMemory.root.all.map(\.path))
            #expect(fromFile.root.all.map(\.bodyRange) == fromMemory.root.all.map(\.bodyRange))
            #expect(fromFile.subject == fromMemory.subject && fromFile.size == fromMemory.size)
            for (one, other) in zip(fromFile.leaves, fromMemory.leaves) {
                #expect(try one.decoded() == other.decoded())
            }
            #expect(try await fromFile.content.collect(for: .unrestricted, upTo: 1 << 24) == Array(text.utf8))
        }
    }

    @Test func `a file that changes meanwhile is an error`() throws {
        let directory = try TemporaryDirectory()
        let big = Self.text.replacing("iVBORw0KGgo=", with: String(repeating: "QUJD", count: 500_000))
        let file = try directory.write(big, to: "m.eml")
        let message = try ParsedMessage(file: file.path)
        _ = try directory.write("something else", to: "m.eml")
        let error = #expect(throws: MailError.self) { try message.leaves[2].decoded() }
        #expect(error?.code == .contentUnavailable && error?.message.contains("was changed") == true)
        #expect(throws: MailError.self) { try ParsedMessage(file: "/nonexistent/m.eml") }
    }

    @Test func `a limit on what comes into memory is kept`() throws {
        let message = message()
        let error = #expect(throws: MailError.self) { try message.leaves[2].decoded(upTo: 7) }
        #expect(error?.code == .tooLarge && error?.message.contains("part 1.2") == true)
        #expect(try message.leaves[2].decoded(upTo: 8).count == 8)
        #expect(throws: MailError.self) { try message.leaves[1].text(upTo: 3) }
    }

    @Test func `a message that is not changed is written back as it was, and an edited one but for the field`()
        async throws
    {
        for (name, octets) in BrokenMessages.all {
            let message = ParsedMessage(octets)
            #expect(try await message.content.collect(for: .unrestricted, upTo: 1 << 20) == octets, "\(name)")
        }
        var edit = HeaderEdit()
        edit.replace(try HeaderField("Subject", "New"))
        let edited = try await message().editingHeader(edit).collect(for: .unrestricted, upTo: 1 << 20)
        let expected = Self.text.replacing("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", with: "Subject: New")
        #expect(String(decoding: edited, as: UTF8.self) == expected)
    }

    @Test func `what a body's characters and encoding lack is told`() throws {
        let bad = message("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nZ/*8\n")
        let reading = try bad.root.forEachTextPiece { _ in }
        #expect(reading.replacements == 1 && reading.defects == [.illegalOctets, .missingPadding])
        let unknown = message("Content-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: rot13\n\nä\n")
        let other = try unknown.root.forEachTextPiece { _ in }
        #expect(other.defects == .unknownEncoding && other.textDefects.contains(.unknownCharset))
        #expect(try unknown.root.text() == "\u{FFFD}\n")
    }
}
