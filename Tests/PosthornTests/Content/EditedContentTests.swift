import Foundation
import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct EditedContentTests {
    private static let names: [HeaderName] = [.bcc, .resentBcc, .replyTo, .subject, .from]
    private static let lines = [
        "From: a@x.example", "Bcc: s@x.example", "bcc : t@x.example", "Subject: one\r\n two", "Resent-Bcc: u@x.example",
        "Reply-To: r@x.example", "X-Odd:", "Subject: K\u{FC}che",
    ]

    private func message(_ generator: inout SeededGenerator) -> [UInt8] {
        var lines: [String] = []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            lines.append(Self.lines.randomElement(using: &generator) ?? "")
        }
        // The first field stays, so that each edit finds the line ends of the message.
        let text = "X-First: 1\r\n" + lines.joined(separator: "\r\n") + "\r\n\r\nbody\r\nBcc: stays\r\n"
        let end = ["\r\n", "\n", "\r"].randomElement(using: &generator) ?? "\n"
        return Array(text.replacingOccurrences(of: "\r\n", with: end).utf8)
    }

    private func edit(_ generator: inout SeededGenerator) throws -> HeaderEdit {
        var edit = HeaderEdit()
        for name in Self.names {
            switch Int.random(in: 0..<9, using: &generator) {
            case 0, 1: edit.remove(name)
            case 2: edit.replace(HeaderField(name, .text("new\(Int.random(in: 0..<9, using: &generator))@x.example")))
            case 3 where name == .subject: edit.append(HeaderField(name, .text("last")))
            case 4 where name == .subject: edit.prepend(HeaderField(name, .text("first")))
            default: break
            }
        }
        return edit
    }

    @Test("Two edits give what the second makes of what the first has made, however the message is kept")
    func twice() async throws {
        var generator = SeededGenerator(seed: 2_822)
        for _ in 0..<1_500 {
            let octets = message(&generator)
            let first = try edit(&generator)
            let second = try edit(&generator)
            let half = try await MessageContent.bytes(octets).editingHeader(first).collect(upTo: 10_000)
            let wanted = try await MessageContent.bytes(half).editingHeader(second).collect(upTo: 10_000)
            let facts = ContentScanner.facts(of: wanted[...])
            for content in [MessageContent.bytes(octets), MessageContent(Other(octets: octets))] {
                let edited = content.editingHeader(first).editingHeader(second)
                #expect(try await edited.collect(upTo: 10_000) == wanted)
                #expect(try await edited.facts() == facts)
                // Asked again, it is the same.
                #expect(try await edited.facts() == facts)
                #expect(try await edited.collect(upTo: 10_000) == wanted)
            }
        }
    }

    /// A ready message that is not known to be in memory.
    private struct Other: ReadyContentSource {
        let octets: [UInt8]

        func facts(for form: ContentForm) async throws -> ContentFacts { ContentScanner.facts(of: octets[...]) }

        func makeReader(for form: ContentForm) async throws -> any ContentReader {
            BytesSource.Reader(bytes: octets)
        }
    }

    @Test("A message that no edit changes is passed through, any other is not")
    func unchanged() throws {
        var edit = HeaderEdit()
        edit.remove(.bcc)
        func changesNothing(_ text: String) throws -> Bool {
            edit.changesNothing(of: try HeaderBlock.find(in: Array(text.utf8)))
        }
        #expect(try changesNothing("A: 1\r\nB: 2\r\n\r\nbody"))
        #expect(try changesNothing("A: 1\nB: 2\n\nbody"))
        for text in [
            "A: 1\r\nBcc: x\r\n\r\n", "From a@b\r\nA: 1\r\n\r\n", "A: 1\r\nbody", "A: 1\r\n", "A: 1\n\r\nbody",
            "A: 1\r\n\nbody", "A: 1\r\rbody", "\r\nbody", "",
        ] {
            #expect(try !changesNothing(text), "\(text.debugDescription)")
        }
    }

    @Test("The header of a message in memory and of the same message in a file are the same values")
    func values() async throws {
        let octets = Array("From: a@x.example\r\nDate:\r\nTo: b@x.example\r\nBcc: c@x.example\r\n\r\nbody\r\n".utf8)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("posthorn-\(UUID().uuidString)").path
        try Data(octets).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let inMemory = try await RawMessage(bytes: octets).prepare(MessageContext())
        let inFile = try await RawMessage(file: path).prepare(MessageContext())
        for prepared in [inMemory, inFile] {
            #expect(prepared.header.map(\.name.text) == ["From", "Date", "To", "Message-ID"])
            #expect(prepared.header[.date]?.hasSuffix("+0000") == true)
            #expect(prepared.header.addresses(.to) == [try Mailbox("b@x.example")])
            #expect(prepared.envelope.recipients.map(\.localPart) == ["b", "c"])
        }
        var changed = inMemory.header
        changed.remove(.date)
        #expect(changed != inMemory.header && changed.count == 3 && inMemory.header.count == 4)
        #expect(inMemory.header == HeaderFields(Array(inMemory.header)))
    }
}
