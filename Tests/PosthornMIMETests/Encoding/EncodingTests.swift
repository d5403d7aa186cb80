import Foundation
import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct EncodingTests {
    @Test("Base64 is what others make of it, for every length up to three lines")
    func base64() {
        let octets = (0..<180).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }
        for count in 0...octets.count {
            let piece = Array(octets.prefix(count))
            let encoded = Base64Encoder.encode(piece)
            let expected = Data(piece).base64EncodedString(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ])
            #expect(String(decoding: encoded, as: UTF8.self) == expected)
            #expect(Base64Encoder.encodedSize(of: UInt64(count)) == UInt64(encoded.count))
        }
        #expect(Base64Encoder.encodedSize(of: UInt64.max / 2) > 0)
    }

    @Test("Quoted-printable follows RFC 2045")
    func quotedPrintable() {
        func encode(_ text: String) -> String {
            String(decoding: QuotedPrintableEncoder.encode(Array(text.utf8)), as: UTF8.self)
        }
        #expect(encode("Grüße = 1") == "Gr=C3=BC=C3=9Fe =3D 1")
        #expect(encode("a \r\nb\t\r\n") == "a=20\r\nb=09\r\n")
        #expect(encode("a ") == "a=20")
        #expect(encode(".\r\nFrom x\r\n..") == "=2E\r\n=46rom x\r\n=2E.")
        #expect(encode("\r") == "=0D")
        #expect(encode(String(repeating: "a", count: 76)) == String(repeating: "a", count: 76))
        #expect(encode(String(repeating: "a", count: 77)) == String(repeating: "a", count: 75) + "=\r\naa")
        #expect(encode(String(repeating: "ä", count: 13)) == String(repeating: "=C3=A4", count: 12) + "=C3=\r\n=A4")
    }

    @Test("Line ends of all kinds become CRLF")
    func lines() {
        #expect(TextLines("a\nb\rc\r\nd\n\re").octets == Array("a\r\nb\r\nc\r\nd\r\n\r\ne".utf8))
        #expect(TextLines("abc\nde").longestLine == 3)
        #expect(TextLines("ä").longestLine == 2)
        #expect(!TextLines("ä").isASCII)
        #expect(TextLines("a\u{0}").hasNUL)
    }

    @Test("A boundary is not taken that a text holds")
    func boundaries() {
        let octets = Array("x==_ab=_abc".utf8)
        #expect(TextLines.holds(octets, Array("=_abc".utf8)))
        #expect(!TextLines.holds(octets, Array("=_abd".utf8)))
        #expect(!TextLines.holds([], Array("=_abd".utf8)))
    }
}
