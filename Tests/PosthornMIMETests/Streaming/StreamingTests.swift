import Foundation
import Posthorn
import PosthornMIME
import TestSupport
import Testing

@Suite(.computing) struct StreamingTests {
    private func withMessage(
        _ octets: [UInt8],
        _ body: (MessageContent, String) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder)/data.bin"
            try Data(octets).write(to: URL(fileURLWithPath: path))
            let message = try Message(from: "a@x.example", to: ["b@x.example"], text: "x", attachments: [.file(path)])
            try await body(try await message.prepare(MessageContext()).content, path)
        }
    }

    @Test("Files of all lengths around the borders of lines and pieces come back octet by octet")
    func lengths() async throws {
        var messages: [[UInt8]] = []
        let counts = [0, 1, 56, 57, 58, 114, 191_519, 191_520, 191_521, 400_000]
        func octets(_ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 8) }
        }
        for count in counts {
            let octets = octets(count)
            try await withMessage(octets) { content, _ in
                var read: [[UInt8]] = []
                for form in [ContentForm.sevenBit, .unrestricted] {
                    let whole = try await content.collect(for: form, upTo: 1_000_000)
                    let facts = try await content.facts(for: form)
                    #expect(facts.size == UInt64(whole.count))
                    #expect(facts.transfer == (form.transfer == .binary ? .binary : .sevenBit))
                    read.append(whole)
                }
                messages.append(read[0])
                #expect(Self.contains(read[1], octets))
            }
        }
        for (count, read) in zip(counts, try PythonMail.read(messages)) {
            #expect(read.parts.last?.bytes == octets(count))
        }
    }

    private static func contains(_ whole: [UInt8], _ piece: [UInt8]) -> Bool {
        Data(whole).range(of: Data(piece)) != nil || piece.isEmpty
    }

    @Test("Pieces stay small, however large the attachment is")
    func pieces() async throws {
        try await withMessage([UInt8](repeating: 7, count: 3_000_000)) { content, _ in
            var reader = try await content.makeReader(for: .sevenBit)
            var buffer: [UInt8] = []
            var total = 0
            while try await reader.read(into: &buffer) {
                #expect(buffer.count <= 2 * ContentChunk.preferredSize)
                total += buffer.count
                buffer.removeAll(keepingCapacity: true)
            }
            let size = try await content.facts(for: .sevenBit).size
            #expect(size == UInt64(total))
            let more = try await reader.read(into: &buffer)
            #expect(!more)
        }
    }

    @Test(
        "A file that changes after it was measured is an error, never a message cut short",
        arguments: [0, 10, 3_000_000]
    )
    func changedBefore(_ size: UInt64) async throws {
        try await withMessage([UInt8](repeating: 7, count: 1_000_000)) { content, path in
            _ = try await content.facts(for: .sevenBit)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.truncate(atOffset: size)
            try handle.close()
            let error = await #expect(throws: MailError.self) {
                try await content.collect(for: .sevenBit, upTo: 10_000_000)
            }
            #expect(error?.code == .contentUnavailable && error?.message.contains("'data.bin'") == true)
            // Measured again, it may be sent.
            _ = try await content.facts(for: .sevenBit)
            let octets = try await content.collect(for: .sevenBit, upTo: 10_000_000)
            #expect(try PythonMail.read(octets).parts.last?.bytes.count == Int(size))
        }
    }

    @Test("A file that changes while it is read is an error before the end", arguments: [500_000, 3_000_000])
    func changedWhile(_ size: UInt64) async throws {
        try await withMessage([UInt8](repeating: 7, count: 1_000_000)) { content, path in
            var reader = try await content.makeReader(for: .sevenBit)
            var buffer: [UInt8] = []
            for _ in 0..<2 {
                let more = try await reader.read(into: &buffer)
                #expect(more)
            }
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.truncate(atOffset: size)
            try handle.close()
            let error = await #expect(throws: MailError.self) { while try await reader.read(into: &buffer) {} }
            #expect(error?.code == .contentUnavailable && error?.message.contains("'data.bin'") == true)
            // The closing boundary has not been given out.
            #expect(!String(decoding: buffer.suffix(100), as: UTF8.self).contains("--\r\n"))
        }
    }

    @Test("A header edit leaves a built message whole and its size exact")
    func edit() async throws {
        try await withMessage([1, 2, 3]) { content, _ in
            var edit = HeaderEdit()
            edit.remove(.bcc)
            edit.replace(HeaderField(.from, .mailbox(try Mailbox("Küche <k@x.example>"))))
            edit.append(HeaderField(.replyTo, .text("a@x.example")))
            let edited = content.editingHeader(edit)
            for form in allForms {
                let octets = try await edited.collect(for: form, upTo: 10_000)
                let facts = try await edited.facts(for: form)
                #expect(facts.size == UInt64(octets.count))
                let read = try PythonMail.read(octets)
                #expect(read.from == [["Küche", "k@x.example"]] && read["reply-to"] == "a@x.example")
                #expect(read.parts.count == 3)
            }
        }
    }
}
