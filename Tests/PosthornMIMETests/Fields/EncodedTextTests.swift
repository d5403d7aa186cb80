import TestSupport
import Testing

@testable import PosthornMIME

struct EncodedTextTests {
    private func text(_ value: String) -> String {
        EncodedText.decode(Array(value.utf8)).text
    }

    @Test func `Encoded words are decoded in both encodings and any character set`() {
        #expect(text("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=") == "Grüße")
        #expect(text("=?UTF-8?b?R3LDvMOfZQ==?=") == "Grüße")
        #expect(text("=?iso-8859-1*de?q?Gr=FC=DFe_und?= mehr") == "Grüße und mehr")
        #expect(text("=?koi8-r?B?8NLJ18XU?=") == "Привет")
        #expect(text("=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=") == "日本語")
        #expect(text("=?gb2312?B?1tDOxA==?=") == "中文")
        #expect(text("=?us-ascii?Q?a?=") == "a")
    }

    @Test func `White space between two words goes, between a word and text it stays`() {
        #expect(text("=?utf-8?q?a?= =?utf-8?q?b?=") == "ab")
        #expect(text("=?utf-8?q?a?=\r\n\t =?utf-8?q?b?= c") == "ab c")
        #expect(text("=?utf-8?q?a?= \t =?iso-8859-1?q?b?=") == "ab")
        #expect(text("x =?utf-8?q?a?=") == "x a")
        #expect(text("=?utf-8?q?a_?= =?utf-8?q?_b?=") == "a  b")
    }

    @Test func `A character cut between two words is put together`() {
        #expect(text("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=") == "Grüße")
        #expect(text("=?utf-8?B?R3LD?= =?UTF8?Q?=BC?=") == "Grü")
        let cut = EncodedText.decode(Array("=?utf-8?q?=C3?= x =?utf-8?q?=BC?=".utf8))
        #expect(cut.text == "\u{FFFD} x \u{FFFD}")
        #expect(cut.replacements == 2)
        #expect(cut.defects == .invalidOctets)
    }

    @Test func `Words that break the rules are read as they are meant`() {
        #expect(text("a=?utf-8?q?b?=c") == "abc")
        #expect(text("=?utf-8?q?a b c?=") == "a b c")
        #expect(text("=?utf-8?B?R3LD vMOf ZQ?=") == "Grüße")
        #expect(text("=?utf-8?B?R3LDvMOfZQ?=") == "Grüße")
        #expect(text("=?utf-8?B?YQ==Yg==?=") == "ab")
        #expect(text("=?utf-8?q?Was?=20Wo?=") == "Was? Wo")
        #expect(text("=?utf-8?q?=41?=") == "A")
        #expect(text("=?utf-8?q?100=?=") == "100=")
        #expect(text("=?utf-8?q?=4?= =?utf-8?q?=GG?=") == "=4=GG")
        #expect(text("=?utf-8?q??=") == "")
        #expect(text("=?utf-8?q?a\r\n b?=") == "a b")
    }

    @Test func `What is no word stays, and is named`() {
        for value in ["=?utf-8?q?abc", "=?utf-8?B?abc==", "=?utf-8?x?a?=", "=??q?a?=", "a =? b", "=?utf-8?q?"] {
            let decoded = EncodedText.decode(Array(value.utf8))
            #expect(decoded.text == value)
            #expect(decoded.defects == .brokenEncodedWord, "\(value)")
        }
        #expect(text("=?utf-8?q?abc =?utf-8?q?d?=") == "=?utf-8?q?abc d")
        #expect(text("=?utf-8?q?abc=?utf-8?q?d?=") == "=?utf-8?q?abcd")
        #expect(EncodedText.decode(Array("=?utf-8?q?a?=".utf8)).defects == [])
        #expect(EncodedText.decode(Array("1 + 1 = 2?".utf8)) == DecodedText("1 + 1 = 2?"))
    }

    @Test func `An unknown character set leaves its ASCII and a defect`() {
        let decoded = EncodedText.decode(Array("=?klingon?q?a=E4=E4b?=".utf8))
        #expect(decoded == DecodedText("a\u{FFFD}b", replacements: 1, defects: .unknownCharset))
    }

    @Test func `Octets that are not ASCII are UTF-8, and what is not that is shown as such`() {
        #expect(EncodedText.decode(Array("Grüße".utf8)) == DecodedText("Grüße"))
        #expect(
            EncodedText.decode([0x47, 0x72, 0xFC, 0x80])
                == DecodedText("Gr\u{FFFD}\u{FFFD}", replacements: 2, defects: .undeclaredOctets)
        )
        let mixed = EncodedText.decode(Array("=?utf-8?q?=C3=BC?= ".utf8) + [0xFC])
        #expect(mixed == DecodedText("ü \u{FFFD}", replacements: 1, defects: .undeclaredOctets))
    }

    @Test func `Folds go and the text has one line`() {
        #expect(text(" a\r\n b\n\tc\r\n") == "a b c")
        #expect(text("a\r\nb\rc") == "a b c")
        let hidden = EncodedText.decode(Array("=?utf-8?q?a=0D=0ABcc:_x=00=7F=C2=85=E2=80=A8=09b?=".utf8))
        #expect(hidden.text == "a  Bcc: x    \tb")
        #expect(hidden.defects == .controlCharacters)
        #expect(EncodedText.decode([0x61, 0x00, 0x1B, 0x62]).text == "a  b")
    }

    @Test func `Nothing that words hold brings a control character into the text`() {
        var generator = SeededGenerator(seed: 3)
        let labels = ["utf-8", "utf-16", "iso-2022-jp", "x", "big5", "iso-8859-2", "utf-7", "us-ascii"]
        for round in 0..<400 {
            let payload = (0..<30).map { _ in
                let digits = String(UInt8(truncatingIfNeeded: generator.next() >> 32), radix: 16)
                return "=" + (digits.count == 1 ? "0" : "") + digits.uppercased()
            }
            let decoded = text("=?\(labels[round % labels.count])?Q?\(payload.joined())?=")
            #expect(decoded.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control || $0 == "\t" })
        }
    }

    @Test func `Much of anything takes time in proportion`() {
        for piece in [
            "=?utf-8?", "=?utf-8?q?", "=?utf-8?q?a?=", "=?", "?=", "=?utf-8?q?= =", "=", "=?a?b?=20?=", "=?utf-8?Q?x ",
        ] {
            let octets = Array(String(repeating: piece, count: 60_000 / piece.utf8.count).utf8)
            #expect(EncodedText.decode(octets).text.utf8.count <= octets.count)
        }
    }
}
