import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct TNEFDecoderTests {
    private typealias W = TNEFWriter

    private func decode(_ build: (inout TNEFWriter) -> Void) -> TNEFMessage {
        var writer = TNEFWriter()
        build(&writer)
        return TNEFDecoder.decode(writer.octets)
    }

    @Test func `a message with everything is read as it was written`() throws {
        let message = TNEFDecoder.decode(TNEFWriter.everything())
        #expect(message.defects.isEmpty)
        #expect(message.key == 0x1234)
        #expect(message.subject == "Grüße")
        #expect(message.messageClass == "IPM.Note")
        #expect(message.sender?.name == "Anna")
        #expect(message.sender?.smtpAddress == "anna@muster.example")
        #expect(message.importance == 2)
        #expect(message.sent == TNEFDate(secondsSinceEpoch: 1_077_038_735))
        #expect(message.recipients.map(\.kind) == [.to, .cc])
        #expect(message.recipients.map(\.address.name) == ["Bert", "Cleo"])
        #expect(message.recipients[0].address.smtpAddress == "bert@muster.example")
        #expect(message.htmlBody?.octets == Array("<p>Hi</p>".utf8))
        #expect(message.htmlBody?.codePage == 65001)
        #expect(message.attachments.count == 2)
        #expect(message.attachments[0].fileName == "long name.txt")
        #expect(message.attachments[0].shortFileName == "LONGNA~1.TXT")
        #expect(Array(message.attachments[0].octets) == Array("content".utf8))
        let inner = try #require(message.attachments[1].message)
        #expect(message.attachments[1].method == .message)
        #expect(inner.key == 7)
        #expect(inner.subject == "Inner")
        #expect(inner.plainBody == "Inner body")
        #expect(inner.attachments.map(\.fileName) == ["inner.txt"])
    }

    @Test func `attributes alone make a message, as of old`() {
        let message = decode {
            $0.add(0x0001_8004, text: "Subject")
            $0.add(0x0002_800C, text: "Body")
            $0.add(0x0007_8008, text: "IPM.Microsoft Schedule.MtgReq")
            $0.add(0x0004_800D, [1, 0])
            $0.add(0x0003_8005, [0xD4, 7, 2, 0, 17, 0, 11, 0, 25, 0, 35, 0, 2, 0])
            $0.add(0x0003_8006, [0xD4, 7, 2, 0, 29, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            $0.add(0x0003_8020, [0xB2, 7, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0])
            $0.add(0x0003_0006, [0xD0, 7, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            $0.add(0x0003_0007, [0xD0, 7, 2, 0, 29, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            $0.add(
                0x0000_8000,
                [4, 0, 34, 0, 6, 0, 20, 0] + Array("Anna\0\0SMTP:anna@x.example\0".utf8)
                    + [UInt8](repeating: 0, count: 8)
            )
            $0.add(0x0006_0001, [5, 0] + Array("Boss\0".utf8) + [15, 0] + Array("SMTP:b@x.exam\0\0".utf8))
        }
        #expect(message.defects.isEmpty)
        #expect(message.subject == "Subject")
        #expect(message.plainBody == "Body")
        #expect(message.messageClass == "IPM.Schedule.Meeting.Request")
        #expect(message.importance == 2)
        #expect(message.sent == TNEFDate(secondsSinceEpoch: 1_077_017_135, isUTC: false))
        #expect(message.received?.secondsSinceEpoch == 1_078_012_800)
        #expect(message.modified?.secondsSinceEpoch == 1)
        #expect(message.start?.secondsSinceEpoch == 951_868_800)
        #expect(message.end?.secondsSinceEpoch == 951_782_400)
        #expect(message.sender == TNEFAddress(name: "Anna", type: "SMTP", address: "anna@x.example"))
        #expect(message.sender?.smtpAddress == "anna@x.example")
        #expect(message.sentRepresenting?.name == "Boss")
        #expect(message.sentRepresenting?.address == "b@x.exam")
    }

    @Test func `a wrong checksum is noted and the attribute read`() {
        let message = decode { $0.add(0x0001_8004, Array("Hello\0".utf8), checksum: 1) }
        #expect(message.subject == "Hello")
        #expect(message.defects == [TNEFDefect(.checksum, at: 40)])
    }

    @Test func `what is no TNEF is an empty message with a defect`() {
        for octets: [UInt8] in [[], [0x78], Array("%PDF-1.7".utf8)] {
            let message = TNEFDecoder.decode(octets)
            #expect(message.attributes.isEmpty)
            #expect(message.defects == [TNEFDefect(.noSignature, at: 0)])
            #expect(!TNEFDecoder.isTNEF(octets))
        }
        #expect(TNEFDecoder.isTNEF(TNEFWriter().octets))
        #expect(TNEFDecoder.decode([0x78, 0x9F, 0x3E, 0x22, 1]).defects.map(\.kind) == [.truncated])
    }

    @Test func `octets after the last attribute are noted, and nothing before them is lost`() {
        let endings: [([UInt8], TNEFDefect.Kind)] = [([0, 13, 10, 32], .trailingOctets), ([0, 1], .notAnAttribute)]
        for (rest, kind) in endings {
            let message = decode {
                $0.add(0x0001_8004, text: "Hello")
                $0.append(rest)
            }
            #expect(message.subject == "Hello")
            #expect(message.defects.map(\.kind) == [kind])
        }
    }

    @Test func `an attachment that is cut off keeps what there is of it`() {
        var writer = TNEFWriter()
        writer.attachment(title: nil, [UInt8](repeating: 65, count: 100))
        let message = TNEFDecoder.decode(writer.octets.dropLast(52))
        #expect(message.attachments.map(\.octets.count) == [50])
        #expect(message.defects.map(\.kind) == [.truncated])
    }

    @Test func `the code page counts wherever it stands, and reaches the hook`() {
        var writer = TNEFWriter(codePage: nil)
        writer.add(0x0001_8004, [0xCF, 0xF0, 0])
        writer.add(0x0006_9007, W.little(UInt32(1251)) + W.little(UInt32(0)))
        let message = TNEFDecoder.decode(writer.octets) { page, octets in "\(page):\(Array(octets))" }
        #expect(message.codePage == 1251)
        #expect(message.subject == "1251:[207, 240]")
        #expect(TNEFDecoder.decode(writer.octets).subject == "Пр")
        var western = TNEFWriter(codePage: nil)
        western.add(0x0001_8004, [0x80, 0xFC, 0])
        #expect(TNEFDecoder.decode(western.octets).subject == "€ü")
    }

    @Test func `attachments without rendering data do not run into each other`() {
        let message = decode {
            $0.add(0x0001_8010, level: 2, text: "a.txt")
            $0.add(0x0006_800F, level: 2, [1])
            $0.add(0x0001_8010, level: 2, text: "b.txt")
            $0.add(0x0006_800F, level: 2, [2])
            $0.add(0x0006_800F, level: 2, [3])
        }
        #expect(message.attachments.map(\.fileName) == ["a.txt", "b.txt", nil])
        #expect(message.attachments.map { Array($0.octets) } == [[1], [2], [3]])
    }

    @Test func `an attachment has its names, type, identity and dates`() {
        let date: [UInt8] = [0xB2, 7, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let message = decode {
            $0.attachment(
                title: "SHORT~1.PNG",
                [1, 2],
                properties: [
                    W.text(0x370E_001E, "IMAGE/PNG"), W.text(0x3712_001F, "<image@host>"), W.integer(0x3714_0003, 4),
                    W.text(0x3713_001F, "http://x.example/a.png"), W.integer(0x3705_0003, 1),
                ]
            )
            $0.add(0x0003_8012, level: 2, date)
            $0.add(0x0003_8013, level: 2, date)
            $0.add(0x0006_8011, level: 2, [9, 9])
            $0.attachment(title: nil, [3], properties: [W.text(0x370E_001E, "no type"), W.text(0x3704_001E, "b.bin")])
            $0.attachment(title: nil, [4], isOLE: true)
        }
        let image = message.attachments[0]
        #expect(image.mediaType == "image/png")
        #expect(image.contentID == "image@host")
        #expect(image.contentLocation == "http://x.example/a.png")
        #expect(image.isInline)
        #expect(image.created == TNEFDate(secondsSinceEpoch: 86_400, isUTC: false))
        #expect(image.modified == image.created)
        #expect(image.metaFile.map { Array($0) } == [9, 9])
        #expect(message.attachments[1].mediaType == nil)
        #expect(message.attachments[1].fileName == "b.bin")
        #expect(!message.attachments[1].isInline)
        #expect(message.attachments[2].method == .ole)
    }

    @Test func `an OLE object is octets without their interface`() {
        let message = decode {
            $0.attachment(title: nil, nil, properties: [W.object(W.storageInterface, [0xD0, 0xCF, 0x11])])
        }
        #expect(message.attachments[0].method == .ole)
        #expect(Array(message.attachments[0].octets) == [0xD0, 0xCF, 0x11])
        #expect(message.attachments[0].message == nil)
        #expect(message.defects.isEmpty)
    }

    @Test func `an embedded message that is none stays octets`() {
        let message = decode {
            $0.attachment(title: nil, nil, properties: [W.object(W.messageInterface, [1, 2, 3])])
        }
        #expect(message.attachments[0].message == nil)
        #expect(Array(message.attachments[0].octets) == [1, 2, 3])
        #expect(message.defects.map(\.kind) == [.noSignature])
    }

    @Test func `a defect in an embedded message has its place in the whole`() throws {
        var inner = TNEFWriter()
        inner.add(0x0001_8004, Array("Hello".utf8), checksum: 1)
        let message = decode {
            $0.attachment(title: nil, nil, properties: [W.object(W.messageInterface, inner.octets)])
        }
        let content = try #require(message.attachments.first?.octets)
        #expect(message.attachments[0].message?.subject == "Hello")
        #expect(message.defects == [TNEFDefect(.checksum, at: content.startIndex + 40)])
    }

    @Test func `the subject is put together, and HTML has the code page that the message names`() {
        let message = decode {
            $0.properties([
                W.text(0x003D_001F, "Re: "), W.text(0x0E1D_001F, "Lunch"), W.binary(0x1013_0102, [0xE4, 0]),
                W.integer(0x3FDE_0003, 28591), W.text(0x1035_001F, "<id@x.example>"),
            ])
        }
        #expect(message.subject == "Re: Lunch")
        #expect(message.htmlBody?.octets == [0xE4])
        #expect(message.htmlBody?.codePage == 28591)
        #expect(message.messageID == "<id@x.example>")
        let wide = decode {
            $0.properties([W.binary(0x1013_0102, W.wide("a") + [0, 0]), W.integer(0x3FDE_0003, 1200)])
        }
        #expect(wide.htmlBody?.octets == W.wide("a"))
        let text = decode { $0.properties([W.text(0x1013_001F, "<b>ä</b>")]) }
        #expect(text.htmlBody?.octets == Array("<b>ä</b>".utf8))
        #expect(text.htmlBody?.codePage == 65001)
    }

    @Test func `RTF gives the plain body where there is no other, and its defects are noted`() {
        let message = decode { $0.properties([W.binary(0x1009_0102, W.storedRTF(#"{\rtf1 Hello\par you}"#))]) }
        #expect(message.plainBody == "Hello\r\nyou")
        #expect(message.htmlBody == nil)
        #expect(message.rtfBody == Array(#"{\rtf1 Hello\par you}"#.utf8))
        let both = decode {
            $0.properties([W.text(0x1000_001F, "Mine"), W.binary(0x1009_0102, W.storedRTF(#"{\rtf1 Hello}"#))])
        }
        #expect(both.plainBody == "Mine")
        let empty = decode { $0.properties([W.binary(0x1009_0102, W.storedRTF(#"{\rtf1\fromhtml1 \htmlrtf x}"#))]) }
        #expect(empty.parts.map(\.contentType) == ["text/html", "text/rtf"])
        let damaged = decode { $0.properties([W.binary(0x1009_0102, [1, 2, 3])]) }
        #expect(damaged.rtfBody == nil)
        #expect(damaged.defects.map(\.kind) == [.compressedRTF])
    }

    @Test func `dates that no calendar has are none`() {
        for date: [UInt8] in [
            [0xD4, 7, 13, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0xD4, 7, 1, 0, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0], [1, 2], [],
            [0xD5, 7, 2, 0, 29, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0xD5, 7, 12, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            let message = decode { $0.add(0x0003_8005, date) }
            #expect(message.sent == nil)
            #expect(message.defects.map(\.kind) == [.invalidDate])
        }
    }
}
