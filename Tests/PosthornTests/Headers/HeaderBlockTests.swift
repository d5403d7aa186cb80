import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct HeaderBlockTests {
    static func block(_ octets: [UInt8]) throws -> HeaderBlock {
        var scanner = HeaderBlockScanner()
        try scanner.scan(octets, isComplete: true)
        return try #require(scanner.block)
    }

    private func block(_ text: String) throws -> HeaderBlock { try Self.block(Array(text.utf8)) }

    @Test("Line ends may be CRLF, LF or CR", arguments: ["\r\n", "\n", "\r"])
    func lineEnds(_ end: String) throws {
        let text = ["From: a@x.example", "Subject: one", "  two", "X-Empty:", "", "Body: no", ""].joined(separator: end)
        let block = try block(text)
        #expect(block.fields.map(\.name) == ["From", "Subject", "X-Empty"])
        #expect(block[.subject] == "one  two")
        #expect(block.hasSeparator)
        #expect(Array(text.utf8)[block.bodyOffset...].starts(with: "Body".utf8))
    }

    @Test("Every split gives the same result as one piece")
    func splits() throws {
        let octets = Array("From x@y Mon\r\nA: 1\r\n 2\nB : =?utf-8?q?=C3=A4?=\r\n\r\nbody\r\n".utf8)
        let whole = try Self.block(octets)
        #expect(whole.fields.map(\.text) == ["1 2", "ä"])
        for split in 0...octets.count {
            var scanner = HeaderBlockScanner()
            try scanner.scan(Array(octets[..<split]), isComplete: false)
            if scanner.block == nil { try scanner.scan(octets, isComplete: true) }
            #expect(scanner.block?.fields.map(\.octets) == whole.fields.map(\.octets))
            #expect(scanner.block?.bodyOffset == whole.bodyOffset)
        }
    }

    @Test("Odd messages have a header too")
    func odd() throws {
        #expect(try block("").fields.isEmpty)
        #expect(try block("\r\nbody").bodyOffset == 2)
        #expect(try block("just text\r\n").bodyOffset == 0)
        let unseparated = try block("A: 1\r\nthis is the body\r\n")
        #expect(unseparated.fields.count == 1 && unseparated.bodyOffset == 6 && !unseparated.hasSeparator)
        let headerOnly = try block("A: 1\r\nB: 2")
        #expect(headerOnly.fields.count == 2 && headerOnly.bodyOffset == 10 && !headerOnly.hasSeparator)
        #expect(try block(" x: 1\r\nA: 2\r\n").fields.isEmpty)
        #expect(try block("bcc : a@x.example\r\n\r\n").contains(.bcc))
        #expect(try block("Subject: x\rBcc: a@x.example\r\n\r\n").contains(.bcc))
        #expect(try block("A: \u{0}\u{1B}[31m\r\n\r\n").fields.count == 1)
    }

    @Test("A header without end is an error, not a full memory")
    func limits() async throws {
        let long = "A: " + String(repeating: "x", count: HeaderBlock.largestSize)
        let many = String(repeating: "A: 1\r\n", count: HeaderBlock.mostFields + 1)
        for text in [long, many, String(repeating: "A: 1\r\n ", count: 200_000)] {
            let error = await #expect(throws: MailError.self) { try await HeaderBlock.read(from: .text(text)) }
            #expect(error?.code == .invalidMessage)
        }
    }

    @Test("A field that cannot be read is named")
    func unreadable() throws {
        let error = #expect(throws: MailError.self) { try block("To: nobody\r\n\r\n").addresses(.to) }
        #expect(error?.message.contains("'To'") == true)
    }

    @Test("Random octets never crash the scanner")
    func fuzz() {
        var generator = SeededGenerator(seed: 822)
        let pieces: [[UInt8]] =
            ["\r", "\n", ":", " ", "A", "From ", "\t", "\u{0}", "é", "Bcc", "="].map { Array($0.utf8) } + [
                [0xFF], [0x80],
            ]
        for _ in 0..<20_000 {
            let octets = (0..<Int.random(in: 0...20, using: &generator)).flatMap { _ in
                pieces.randomElement(using: &generator) ?? []
            }
            var scanner = HeaderBlockScanner()
            try? scanner.scan(octets, isComplete: true)
            #expect(scanner.block.map { $0.bodyOffset <= octets.count } ?? false)
        }
    }
}
