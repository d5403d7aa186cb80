import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct HeaderFieldTests {
    private func written(_ field: HeaderField, utf8: Bool = false) throws -> String {
        String(decoding: try field.serialized(utf8: utf8), as: UTF8.self)
    }

    @Test("Names are compared without regard to case and keep it")
    func names() throws {
        #expect(try HeaderName("SUBJECT") == .subject)
        #expect(try HeaderName("X-Order-Number").text == "X-Order-Number")
        for name in ["", "a b", "a:", "a\r\nb", "ä", "a\u{0}", "a\u{7F}", String(repeating: "a", count: 129)] {
            let error = #expect(throws: MailError.self) { try HeaderName(name) }
            #expect(error?.code == .invalidMessage)
        }
    }

    @Test("Short text stands as it is, long text is folded at 78 columns")
    func folding() throws {
        #expect(try written(HeaderField(.subject, .text("Order 4711"))) == "Subject: Order 4711\r\n")
        #expect(try written(HeaderField(.subject, .text(""))) == "Subject:\r\n")
        let words = Array(repeating: "wood", count: 40).joined(separator: " ")
        let lines = try written(HeaderField(.subject, .text(words))).split(separator: "\r\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(" wood") })
    }

    @Test("Only words that are not ASCII are encoded, in the shorter of the two ways")
    func encodedWords() throws {
        #expect(
            try written(HeaderField(.subject, .text("Grüße aus Königswinter")))
                == "Subject: =?utf-8?b?R3LDvMOfZQ==?= aus =?utf-8?q?K=C3=B6nigswinter?=\r\n"
        )
        #expect(
            try written(HeaderField(.subject, .text("Größe äöü"))) == "Subject: =?utf-8?b?R3LDtsOfZSDDpMO2w7w=?=\r\n"
        )
        #expect(try written(HeaderField(.subject, .text("見積書"))) == "Subject: =?utf-8?b?6KaL56mN5pu4?=\r\n")
        #expect(
            try written(HeaderField(.subject, .text("=?utf-8?q?x?=")))
                == "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n"
        )
        #expect(try written(HeaderField(.subject, .text("Grüße 📯")), utf8: true) == "Subject: Grüße 📯\r\n")
        #expect(try written(HeaderField(.subject, .text(" a "))) == "Subject: =?utf-8?q?_a_?=\r\n")
    }

    @Test("Display names are atoms, quoted strings or encoded words")
    func displayNames() throws {
        func to(_ text: String, utf8: Bool = false) throws -> String {
            try written(HeaderField(.to, .addresses(AddressList.parse(text))), utf8: utf8)
        }
        #expect(try to("Anna Muster <a@x.example>") == "To: Anna Muster <a@x.example>\r\n")
        #expect(try to("\"Muster, Anna\" <a@x.example>") == "To: \"Muster, Anna\" <a@x.example>\r\n")
        #expect(try to("Küche Muster <a@x.example>") == "To: =?utf-8?b?S8O8Y2hl?= Muster <a@x.example>\r\n")
        #expect(try to("Küche Muster <a@x.example>", utf8: true) == "To: Küche Muster <a@x.example>\r\n")
        #expect(try to("\"Küche, Muster\" <a@x.example>", utf8: true) == "To: \"Küche, Muster\" <a@x.example>\r\n")
        #expect(try to("a@grüße.example") == "To: a@xn--gre-6ka8l.example\r\n")
        #expect(try to("a@grüße.example", utf8: true) == "To: a@grüße.example\r\n")
        #expect(try to("nobody:;") == "To: nobody:;\r\n")
        #expect(
            try to("Köche: a@x.example, B <b@x.example>;, c@x.example")
                == "To: =?utf-8?b?S8O2Y2hl?=: a@x.example, B <b@x.example>;, c@x.example\r\n"
        )
    }

    @Test("A local part beyond ASCII needs UTF-8 header fields, and the error names it")
    func localPartBeyondASCII() throws {
        let field = HeaderField(.to, .mailbox(try Mailbox("Käthe <käthe@grüße.example>")))
        #expect(field.needsUTF8)
        #expect(try written(field, utf8: true) == "To: Käthe <käthe@grüße.example>\r\n")
        let error = #expect(throws: MailError.self) { try field.serialized(utf8: false) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains("'To'") == true && error?.message.contains("käthe@grüße.example") == true)
    }

    @Test(
        "A line break or NUL in any kind of value is an error that names the field",
        arguments: ["\r\nBcc: x@y", "\n", "\r", "\u{0}"]
    )
    func injection(_ evil: String) throws {
        let address = try EmailAddress("a@x.example")
        var group = AddressList()
        group.append(AddressGroup(name: "a\(evil)b"))
        let fields = [
            HeaderField(.subject, .text("a\(evil)b")),
            HeaderField(.from, .mailbox(Mailbox(name: "a\(evil)b", address: address))),
            HeaderField(.to, .addresses(group)),
            HeaderField(.to, .text("a\(evil)@x.example")),
            HeaderField(.messageID, .messageIDs(["<a\(evil)@b>"])),
            HeaderField(.messageID, .text("<a\(evil)@b>")),
            HeaderField(.listUnsubscribe, .tokens("<https://x.example/\(evil)>")),
            HeaderField(.listUnsubscribe, .text("<https://x.example/\(evil)>")),
            HeaderField(.listID, .named("a\(evil)b", "x.example")),
            HeaderField(.listID, .named("a", "x\(evil).example")),
            HeaderField(.contentType, .raw(Array("text/plain\(evil)".utf8))),
            HeaderField(try HeaderName("X-Order"), .text(evil)),
        ]
        for field in fields {
            for utf8 in [false, true] {
                let error = #expect(throws: MailError.self) { try field.serialized(utf8: utf8) }
                #expect(error?.message.contains("'\(field.name)'") == true, "\(error?.message ?? "")")
                #expect(error?.message.contains("\n") == false)
            }
        }
    }

    @Test("Structured values are checked")
    func structured() throws {
        #expect(try written(HeaderField(.references, .text("a@b <c@d>"))) == "References: <a@b> <c@d>\r\n")
        #expect(throws: MailError.self) { try HeaderField(.messageID, .messageIDs(["a b@c"])).serialized(utf8: false) }
        #expect(throws: MailError.self) { try HeaderField(.autoSubmitted, .tokens("ä")).serialized(utf8: false) }
        #expect(throws: MailError.self) { try HeaderField(.to, .text("nobody")).serialized(utf8: false) }
        #expect(
            try written(HeaderField(.listID, .named("Küche", "news.x.example")))
                == "List-Id: =?utf-8?b?S8O8Y2hl?= <news.x.example>\r\n"
        )
        #expect(
            try written(HeaderField(.contentType, .raw(Array("a/b;\r\n c=d".utf8)))) == "Content-Type: a/b;\r\n c=d\r\n"
        )
        let endless = String(repeating: "a", count: 1_200)
        #expect(throws: MailError.self) { try HeaderField(.autoSubmitted, .tokens(endless)).serialized(utf8: false) }
        #expect(throws: MailError.self) {
            try HeaderField(.contentType, .raw(Array(endless.utf8))).serialized(utf8: false)
        }
    }

    @Test("Random text comes back as it was, in lines of at most 998 octets and 78 columns where words allow")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 2_047)
        for text in RandomText.samples(count: 1_500, using: &generator) {
            for utf8 in [false, true] {
                let octets = try HeaderField(.subject, .text(text)).serialized(utf8: utf8)
                try RandomText.checkLines(octets, isASCII: !utf8)
                let block = try HeaderBlockTests.block(octets + Array("\r\n".utf8))
                #expect(block[.subject] == text, "\(Array(text.utf8)) \(String(decoding: octets, as: UTF8.self))")

                let name = text
                guard !name.isEmpty else { continue }
                let mailbox = Mailbox(name: name, address: try EmailAddress("a@x.example"))
                let from = try HeaderField(.from, .mailbox(mailbox)).serialized(utf8: utf8)
                try RandomText.checkLines(from, isASCII: !utf8)
                let back = try HeaderBlockTests.block(from).addresses(.from).mailboxes
                #expect(back.map { $0.name ?? "" } == [name], "\(String(decoding: from, as: UTF8.self))")
            }
        }
    }
}

/// Texts of all kinds for properties.
enum RandomText {
    private static let pieces = [
        "Order", "4711", "Küche", "Größe", "見積書", "注文", "Привет", "мир", "שלום", "مرحبا", "नमस्ते", "👩‍👩‍👧‍👦", "e\u{301}", "📯",
        "=?utf-8?q?x?=", "=?", "?=", "_", "=", "?", "\"", "\\", "(", ")", "<", ">", ",", ";", ":", "@", ".",
        "a-very-long-word-of-ascii-letters",
        "\u{1}", "\u{7F}", "\t", "  ", "   ", "\u{85}", "\u{2028}",
        "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30A}\u{30B}",
    ]

    static func samples(count: Int, using generator: inout SeededGenerator) -> [String] {
        (0..<count).map { index in
            if index % 500 == 7 { return String(repeating: "x", count: 1_500) }
            if index % 500 == 8 { return "a" + String(repeating: " ", count: 1_500) + "b" }
            if index % 500 == 9 { return String(repeating: "ä", count: 2_000) }
            if index % 500 == 10 { return "e" + String(repeating: "\u{301}", count: 500) + "x" }
            let words = Int.random(in: 0...(index % 50 == 0 ? 200 : 14), using: &generator)
            var text = ""
            for _ in 0..<words {
                text += pieces.randomElement(using: &generator) ?? ""
                if Bool.random(using: &generator) { text += " " }
            }
            // Control characters come back as spaces: that is the reader's safety, tested elsewhere.
            return text.replacing("\u{1}", with: "").replacing("\u{7F}", with: "")
        }
    }

    static func checkLines(_ octets: [UInt8], isASCII: Bool) throws {
        #expect(octets.suffix(2) == [0x0D, 0x0A])
        let lines = octets.dropLast(2).split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let content = index + 1 < lines.count ? line.dropLast() : line
            #expect(index + 1 == lines.count || line.last == 0x0D)
            #expect(!content.contains { $0 == 0x0D || $0 == 0 })
            #expect(content.count <= 998)
            #expect(index == 0 || content.first == 0x20 || content.first == 0x09)
            #expect(content.contains { $0 != 0x20 && $0 != 0x09 }, "a line of white space alone")
            if isASCII {
                #expect(content.allSatisfy { $0 < 0x80 })
                let text = String(decoding: content, as: UTF8.self)
                if text.contains("?=") {
                    for word in text.split(separator: " ") where word.hasPrefix("=?utf-8?") {
                        #expect(word.utf8.count <= 76)
                    }
                }
            }
        }
    }
}
