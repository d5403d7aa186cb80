import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("The buffer for what was received, and lines in it", .undisturbed)
struct ReceiveBufferTests {
    @Test("What is appended in pieces is read in order, whatever was consumed between")
    func order() {
        var buffer = ReceiveBuffer()
        var expected: [UInt8] = []
        var got: [UInt8] = []
        for step in 0..<500 {
            let piece = (0..<(step % 37)).map { UInt8(truncatingIfNeeded: $0 &+ step) }
            buffer.append(piece)
            expected += piece
            got += buffer.read(step % 23)
        }
        got += buffer.read(.max)
        #expect(got == expected)
        #expect(buffer.isEmpty)
        #expect(buffer[0] == nil)
    }

    @Test("Positions outside are answered with nothing, never a trap")
    func bounds() {
        var buffer = ReceiveBuffer(Array("abc".utf8))
        #expect(buffer[-1] == nil)
        #expect(buffer[3] == nil)
        #expect(buffer[2] == UInt8(ascii: "c"))
        #expect(buffer.firstIndex(of: UInt8(ascii: "a"), from: 1) == nil)
        #expect(buffer.firstIndex(of: UInt8(ascii: "a"), from: -1) == nil)
        #expect(buffer.firstIndex(of: UInt8(ascii: "c"), from: 99) == nil)
        #expect(buffer.copy(1..<99) == Array("bc".utf8))
        buffer.consume(-5)
        #expect(buffer.count == 3)
        buffer.consume(99)
        #expect(buffer.isEmpty)
        #expect(buffer.read(5).isEmpty)
    }

    @Test("Lines are the same however the octets are cut", arguments: [1, 2, 3, 7, 100])
    func lines(size: Int) throws {
        let text = Array("first\r\n\nthird\r\r\n\r\nlast\n".utf8)
        var parser = LineParser()
        var buffer = ReceiveBuffer()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            buffer.append(Array(text[start..<min(start + size, text.count)]))
            while let line = try parser.next(from: &buffer) { lines.append(Net.text(line)) }
        }
        #expect(lines == ["first", "", "third\r", "", "last"])
    }

    @Test("A line beyond the limit is an error, with and without its end")
    func limit() throws {
        for text in ["1234567890\n", "1234567890\r\n", "123456789012", "1234567890123456\n"] {
            var parser = LineParser(limit: 9)
            var buffer = ReceiveBuffer(Array(text.utf8))
            #expect(throws: MailError.self) { try parser.next(from: &buffer) }
        }
        var parser = LineParser(limit: 9)
        var buffer = ReceiveBuffer(Array("123456789\r\n".utf8))
        #expect(try parser.next(from: &buffer)?.count == 9)
    }
}
