import Testing

@testable import PosthornIMAP

@Suite struct LineEndNormalizerTests {
    private func normalized(_ pieces: [[UInt8]]) -> [UInt8] {
        var normalizer = LineEndNormalizer()
        let octets = pieces.flatMap { normalizer.normalized($0) }
        return octets + normalizer.finish()
    }

    static let samples: [(String, String)] = [
        ("", ""), ("a", "a"), ("a\r\nb\r\n", "a\r\nb\r\n"), ("a\nb", "a\r\nb"), ("a\rb", "a\r\nb"), ("\n", "\r\n"),
        ("\r", "\r\n"), ("\r\r", "\r\n\r\n"), ("\n\n", "\r\n\r\n"), ("\n\r", "\r\n\r\n"), ("\r\n\r\n", "\r\n\r\n"),
        ("\r\r\n", "\r\n\r\n"), ("\r\n\n", "\r\n\r\n"), ("a\r\n\rb\n\r\n", "a\r\n\r\nb\r\n\r\n"),
        ("a\r\n\r", "a\r\n\r\n"),
    ]

    @Test(arguments: samples) func `Every line ends with CR LF, however it is split`(_ text: String, _ expected: String)
    {
        let octets = Array(text.utf8)
        #expect(normalized([octets]) == Array(expected.utf8))
        #expect(normalized(octets.map { [$0] }) == Array(expected.utf8))
        for first in 0...octets.count {
            for second in first...octets.count {
                let pieces = [octets[..<first], octets[first..<second], octets[second...]].map(Array.init)
                #expect(normalized(pieces) == Array(expected.utf8), "\(first), \(second)")
            }
        }
    }

    @Test func `All short texts of line ends come out well formed, and once more unchanged`() {
        for length in 0...7 {
            for number in 0..<Int(0x1 << (2 * length)) {
                let octets = (0..<length).map { [0x0D, 0x0A, 0x61, 0x0D][number >> (2 * $0) & 3] as UInt8 }
                let result = normalized([octets])
                var last: UInt8 = 0
                for octet in result + [0] {
                    #expect((octet == 0x0A) == (last == 0x0D))
                    last = octet
                }
                #expect(normalized([result]) == result)
                #expect(result.filter { $0 == 0x61 } == octets.filter { $0 == 0x61 })
            }
        }
    }
}
