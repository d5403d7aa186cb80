import Testing

@testable import PosthornPOP3

@Suite struct POP3BodyDecoderTests {
    private func decode(_ text: String, at cuts: [Int]) -> (content: String, isAtEnd: Bool, used: Int) {
        let octets = Array(text.utf8)
        var decoder = POP3BodyDecoder()
        var output: [UInt8] = []
        var used = 0
        var start = 0
        for end in cuts + [octets.count] where end >= start {
            used += octets[start..<end].withUnsafeBytes { decoder.decode($0, into: &output) }
            start = end
        }
        return (String(decoding: output, as: UTF8.self), decoder.isAtEnd, used)
    }

    @Test(arguments: [
        (".\r\n", ""),
        ("a\r\n.\r\n", "a\r\n"),
        ("..\r\n...\r\n.x\r\n.\r\n", ".\r\n..\r\nx\r\n"),
        ("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n"),
        ("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n"),
        ("a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n"),
        ("a\r\n.\r.\r\n.\r\n", "a\r\n\r.\r\n"),
        ("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n"),
        ("a\r\r\n.\r\n", "a\r\r\n"),
        ("\r\n\r\n..\r\n.\r\n", "\r\n\r\n.\r\n"),
        ("+OK\r\n-ERR\r\n.\r\n", "+OK\r\n-ERR\r\n"),
    ])
    func `A body is the same however it is cut`(wire: String, content: String) {
        let count = wire.utf8.count
        for first in 0...count {
            for second in first...count {
                let got = decode(wire + "+OK", at: [first, second])
                #expect(got.content == content, "cut at \(first) and \(second)")
                #expect(got.isAtEnd)
                #expect(got.used == count || second > count)
            }
        }
    }

    @Test func `What follows the end is not touched`() {
        let octets = Array("x\r\n.\r\n+OK next\r\n".utf8)
        var decoder = POP3BodyDecoder()
        var output: [UInt8] = []
        let used = octets.withUnsafeBytes { decoder.decode($0, into: &output) }
        #expect(used == 6)
        #expect(decoder.isAtEnd)
        let more = octets[6...].withUnsafeBytes { decoder.decode($0, into: &output) }
        #expect(more == 0)
        #expect(output == Array("x\r\n".utf8))
    }
}
