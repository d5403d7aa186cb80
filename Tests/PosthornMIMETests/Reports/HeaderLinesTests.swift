import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct HeaderLinesTests {
    private func blocks(_ text: String) -> [[String]] {
        HeaderLines(Array(text.utf8)[...]).blocks.map { $0.map { "\($0.name)|\($0.value)" } }
    }

    @Test func `Fields are read, whatever ends their lines`() {
        for end in ["\r\n", "\n", "\r"] {
            let text = ["A: 1", "b :2 ", "", "C:", "D: x: y", "", "", ""].joined(separator: end)
            #expect(blocks(text) == [["A|1", "b|2"], ["C|", "D|x: y"]])
        }
        #expect(blocks("").isEmpty)
        #expect(blocks("\r\n \r\n\t").isEmpty)
        #expect(blocks("\u{FEFF}A: 1") == [["A|1"]])
    }

    @Test func `Folded lines are joined, and so are lines that are no field`() {
        #expect(
            blocks("A: 1\r\n 2\r\n\t3: x\r\nB:\r\n 4\r\nno field\r\nC: 5") == [["A|1 2 3: x", "B|4 no field", "C|5"]]
        )
        #expect(blocks("no field\nA: 1") == [["|no field", "A|1"]])
        #expect(blocks("\n  A: 1\n  B: 2") == [["A|1 B: 2"]])
        #expect(blocks(": x") == [["|: x"]])
        #expect(blocks("ä: x") == [["|ä: x"]])
        #expect(blocks("A:\n\nB: 1") == [["A|"], ["B|1"]])
    }

    @Test func `What is not UTF-8 is seen`() {
        let octets = Array("A: x".utf8) + [0xFC, 0x0A] + Array("B: ü".utf8)
        #expect(HeaderLines(octets[...]).fields.map(\.value) == ["x\u{FFFD}", "ü"])
    }

    @Test func `Counts and names have limits`() {
        let many = String(repeating: "A: 1\n", count: HeaderLines.largestCount)
        #expect(HeaderLines(Array(many.utf8)[...]).isComplete)
        let more = HeaderLines(Array((many + "\nB: 2").utf8)[...])
        #expect(!more.isComplete)
        #expect(more.fields.count == HeaderLines.largestCount)
        let name = String(repeating: "n", count: HeaderLines.longestName)
        #expect(blocks("\(name): 1") == [["\(name)|1"]])
        #expect(blocks("\(name)n: 1") == [["|\(name)n: 1"]])
        let folded = "A: 1" + String(repeating: "\n x", count: 100_000)
        #expect(HeaderLines(Array(folded.utf8)[...]).fields.count == 1)
    }

    @Test func `Fields are found by name in any case`() {
        let fields = ReportFields([.init(name: "X-a", value: ""), .init(name: "x-A", value: "1")])
        #expect(fields["X-A"] == "")
        #expect(fields.values("x-a") == ["", "1"])
        #expect(fields.text("x-a") == "1")
        #expect(fields["X"] == nil)
        #expect(fields.count == 2)
        #expect(fields[1].description == "x-A: 1")
    }

    @Test func `xtext is decoded and encoded`() {
        #expect(XText.decode("a+2Bb+40c") == "a+b@c")
        #expect(XText.decode("a+C3+BC") == "aü")
        #expect(XText.decode("a+FF") == "a\u{FFFD}")
        for bad in ["a+2b", "a+2", "a+", "a=b", "a b", "ä", "a+GG"] { #expect(XText.decode(bad) == nil) }
        #expect(XText.encode("a+b=c ü") == "a+2Bb+3Dc+20+C3+BC")
        let all = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init)))
        #expect(XText.decode(XText.encode(all)) == all)
    }

    @Test func `Addresses of the type utf-8 are decoded`() {
        #expect(XText.decodeUTF8Address("\\x{FC}ser\\x{5C}@\\x{1F4A9}.example") == "üser\\@💩.example")
        for odd in [
            "\\x{}", "\\x{D800}", "\\x{110000}", "\\x{0A}", "\\x{FC", "\\x{1234567}", "\\x", "\\", "\\y{FC}", "\\x{85}",
        ] {
            #expect(XText.decodeUTF8Address(odd) == odd)
        }
    }
}
