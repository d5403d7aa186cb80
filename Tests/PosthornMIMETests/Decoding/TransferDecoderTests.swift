import TestSupport
import Testing

@testable import PosthornMIME

@Suite struct TransferDecoderTests {
    private func decode(_ text: String, as name: String) -> (text: String, defects: TransferDefects) {
        let decoding = FuzzDecoding.of(Array(text.utf8), name, sizes: [])
        for size in 1...5 {
            #expect(FuzzDecoding.of(Array(text.utf8), name, sizes: [size]) == decoding, "\(text) in pieces of \(size)")
        }
        return (String(decoding: decoding.octets, as: UTF8.self), decoding.defects)
    }

    @Test(
        arguments: [
            ("aGVsbG8=", "hello", []), ("aGVsbG8", "hello", .missingPadding), ("aGVs\r\nbG8=\r\n", "hello", []),
            ("a G\tV s b\nG 8 =", "hello", []), ("*aGV-sbG8=", "hello", .illegalOctets),
            ("aGVsbG8=aGVsbG8=", "hellohello", .dataAfterPadding),
            ("aGVsbG8=a", "hello", [.dataAfterPadding, .truncated]),
            ("a", "", .truncated), ("====", "", []), ("", "", []),
        ] as [(String, String, TransferDefects)]
    )
    func `base64, and what was made of it on the way`(_ text: String, _ expected: String, _ defects: TransferDefects) {
        let decoded = decode(text, as: "base64")
        #expect(decoded.text == expected && decoded.defects == defects)
    }

    @Test(
        arguments: [
            ("a=3Db", "a=b", []), ("a=3db", "a=b", []), ("a=\r\nb=\nc", "abc", []), ("a= \t\r\nb", "ab", []),
            ("a \t\r\nb  ", "a\r\nb", []), ("a=20\r\nb", "a \r\nb", []), ("a=4", "a=4", .malformedEscape),
            ("a=zz=", "a=zz", [.malformedEscape, .truncated]), ("a==41", "a=A", .malformedEscape), ("a=\rb", "ab", []),
            ("a  b = c", "a  b = c", .malformedEscape), ("\r\n\r\n", "\r\n\r\n", []),
        ] as [(String, String, TransferDefects)]
    )
    func `quoted-printable, and what was made of it on the way`(
        _ text: String,
        _ expected: String,
        _ defects: TransferDefects
    ) {
        let decoded = decode(text, as: "quoted-printable")
        #expect(decoded.text == expected && decoded.defects == defects)
    }

    @Test func `a run of white space that never ends is not kept in memory`() {
        let text = "a" + String(repeating: " ", count: 20_000)
        let decoded = decode(text + "b", as: "quoted-printable")
        #expect(decoded.text == text + "b" && decoded.defects.isEmpty)
        for end in ["\n", "\r\n", ""] {
            let kept = decode(text + end, as: "quoted-printable")
            #expect(kept.text == text + end && kept.defects == .longWhiteSpace)
        }
        let short = "a" + String(repeating: " ", count: 4_096)
        #expect(decode(short + "\n", as: "quoted-printable").text == "a\n")
    }

    @Test(
        arguments: [
            ("begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "abc", []), ("text\nbegin 644 a\n#86)C\n \nend", "abc", []),
            ("begin 644 a\n#86)C\n", "abc", .missingFrame), ("no data", "", .missingFrame),
            ("begin 644 a\n\"86(\n`\nend\n", "ab", []),
        ] as [(String, String, TransferDefects)]
    )
    func `uuencoded data`(_ text: String, _ expected: String, _ defects: TransferDefects) {
        let decoded = decode(text, as: "x-uuencode")
        #expect(decoded.text == expected && decoded.defects == defects)
    }

    @Test func `lines that say more than they have do not fill the memory`() {
        let text = "begin 644 a\n" + String(repeating: "M\n", count: 100_000) + "end\n"
        let count = FuzzDecoding.of(Array(text.utf8), "uuencode", sizes: []).octets.count
        #expect((1 << 20...(1 << 20) / 44 * 45 + 100).contains(count))
    }

    @Test(arguments: [
        ("base64", "base64", true), ("BASE64 ", "base64", true), ("\"base64\"", "base64", true),
        ("base64; x", "base64", true),
        ("Quoted-Printable (x)", "quoted-printable", true), ("8bit", "8bit", true), ("x-foo", "x-foo", false),
        ("", "", true),
    ])
    func `the name of an encoding is read as it comes`(_ text: String, _ name: String, _ isKnown: Bool) {
        let encoding = TransferEncoding(text.utf8)
        #expect(encoding.name == name && encoding.isKnown == isKnown)
    }

    @Test func `uuencoded files in a text are found`() {
        let text = "Hello\nbegin 644 my file.txt\n#86)C\n`\nend\nbegin 644 is a text\nand no file\nbye\n"
        let blocks = UUBlock.find(in: Array(text.utf8))
        #expect(blocks.map(\.fileName) == ["my file.txt"] && blocks.map(\.octets) == [Array("abc".utf8)])
        #expect(blocks.map(\.mode) == [0o644] && blocks.map(\.range) == [6..<40])
    }

    @Test func `random octets are decoded as by the book`() {
        var random = SeededGenerator(seed: 2_045)
        for _ in 0..<200 {
            let octets = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            var encoded = Base64Encoder.encode(octets)
            #expect(FuzzDecoding.of(encoded, "base64", sizes: []).octets == octets)
            // Damage: whatever it is, fast and slow agree.
            for _ in 0..<3 where !encoded.isEmpty {
                encoded[Int.random(in: 0..<encoded.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let size = Int.random(in: 1...100, using: &random)
            let damaged = FuzzDecoding.of(encoded, "base64", sizes: [size]).octets
            #expect(damaged == FuzzDecoding.base64(encoded), "\(encoded)")
        }
    }
}
