import Foundation
import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct ContentTests {
    /// The plain reading of the rules, octet by octet.
    private func expected(_ octets: [UInt8]) -> ContentFacts {
        var lines: [[UInt8]] = [[]]
        var size: UInt64 = 0
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            index += 1
            if octet == 0x0D || octet == 0x0A {
                if octet == 0x0D, index < octets.count, octets[index] == 0x0A { index += 1 }
                size += 2
                lines.append([])
            } else {
                size += 1
                lines[lines.count - 1].append(octet)
            }
        }
        let header = lines.prefix { !$0.isEmpty }
        let isBinary = octets.contains(0) || lines.contains { $0.count > 998 }
        return ContentFacts(
            size: size,
            transfer: isBinary ? .binary : octets.contains { $0 >= 0x80 } ? .eightBit : .sevenBit,
            needsUTF8Headers: header.contains { $0.contains { $0 >= 0x80 } }
        )
    }

    @Test("The scanner finds what the plain reading of the rules finds, however the octets are cut")
    func scanner() {
        var generator = SeededGenerator(seed: 5_322)
        let pieces: [[UInt8]] = [
            [0x0D], [0x0A], [0x0D, 0x0A], Array("Subject: x".utf8), [0xC3, 0xA4], [0],
            Array(repeating: 0x61, count: 500),
            [0x0D, 0x0A, 0x0D, 0x0A], Array(repeating: 0x62, count: 7), [0x20],
        ]
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...12, using: &generator)
            let octets = (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
            let wanted = expected(octets)
            #expect(ContentScanner.facts(of: octets[...]) == wanted)
            var scanner = ContentScanner()
            var rest = octets[...]
            while !rest.isEmpty {
                let size = min(rest.count, Int.random(in: 1...9, using: &generator))
                scanner.scan(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(scanner.finish() == wanted)
        }
    }

    @Test("Long texts of plain lines, and what is not plain in them, are measured exactly")
    func longTexts() {
        var generator = SeededGenerator(seed: 2_045)
        let odd: [[UInt8]] = [[0x0D], [0x0A], [0], [0xC3, 0xA4], [0x0D, 0x0D, 0x0A], [0x0A, 0x0D], [0x2E]]
        for _ in 0..<400 {
            var octets = Array("Subject: x\r\n\r\n".utf8)
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                // Lengths about the limit, and about the sizes in which octets are looked at.
                let length =
                    switch Int.random(in: 0..<12, using: &generator) {
                    case 0: Int.random(in: 995...1_001, using: &generator)
                    case 1: Int.random(in: 760...1_100, using: &generator)
                    case 2: Int.random(in: 0...2, using: &generator)
                    case 3: Int.random(in: 62...66, using: &generator)
                    default: Int.random(in: 0...78, using: &generator)
                    }
                octets += [UInt8](repeating: 0x61, count: length)
                if Int.random(in: 0..<30, using: &generator) == 0 {
                    octets += odd.randomElement(using: &generator) ?? []
                }
                octets += [0x0D, 0x0A]
            }
            let wanted = expected(octets)
            #expect(ContentScanner.facts(of: octets[...]) == wanted)
            // In a slice, the octets before the first one are not the message's.
            let padded = [0x0D] + octets
            #expect(ContentScanner.facts(of: padded[1...]) == wanted)
            var scanner = ContentScanner()
            var rest = octets[...]
            while !rest.isEmpty {
                let size = min(rest.count, Int.random(in: 1...900, using: &generator))
                scanner.scan(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(scanner.finish() == wanted)
        }
    }

    @Test("Every octet that is not plain is found at every place")
    func places() {
        let line = [UInt8](repeating: 0x61, count: 40) + [0x0D, 0x0A]
        let text = Array("Subject: x\r\n\r\n".utf8) + Array([line, line, line, line, line, line].joined())
        for odd in [0, 0x0A, 0x0D, 0x80, 0xFF] as [UInt8] {
            for place in text.indices {
                var octets = text
                octets[place] = odd
                #expect(ContentScanner.facts(of: octets[...]) == expected(octets), "\(odd) at \(place)")
            }
        }
    }

    private func withFile(_ octets: [UInt8], _ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("posthorn-\(UUID().uuidString)").path
        try Data(octets).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    @Test("A file is read as it is, in pieces")
    func file() async throws {
        let octets = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withFile(octets) { path in
            let read = try await MessageContent.file(path).collect(upTo: 1_000_000)
            #expect(read == octets)
            await #expect(throws: MailError.self) { try await MessageContent.file(path).collect(upTo: 1_000) }
        }
    }

    @Test("A file that changes between measuring and sending is an error")
    func changed() async throws {
        try await withFile(Array("A: 1\r\n\r\nbody\r\n".utf8)) { path in
            let content = MessageContent.file(path)
            var edit = HeaderEdit()
            edit.remove(.bcc)
            // An edited file, edited again, is watched as well.
            let edited = content.editingHeader(edit).editingHeader(edit)
            _ = try await content.facts()
            _ = try await edited.facts()
            try Data("A: 1\r\n\r\nother body\r\n".utf8).write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: MailError.self) { try await content.makeReader() }
            #expect(error?.code == .contentUnavailable)
            await #expect(throws: MailError.self) { try await edited.makeReader() }
            // Measuring again does not help: the envelope may be that of the old file. A new content may be sent.
            await #expect(throws: MailError.self) { try await content.facts() }
            let read = try await MessageContent.file(path).collect(upTo: 100)
            #expect(read.count == 20)
        }
    }

    @Test("A file that shrinks or grows while it is read is an error before the end")
    func changedWhileReading() async throws {
        for size in [UInt64(100_000), 900_000] {
            try await withFile([UInt8](repeating: 0x61, count: 600_000)) { path in
                var reader = try await MessageContent.file(path).makeReader()
                var buffer: [UInt8] = []
                let hasMore = try await reader.read(into: &buffer)
                #expect(hasMore)
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
                try handle.truncate(atOffset: size)
                try handle.close()
                let error = await #expect(throws: MailError.self) {
                    while try await reader.read(into: &buffer) {}
                }
                #expect(error?.code == .contentUnavailable)
            }
        }
    }

    @Test(
        "What is no readable file is an error that names it",
        arguments: ["/nonexistent/x.eml", "/tmp", "", "/tmp/a\u{0}b"]
    )
    func unreadable(_ path: String) async {
        let error = await #expect(throws: MailError.self) { try await MessageContent.file(path).facts() }
        #expect(error?.code == .contentUnavailable)
    }

    @Test("A file that is replaced after its header was read is not sent to the old recipients")
    func replaced() async throws {
        try await withFile(Array("From: f@x.example\r\nTo: a@x.example\r\n\r\nfor a\r\n".utf8)) { path in
            let prepared = try await RawMessage(file: path).prepare(MessageContext())
            #expect(prepared.envelope.recipients.map(\.localPart) == ["a"])
            try Data("From: f@x.example\r\nTo: b@x.example\r\n\r\nfor b only\r\n".utf8)
                .write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: MailError.self) { try await prepared.content.facts() }
            #expect(error?.code == .contentUnavailable)
            #expect(error?.message.contains("was changed") == true)
        }
    }

    @Test("An empty piece after a piece that ends in CR is nothing")
    func emptyPiece() {
        var scanner = ContentScanner()
        scanner.scan(Array("a\r".utf8)[...])
        scanner.scan([0x62][1...])
        scanner.scan(Array("\nb".utf8)[...])
        #expect(scanner.finish().size == 4)
    }

    @Test("A reader that gives nothing again and again is an error, one that does so now and then is not")
    func emptyReads() async throws {
        struct Slow: ContentSource {
            let empty: Int
            func facts(for form: ContentForm) async throws -> ContentFacts { ContentScanner.facts(of: []) }
            func makeReader(for form: ContentForm) async throws -> any ContentReader { Reader(empty: empty) }
            struct Reader: ContentReader {
                var empty: Int
                var isDone = false
                mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
                    empty -= 1
                    if empty >= 0 { return true }
                    guard !isDone else { return false }
                    isDone = true
                    buffer.append(0x61)
                    return true
                }
            }
        }
        #expect(try await MessageContent(Slow(empty: 900)).collect(upTo: 10) == [0x61])
        // Not forever: a test that failed would not end otherwise.
        let stuck = MessageContent(Slow(empty: 1_000_000))
        let collected = await #expect(throws: MailError.self) { try await stuck.collect(upTo: 10) }
        #expect(collected?.code == .contentUnavailable)
        let pieces = await #expect(throws: MailError.self) { try await stuck.forEachPiece { _ in } }
        #expect(pieces?.code == .contentUnavailable)
    }
}
