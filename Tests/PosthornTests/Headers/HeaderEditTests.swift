import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct HeaderEditTests {
    private func edited(_ text: String, _ edit: HeaderEdit) async throws -> String {
        let content = MessageContent.text(text).editingHeader(edit)
        let octets = try await content.collect(upTo: 10_000_000)
        let facts = try await content.facts()
        let plain = try await MessageContent.bytes(octets).facts()
        #expect(facts == plain)
        return String(decoding: octets, as: UTF8.self)
    }

    @Test("Only what is asked for is changed")
    func edit() async throws {
        var edit = HeaderEdit()
        edit.remove(.bcc)
        edit.replace(HeaderField(.from, .mailbox(try Mailbox("Küche <k@x.example>"))))
        edit.prepend(HeaderField(try HeaderName("X-First"), .text("1")))
        edit.append(HeaderField(try HeaderName("X-Last"), .text("2")))
        edit.replace(HeaderField(.replyTo, .text("r@x.example")))
        let text =
            "Received: odd   \r\n\t folded\r\nFROM: a@b\r\nBcc: s@x.example,\r\n t@x.example\r\nbcc : u@x.example\r\nFrom: again@b\r\n\r\nBcc: stays\r\n.\r\n"
        #expect(
            try await edited(text, edit)
                == "X-First: 1\r\nReceived: odd   \r\n\t folded\r\nFrom: =?utf-8?b?S8O8Y2hl?= <k@x.example>\r\nReply-To: r@x.example\r\nX-Last: 2\r\n\r\nBcc: stays\r\n.\r\n"
        )
    }

    @Test("An mbox line goes, a missing separator comes, line ends stay")
    func oddMessages() async throws {
        var edit = HeaderEdit()
        edit.remove(.bcc)
        #expect(try await edited("From a@b Mon Nov 23\nA: 1\nBcc: x@y\n\nbody\n", edit) == "A: 1\n\nbody\n")
        #expect(try await edited("A: 1\r\nBcc: x@y", edit) == "A: 1\r\n\r\n")
        #expect(try await edited("A: 1", edit) == "A: 1\r\n\r\n")
        #expect(try await edited("A: 1\r\nbody text\r\n", edit) == "A: 1\r\n\r\nbody text\r\n")
        #expect(try await edited("Subject: x\rBcc: x@y\r\rbody", edit) == "Subject: x\r\r\nbody")
        edit.append(HeaderField(try HeaderName("X-A"), .text("1")))
        #expect(try await edited("A: 1\n\nbody\n", edit) == "A: 1\nX-A: 1\n\nbody\n")
    }

    @Test(
        "A secret copy never leaves, however its field is written",
        arguments: [
            "Bcc: s@x.example\r\n\r\n", "bCC: s@x.example\r\n\r\n", "Bcc : s@x.example\r\n\r\n",
            "A: 1\rBcc: s@x.example\r\n\r\n",
            "A: 1\nBcc: s@x.example\n\n", "Bcc:\r\n s@x.example\r\n\r\n", "Bcc: s@x.example",
            "A: 1\r\n \r\nBcc: s@x.example\r\n\r\n",
            "Bcc\t: s@x.example\r\n\r\n",
        ]
    )
    func secretCopies(_ text: String) async throws {
        var edit = HeaderEdit()
        edit.remove(.bcc)
        #expect(try await !edited(text, edit).contains("s@x.example"))
    }

    @Test("The facts of a message that can encode itself are adjusted")
    func facts() async throws {
        let content = MessageContent(Encoding())
        var edit = HeaderEdit()
        edit.append(HeaderField(try HeaderName("X-A"), .text("1")))
        let edited = content.editingHeader(edit)
        let facts = try await edited.facts(for: .sevenBit)
        #expect(facts.size == UInt64(try await edited.collect(for: .sevenBit, upTo: 1_000).count))
        #expect(facts.transfer == .eightBit)
        var breaking = HeaderEdit()
        breaking.append(HeaderField(.subject, .text("a\r\nb")))
        await #expect(throws: MailError.self) { try await content.editingHeader(breaking).facts() }
    }

    /// A source that is not looked at as a whole.
    private struct Encoding: ContentSource {
        let text = "A: 1\r\nB: 2\r\n\r\nKüche\r\n"

        func facts(for form: ContentForm) async throws -> ContentFacts {
            ContentFacts(size: UInt64(text.utf8.count), transfer: .eightBit, needsUTF8Headers: false)
        }

        func makeReader(for form: ContentForm) async throws -> any ContentReader {
            try await MessageContent.text(text).makeReader(for: form)
        }
    }
}
