import Posthorn
import PosthornMIME
import TestSupport
import Testing

@Suite(.computing) struct TransferEncodingTests {
    private static let texts: [(String, seven: String, eight: String)] = [
        ("plain", "7bit", "7bit"),
        ("Größe und Länge der Zeile, wie am Telefon besprochen.\n", "quoted-printable", "8bit"),
        ("見積書を添付いたします。ご確認のほどよろしくお願いいたします。", "base64", "8bit"),
        (String(repeating: "x", count: 998), "7bit", "7bit"),
        (String(repeating: "x", count: 999), "quoted-printable", "quoted-printable"),
        ("a\u{0}b", "base64", "base64"), ("a\rb\nc\r\nd", "7bit", "7bit"), ("", "7bit", "7bit"),
        (".\n..\nFrom me\n \n-- \n", "7bit", "7bit"),
        (
            ".\n..\nFrom mé\n \n-- \nSincerely yours, the kitchen of Muster and Sons, as always\n", "quoted-printable",
            "8bit"
        ),
        (String(repeating: "ü", count: 600), "base64", "base64"),
    ]

    @Test("The encoding follows the text and the form, and the text comes back", arguments: allForms)
    func texts(_ form: ContentForm) async throws {
        var messages: [[UInt8]] = []
        for (text, _, _) in Self.texts {
            messages.append(try await Message(to: ["b@x.example"], text: text, html: text).built(form))
        }
        for (text, _, _) in Self.texts {
            messages.append(try await Message(to: ["b@x.example"], text: text).built(form))
        }
        let read = try PythonMail.read(messages)
        for (index, message) in read.enumerated() {
            let (text, seven, eight) = Self.texts[index % Self.texts.count]
            #expect(message.defects == [])
            let normal = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\n", with: "\r\n")
            for part in message.parts where part.type.hasPrefix("text/") {
                #expect(part.encoding == (form.transfer == .sevenBit ? seven : eight))
                // The last line of a message always has its end.
                let isAlone = message.parts.count == 1 && !normal.hasSuffix("\r\n") && part.encoding != "base64"
                #expect(part.text == normal + (isAlone ? "\r\n" : ""))
            }
        }
    }

    @Test("Random text in header and body comes back through Python")
    func random() async throws {
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "Order", "4711", "Küche", "Größe", "見積書", "Привет", "مرحبا", "नमस्ते", "👩‍👩‍👧‍👦", "e\u{301}", "=?utf-8?q?x?=", "=?",
            "?=", "_", "=",
            "(", ")", "<", ">", ",", ";", ":", "@", ".", "\"", "\\", "a-long-word-of-ascii-letters-that-folds",
            "x\u{300}\u{301}\u{302}",
        ]
        let samples = (0..<400).map { _ in
            (0..<(1 + next(25))).map { _ in pieces[next(pieces.count)] }.joined(separator: " ")
        }
        for form in [ContentForm.sevenBit, ContentForm(transfer: .eightBit, allowsUTF8Headers: true)] {
            var messages: [[UInt8]] = []
            for sample in samples {
                var message = try Message(to: ["b@x.example"], subject: sample, text: sample)
                message.to = [Mailbox(name: sample, address: try EmailAddress("b@x.example"))]
                messages.append(try await message.built(form))
            }
            for (sample, read) in zip(samples, try PythonMail.read(messages)) {
                #expect(read["subject"] == sample)
                #expect(read.to == [[sample, "b@x.example"]])
                #expect(read.parts.first?.text == sample + "\r\n" || read.parts.first?.text == sample)
            }
        }
    }
}
