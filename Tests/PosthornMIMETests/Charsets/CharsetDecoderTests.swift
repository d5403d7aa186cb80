import TestSupport
import Testing

@testable import PosthornMIME

struct CharsetDecoderTests {
    private func decode(_ charset: TextCharset, _ octets: [UInt8], cut: Int) -> (String, Int) {
        var output: [UInt8] = []
        var decoder = CharsetDecoder(charset)
        decoder.decode(octets[..<cut], into: &output)
        decoder.decode(octets[cut...], into: &output)
        decoder.finish(into: &output)
        return (String(decoding: output, as: UTF8.self), decoder.replacements)
    }

    @Test func `Any octets cut anywhere give the text of the whole`() {
        var generator = SeededGenerator(seed: 7)
        for charset in CharsetTable.shared.all where charset.method != .undeclared {
            for _ in 0..<4 {
                let octets = (0..<40).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
                let whole = charset.decode(octets)
                for cut in 0...octets.count {
                    let (text, replacements) = decode(charset, octets, cut: cut)
                    guard text != whole.text || replacements != whole.replacements else { continue }
                    Issue.record("\(charset.name) \(octets) cut at \(cut)")
                    return
                }
            }
        }
    }

    @Test func `Every octet and every pair of octets can be read in every character set`() {
        for charset in CharsetTable.shared.all {
            var octets: [UInt8] = []
            for first in UInt8.min...255 { octets += [first, 0x20, first &+ 0x31, 0x0A] }
            let text = charset.decode(octets)
            #expect(!text.text.isEmpty)
        }
    }

    @Test func `ASCII in pieces is UTF-8 where it is, and windows-1252 for the rest`() {
        for cut in 0...8 {
            let octets: [UInt8] = Array("aü".utf8) + [0x62, 0xFC, 0x63, 0x80, 0x64]
            #expect(decode(.usASCII, octets, cut: cut).0 == "aübüc€d")
        }
        #expect(decode(.usASCII, [0xFC, 0xC3, 0xA9], cut: 1).0 == "üÃ©")
        #expect(decode(.usASCII, [0x61, 0xC3], cut: 1).0 == "aÃ")
    }

    @Test func `A byte order mark stays in UTF-8 and goes in UTF-16`() {
        #expect(TextCharset.utf8.decode([0xEF, 0xBB, 0xBF, 0x61]).text == "\u{FEFF}a")
        #expect(TextCharset.declared("utf-16be").decode([0xFE, 0xFF, 0x00, 0x61]).text == "a")
    }

    @Test func `A long text has the octets of the short one many times`() {
        for (label, hex, text) in TextCharsetTests.samples where !hex.hasPrefix("fffe") && !hex.hasPrefix("feff") {
            // Escapes and shifts end with the line.
            let line = TextCharset.declared(label)
            guard !label.lowercased().hasPrefix("utf-") else { continue }
            let octets = Array(repeatElement(TextCharsetTests.octets(hex) + [0x0A], count: 500).joined())
            #expect(line.decode(octets).text == String(repeating: text + "\n", count: 500), "\(label)")
        }
    }

    @Test func `Many decoders at once do not disturb each other`() async {
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                group.addTask {
                    let sample = TextCharsetTests.samples[index % TextCharsetTests.samples.count]
                    return (0..<50).allSatisfy { _ in
                        TextCharset.declared(sample.label).decode(TextCharsetTests.octets(sample.hex)).text
                            == sample.text
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
