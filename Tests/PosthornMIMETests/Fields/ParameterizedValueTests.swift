import Testing

@testable import PosthornMIME

struct ParameterizedValueTests {
    private func check(
        _ text: String,
        _ value: String,
        _ parameters: [String],
        _ defects: ReadingDefects? = [],
        location: Testing.SourceLocation = #_sourceLocation
    ) {
        let read = ParameterizedValue(Array(text.utf8))
        #expect(read.value == value, "\(text)", sourceLocation: location)
        #expect(read.parameters.map { "\($0.name)=\($0.value)" } == parameters, "\(text)", sourceLocation: location)
        if let defects { #expect(read.defects == defects, "\(text)", sourceLocation: location) }
    }

    @Test func `Values and parameters of the standard are read`() {
        check(" text/plain\r\n", "text/plain", [])
        check("text/plain; charset=us-ascii (Plain text)", "text/plain", ["charset=us-ascii"])
        check("(c) text (d) / (e) plain (f) ; (g) charset (h) = utf-8", "text/plain", ["charset=utf-8"], nil)
        check("multipart/mixed;\r\n\tBOUNDARY=\"a; b=c\"; x=1", "multipart/mixed", ["boundary=a; b=c", "x=1"])
        check("attachment; filename=\"a \\\"b\\\" \\\\c.txt\"", "attachment", ["filename=a \"b\" \\c.txt"])
        check("text/plain; a=;b=\"\"", "text/plain", ["a=", "b="])
        check("a/b;;; c=d ;", "a/b", ["c=d"])
        let read = ParameterizedValue(Array("Text/HTML; Charset=UTF-8".utf8))
        #expect(read["CHARSET"] == "UTF-8")
        #expect(read["none"] == nil)
        #expect(read.mediaType?.type == "text")
        #expect(read.mediaType?.subtype == "html")
        #expect(ParameterizedValue(Array("text".utf8)).mediaType == nil)
    }

    @Test func `Parameters in pieces are put together in any order`() {
        check("a/b; n*1=b; n*0=a; n*2=c", "a/b", ["n=abc"])
        check("a/b; n*0*=utf-8'de'Gr%C3; n*1*=%BC; n*2=\"%41\"", "a/b", ["n=Grü%41"])
        check("a/b; n*=iso-8859-1''%FC; m=1", "a/b", ["n=ü", "m=1"])
        check("a/b; n=plain; n*=utf-8''%C3%BC", "a/b", ["n=ü"])
        check("a/b; n*=utf-8''%C3%BC; n=plain", "a/b", ["n=ü"])
        check(
            "a/b; n*10=k; n*9=j; n*0=a; n*1=b; n*2=c; n*3=d; n*4=e; n*5=f; n*6=g; n*7=h; n*8=i",
            "a/b",
            ["n=abcdefghijk"]
        )
        let read = ParameterizedValue(Array("a/b; n*0*=ISO-8859-1'en-US'%E4; n*1*=b".utf8))
        #expect(read.parameter("n")?.charset == "ISO-8859-1")
        #expect(read.parameter("n")?.language == "en-US")
        #expect(read.octets(of: "n") == [0xE4, 0x62])
        #expect(read["n"] == "äb")
    }

    @Test func `Pieces that are wrong are read as far as they go`() {
        check("a/b; n*0=a; n*2=c", "a/b", ["n=ac"], .missingPiece)
        check("a/b; n*1=b; n*2=c", "a/b", ["n=bc"], .missingPiece)
        check("a/b; n*0=a; n*0=x; n*1=b", "a/b", ["n=ab"], .doubled)
        check("a/b; n*=%C3%BC", "a/b", ["n=ü"])
        check("a/b; n*=utf-8'%C3%BC", "a/b", ["n=utf-8'ü"])
        check("a/b; n*=utf-8''%C3%BC%4%GG%", "a/b", ["n=ü%4%GG%"])
        check("a/b; n*=klingon''a%FF", "a/b", ["n=a\u{FFFD}"], .unknownCharset)
        check("a/b; n*=''%FC", "a/b", ["n=\u{FFFD}"], .undeclaredOctets)
        check(
            "a/b; n*x=1; n**=2; *=3; n*99999999999999999999=4",
            "a/b",
            ["n*x=1", "n*=2", "*=3", "n*99999999999999999999=4"],
            nil
        )
        check("a/b; n*=\"utf-8''a%20b\"", "a/b", ["n=a b"])
        check("a/b; n*=utf-8''a%0D%0Ab", "a/b", ["n=a  b"], .controlCharacters)
    }

    @Test func `Encoded words in parameters are decoded`() {
        check("a/b; name=\"=?utf-8?Q?Gr=C3=BC?=\"", "a/b", ["name=Grü"], .misplacedEncodedWord)
        check("a/b; name==?utf-8?Q?Gr=C3=BC?=", "a/b", ["name=Grü"], nil)
        check("a/b; name=\"=?utf-8?B?R3LD?=\r\n =?utf-8?B?vA==?=\"", "a/b", ["name=Grü"], .misplacedEncodedWord)
        check("a/b; name=\"=?utf-8?Q?a?=\"\r\n \"=?utf-8?Q?b?=\"", "a/b", ["name=ab"], nil)
        check("a/b; n*0=\"=?utf-8?Q?\"; n*1=\"a=C3=BC?=\"", "a/b", ["n=aü"], .misplacedEncodedWord)
    }

    @Test func `Values without quotation marks are read to their end`() {
        check(
            "attachment; filename=my file (1).txt; size=3",
            "attachment",
            ["filename=my file (1).txt", "size=3"],
            .unquoted
        )
        check("attachment; filename=a=b.txt", "attachment", ["filename=a=b.txt"], .unquoted)
        check("a/b; charset=utf-8 name=x", "a/b", ["charset=utf-8", "name=x"], .missingSeparator)
        check("a/b; name=\"x\" charset=utf-8", "a/b", ["name=x", "charset=utf-8"], .missingSeparator)
        check("a/b; name=\"x\"charset=utf-8", "a/b", ["name=x", "charset=utf-8"], .missingSeparator)
        check("text/plain charset=utf-8", "text/plain", ["charset=utf-8"], .missingSeparator)
        check("text/plain, charset=utf-8", "text/plain", ["charset=utf-8"], nil)
        check("charset=utf-8", "", ["charset=utf-8"], [.missingSeparator, .missingValue])
        check("; charset=utf-8", "", ["charset=utf-8"], .missingValue)
        check("", "", [], .missingValue)
    }

    @Test func `Junk is passed over and named`() {
        check("a/b; junk; c=d", "a/b", ["c=d"], .extraText)
        check("a/b; junk c=d", "a/b", ["c=d"], .extraText)
        check("a/b junk; c=d", "a/b", ["c=d"], .extraText)
        check("a/b; =x; c=d", "a/b", ["c=d"], .extraText)
        check("a/b; c=\"d\" junk; e=f", "a/b", ["c=d", "e=f"], .extraText)
        check("a/b; c=\"d\"junk; e=f", "a/b", ["c=djunk", "e=f"], .extraText)
        check("a/b; c=\"d; e=f", "a/b", ["c=d", "e=f"], .unclosed)
        check("\"text/plain\"; c=d", "text/plain", ["c=d"], .extraText)
        check("a/b; c=1; C=2; c=3", "a/b", ["c=1", "c=2", "c=3"], .doubled)
        #expect(ParameterizedValue(Array("a/b; c=1; c=2".utf8))["c"] == "1")
    }

    @Test func `A boundary is given as its octets`() {
        let read = ParameterizedValue(Array("multipart/mixed; boundary=\"a".utf8) + [0xE4, 0xFF] + Array("\"".utf8))
        #expect(read.octets(of: "Boundary") == [0x61, 0xE4, 0xFF])
        #expect(read["boundary"] == "a\u{FFFD}\u{FFFD}")
        #expect(read.defects == .undeclaredOctets)
    }

    @Test func `A hundred thousand pieces out of order take time in proportion`() {
        var text = "a/b"
        for number in 0..<100_000 { text += "; n*\((number &* 7_919) % 100_000)=x" }
        let read = ParameterizedValue(Array(text.utf8))
        #expect(read["n"]?.utf8.count == 100_000)
        #expect(read.defects == [])
        var many = "a/b"
        for number in 0..<100_000 { many += ";p\(number)=1" }
        #expect(ParameterizedValue(Array(many.utf8)).parameters.count == 100_000)
    }

    @Test func `Much of anything takes time in proportion`() {
        for piece in [
            ";", "=", "a=", "a;", "a ", "\"", "(", "a=\"", "a=\"b\"c", "a=(", "%", "*", "n*=", "'", "n*='", "/", "a/",
            ",", "a=b ", "\\",
            "(a) ", "a = ", "<", "?", "a=\"b\" c", "=?utf-8?q?", "x=\"y\",", "=\"\"a", " =", "n*0=a;",
        ] {
            let octets = Array(String(repeating: piece, count: 60_000 / piece.utf8.count).utf8)
            for prefix in ["", "a/b; n=", "a/b; n=\"\"", "a/b; n*="] {
                #expect(ParameterizedValue(Array(prefix.utf8) + octets).parameters.count <= 60_000)
            }
        }
    }

    @Test func `Changed and cut values are always read, on one line`() {
        let good = Array(
            "(c) text/plain; a=\"b\\\"c\" d; n*1*=%C3%BC; n*0*=utf-8'x'y;\r\n m==?utf-8?q?z?= (k); q=r s t=u".utf8
        )
        for end in 0...good.count { _ = ParameterizedValue(good[..<end]) }
        for index in good.indices {
            for octet in UInt8.min...255 {
                var changed = good
                changed[index] = octet
                let read = ParameterizedValue(changed)
                let all = read.value + read.parameters.map { $0.name + $0.value }.joined()
                #expect(all.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0.value == 9 })
            }
        }
    }
}
