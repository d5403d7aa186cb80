import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct EncodedWordTests {
    @Test(
        "Encoded words are decoded as the examples of RFC 2047 say",
        arguments: [
            ("=?ISO-8859-1?Q?a?=", "a"), ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"), ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?_b?=", "a b"), ("=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"),
            ("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld Jørn Simonsen"),
            ("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard"),
            (
                "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-1?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
                "If you can read this you understand the example."
            ),
            ("=?iso-8859-15?q?=A4?=", "€"), ("=?windows-1252?q?=80=93?=", "€“"),
            ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
            ("=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße"), ("=?koi8-r?q?=F0?=", "=?koi8-r?q?=F0?="),
            ("=?utf-8?x?a?=", "=?utf-8?x?a?="), ("=?utf-8?q?a", "=?utf-8?q?a"), ("=?", "=?"), ("a =? b", "a =? b"),
            ("=?utf-8?q?a=0D=0ABcc=3A_x=00?=", "a  Bcc: x "), ("=?utf-8?q?=ZZ=4?=", "=ZZ=4"), ("=?utf-8?b??=", ""),
            ("x=?utf-8?q?a?=y", "xay"),
        ]
    )
    func examples(_ text: String, _ decoded: String) {
        #expect(EncodedWordDecoder.decode(text) == decoded)
    }

    @Test("No character is split between two encoded words")
    func wholeCharacters() throws {
        let text = String(repeating: "👩‍👩‍👧‍👦ä", count: 40)
        let octets = try HeaderField(.subject, .text(text)).serialized(utf8: false)
        let words = String(decoding: octets.dropFirst(8), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        #expect(words.count > 10)
        for word in words {
            #expect(word.utf8.count <= 75)
            let alone = EncodedWordDecoder.decode(String(word))
            #expect(!alone.contains("\u{FFFD}"))
            #expect(alone.allSatisfy { $0 == "👩‍👩‍👧‍👦" || $0 == "ä" })
        }
    }

    @Test("Long hostile text is decoded in one pass")
    func hostile() {
        for piece in ["=?", "=?utf-8?q?", "=?utf-8?q?a?=", "=?utf-8?b?", "=?a?", "?="] {
            let text = String(repeating: piece, count: 300_000 / piece.count)
            #expect(!EncodedWordDecoder.decode(text).contains("\n"))
        }
    }
}
