import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct TNEFPartTests {
    private typealias W = TNEFWriter

    private func parts(_ build: (inout TNEFWriter) -> Void) -> [TNEFPart] {
        var writer = TNEFWriter()
        build(&writer)
        return TNEFDecoder.decode(writer.octets).parts
    }

    @Test func `the bodies come first and then the attachments`() {
        let parts = parts {
            $0.properties([
                W.text(0x1000_001F, "Grüße"), W.binary(0x1013_0102, [0xE4]), W.integer(0x3FDE_0003, 1252),
                W.binary(0x1009_0102, W.storedRTF(#"{\rtf1 x}"#)),
            ])
            $0.attachment(title: "a.pdf", [1, 2])
        }
        #expect(parts.map(\.contentType) == ["text/plain", "text/html", "text/rtf", "application/pdf"])
        #expect(parts.map(\.charset) == ["utf-8", "windows-1252", nil, nil])
        #expect(parts.map(\.isBody) == [true, true, true, false])
        #expect(parts.map(\.isInline) == [true, true, true, false])
        #expect(parts.map(\.fileName) == [nil, nil, nil, "a.pdf"])
        #expect(Array(parts[0].octets) == Array("Grüße".utf8))
        #expect(Array(parts[1].octets) == [0xE4])
        #expect(Array(parts[3].octets) == [1, 2])
    }

    @Test func `RTF that was HTML is not offered twice`() {
        let rtf = W.storedRTF(#"{\rtf1\fromhtml1 {\*\htmltag <p>}\u228?}"#)
        let parts = parts { $0.properties([W.binary(0x1009_0102, rtf)]) }
        #expect(parts.map(\.contentType) == ["text/html"])
        #expect(parts[0].charset == "utf-8")
        #expect(Array(parts[0].octets) == Array("<p>ä".utf8))
        let text = self.parts { $0.properties([W.binary(0x1009_0102, W.storedRTF(#"{\rtf1\fromtext a}"#))]) }
        #expect(text.map(\.contentType) == ["text/plain"])
    }

    @Test func `a name leads to no other folder`() {
        let names = [
            ("../../etc/passwd", "passwd"), ("C:\\Temp\\a.txt", "a.txt"), ("..", nil), ("a\u{7}b\r\n.txt", "ab.txt"),
            ("/", nil), ("", nil), ("plain.txt", "plain.txt"),
        ]
        let parts = parts {
            for (name, _) in names { $0.attachment(title: nil, [1], properties: [W.text(0x3707_001F, name)]) }
        }
        #expect(parts.map(\.fileName) == names.map(\.1))
    }

    @Test func `the type is the sender's, or that of the name, or unknown`() {
        let parts = parts {
            $0.attachment(title: "a.png", [1], properties: [W.text(0x370E_001E, "Image/X-Own")])
            $0.attachment(title: "a.png", [1], properties: [W.text(0x370E_001E, "nonsense; x")])
            $0.attachment(title: "a", [1])
            $0.attachment(title: nil, nil, properties: [W.object(W.storageInterface, [1])])
            $0.attachment(title: nil, nil, properties: [W.object(W.messageInterface, TNEFWriter().octets)])
            $0.attachment(
                title: "a.txt",
                [1],
                properties: [W.binary(0x3702_0102, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x14, 0x03, 0x0B, 0x01])]
            )
        }
        #expect(
            parts.map(\.contentType) == [
                "image/x-own", "image/png", "application/octet-stream", "application/octet-stream",
                "application/ms-tnef", "application/macbinary",
            ]
        )
        #expect(Array(parts[4].octets) == TNEFWriter().octets)
    }

    @Test func `no text of an attachment can begin another field`() {
        let list = [W.text(0x3712_001F, "<a\r\nX: y>"), W.text(0x3713_001F, "b\u{0}\nc")]
        let parts = parts { $0.attachment(title: "a", [1], properties: list) }
        #expect(parts.map(\.contentID) == ["aX: y"])
        #expect(parts.map(\.contentLocation) == ["bc"])
    }

    @Test func `a picture of the body is inline`() {
        let list = [W.text(0x3712_001F, "a@b"), W.integer(0x3714_0003, 4)]
        let parts = parts {
            $0.attachment(title: "a.png", [1], properties: list)
            $0.attachment(title: "a.png", [1], properties: [list[0]])
            $0.attachment(title: "a.png", [1], properties: [list[0], W.boolean(0x7FFE_000B, true)])
            $0.attachment(title: "a.png", [1], properties: [list[1]])
        }
        #expect(parts.map(\.isInline) == [true, false, true, false])
        #expect(parts.map(\.contentID) == ["a@b", "a@b", "a@b", nil])
    }
}
