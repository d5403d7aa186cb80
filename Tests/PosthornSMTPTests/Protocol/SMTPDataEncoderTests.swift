import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPDataEncoderTests {
    private func encode(_ pieces: [[UInt8]]) -> [UInt8] {
        var encoder = SMTPDataEncoder()
        var output: [UInt8] = []
        for piece in pieces { piece.withUnsafeBytes { encoder.encode($0, into: &output) } }
        encoder.finish(into: &output)
        return output
    }

    /// The same in the most simple way: into lines, stuff, join.
    private func reference(_ input: [UInt8]) -> [UInt8] {
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < input.count {
            switch input[index] {
            case 13:
                if index + 1 < input.count, input[index + 1] == 10 { index += 1 }
                lines.append([])
            case 10: lines.append([])
            default: lines[lines.count - 1].append(input[index])
            }
            index += 1
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.flatMap { ($0.first == 46 ? [46] : []) + $0 + [13, 10] } + [46, 13, 10]
    }

    @Test(arguments: [
        ("", ".\r\n"),
        ("a", "a\r\n.\r\n"),
        ("a\r\n", "a\r\n.\r\n"),
        ("a\n", "a\r\n.\r\n"),
        ("a\r", "a\r\n.\r\n"),
        (".", "..\r\n.\r\n"),
        ("..", "...\r\n.\r\n"),
        (".\r\n", "..\r\n.\r\n"),
        ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\r\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\r\r\nb", "a\r\n\r\nb\r\n.\r\n"),
        ("a\n\rb", "a\r\n\r\nb\r\n.\r\n"),
        ("\r\n\r\n", "\r\n\r\n.\r\n"),
        ("a.b\r\n", "a.b\r\n.\r\n"),
        ("\u{0}\r\n.\u{0}", "\u{0}\r\n..\u{0}\r\n.\r\n"),
    ])
    func `lines and dots`(_ input: String, _ expected: String) {
        #expect(String(decoding: encode([Array(input.utf8)]), as: UTF8.self) == expected)
    }

    @Test func `a message that is split at every octet, and at every two, is encoded the same`() {
        let input = Array("Subject: x\r\n\r\n.a\r\n..\rb\n\n.\r.\r\n\rend.\r".utf8)
        let whole = encode([input])
        #expect(whole == reference(input))
        for first in 0...input.count {
            for second in first...input.count {
                let pieces = [Array(input[..<first]), Array(input[first..<second]), Array(input[second...])]
                #expect(encode(pieces) == whole)
            }
        }
        #expect(encode(input.map { [$0] }) == whole)
    }

    @Test func `a hundred thousand random messages agree with the reference`() {
        var random = SeededGenerator(seed: 4711)
        var different = 0
        for _ in 0..<100_000 {
            let input = (0..<Int.random(in: 0...24, using: &random)).map { _ -> UInt8 in
                [13, 10, 46, 46, 13, 10, 97, 0, 255].randomElement(using: &random) ?? 97
            }
            let cut = Int.random(in: 0...input.count, using: &random)
            let encoded = encode([Array(input[..<cut]), Array(input[cut...])])
            if encoded != reference(input) { different += 1 }
        }
        #expect(different == 0)
    }

    /// Lines that can be sent as they are, with something else here and there.
    private func longText(_ random: inout SeededGenerator) -> [UInt8] {
        let odd: [[UInt8]] = [
            [13], [10], [46], [13, 10, 46], [10, 46], [13, 46], [13, 10, 46, 13, 10], [13, 13, 10], [],
        ]
        var input: [UInt8] = []
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            input += [UInt8](repeating: 97, count: Int.random(in: 0...78, using: &random))
            if Int.random(in: 0..<3, using: &random) == 0 { input += odd.randomElement(using: &random) ?? [] }
            input += [13, 10]
        }
        return input
    }

    @Test func `long texts agree with the reference, and every split of them`() {
        var random = SeededGenerator(seed: 821)
        var different = 0
        for _ in 0..<60 {
            let input = longText(&random)
            let wanted = reference(input)
            if encode([input]) != wanted { different += 1 }
            for cut in input.indices where encode([Array(input[..<cut]), Array(input[cut...])]) != wanted {
                different += 1
            }
            if encode(input.map { [$0] }) != wanted { different += 1 }
        }
        #expect(different == 0)
    }

    @Test func `an octet that must be changed is found at every place of a clean text`() {
        let line = [UInt8](repeating: 97, count: 30) + [13, 10]
        let text = Array([line, line, line, line, line, line].joined())
        for odd in [13, 10, 46] as [UInt8] {
            for place in text.indices {
                var input = text
                input[place] = odd
                #expect(encode([input]) == reference(input), "\(odd) at \(place)")
            }
        }
    }

    @Test func `only one end of data and no lone CR or LF leaves`() {
        var random = SeededGenerator(seed: 42)
        var stray = 0
        for _ in 0..<2_000 {
            let input = (0..<40).map { _ -> UInt8 in [13, 10, 46, 65].randomElement(using: &random) ?? 65 }
            let encoded = encode([input])
            var ends = 0
            for index in encoded.indices {
                if encoded[index] == 10, index == 0 || encoded[index - 1] != 13 { stray += 1 }
                if encoded[index] == 13, index + 1 == encoded.count || encoded[index + 1] != 10 { stray += 1 }
                let isLineStart = index == 0 || encoded[index - 1] == 10
                if isLineStart, encoded[index...].starts(with: [46, 13, 10]) { ends += 1 }
            }
            if ends != 1 || encoded.suffix(3) != [46, 13, 10] { stray += 1 }
        }
        #expect(stray == 0)
    }

    @Test(arguments: [13, 10, 46, 65] as [UInt8])
    func `eight megabytes of one octet are encoded in linear time`(_ octet: UInt8) {
        // A quadratic encoder would need hours: the test would never end.
        let input = [UInt8](repeating: octet, count: 8 << 20)
        let count = encode([input]).count
        switch octet {
        case 13, 10: #expect(count == input.count * 2 + 3)
        case 46: #expect(count == input.count + 1 + 2 + 3)
        default: #expect(count == input.count + 2 + 3)
        }
    }

    @Test func `a million pieces of one octet are encoded in linear time`() {
        let input = [UInt8](repeating: 65, count: 1 << 20)
        #expect(encode(input.map { [$0] }).count == input.count + 5)
    }

    @Test func `an encoder can be used again after the end`() {
        var encoder = SMTPDataEncoder()
        var output: [UInt8] = []
        for _ in 0..<2 {
            Array("a\r".utf8).withUnsafeBytes { encoder.encode($0, into: &output) }
            encoder.finish(into: &output)
        }
        #expect(output == Array("a\r\n.\r\na\r\n.\r\n".utf8))
    }
}
