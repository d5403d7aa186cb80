import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MboxQuotingTests {
    /// Feeds octets in pieces.
    private func pieces(_ octets: [UInt8], _ random: inout SeededGenerator, _ body: (UnsafeRawBufferPointer) -> Void) {
        var position = 0
        while position < octets.count {
            let end = min(octets.count, position + Int.random(in: 1...9, using: &random))
            Array(octets[position..<end]).withUnsafeBytes { body($0) }
            position = end
        }
    }

    @Test func `Every message comes back as it was`() {
        var random = SeededGenerator(seed: 17)
        let parts = ["From ", ">", "From", ">From ", "F", " ", "x", ">>", "\r", "rom ", "é", "\u{0}"]
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                for _ in 0..<Int.random(in: 0...4, using: &random) { text += parts.randomElement(using: &random) ?? "" }
                while text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
                text += "\r\n"
            }
            let octets = Array(text.utf8)
            var encoder = MboxEncoder()
            var stored: [UInt8] = []
            pieces(octets, &random) { encoder.encode($0, into: &stored) }
            encoder.finish(into: &stored)
            #expect(
                !stored.split(separator: 0x0A).contains { $0.starts(with: MboxLine.mark) },
                "\(text.debugDescription)"
            )
            var decoder = MboxDecoder()
            var read: [UInt8] = []
            pieces(stored, &random) { decoder.decode($0, into: &read) }
            decoder.finish(into: &read)
            guard read != octets else { continue }
            Issue.record(
                "\(text.debugDescription) came back as \(String(decoding: read, as: UTF8.self).debugDescription)"
            )
        }
    }

    @Test(arguments: [
        ("From x", ">From x\n"), (">From x\r\n", ">>From x\n"), ("> From\r\n", "> From\n"), ("a\rb\r\r\n", "a\rb\r\n"),
        ("", ""), ("\r\n", "\n"), ("From", "From\n"), (">>\n", ">>\n"), ("a\r", "a\r\n"), (" From x\n", " From x\n"),
    ])
    func `Lines that look like the beginning of a message get one more mark`(text: String, stored: String) {
        var encoder = MboxEncoder()
        var result: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { encoder.encode($0, into: &result) }
        encoder.finish(into: &result)
        #expect(String(decoding: result, as: UTF8.self) == stored)
    }
}
