import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct FlowedTextTests {
    private func paragraphs(_ text: String, delSp: Bool = false) -> [String] {
        FlowedText.decode(text, delSp: delSp).paragraphs.map { "\($0.quoteDepth)|\($0.text)" }
    }

    @Test func `Lines that end in a space go on`() {
        #expect(paragraphs("one \r\ntwo\r\nthree\r\n") == ["0|one two", "0|three"])
        #expect(paragraphs("one \ntwo") == ["0|one two"])
        #expect(paragraphs("one \rtwo") == ["0|one two"])
        #expect(paragraphs("a\n\nb") == ["0|a", "0|", "0|b"])
        #expect(paragraphs("a  \nb") == ["0|a  b"])
        #expect(paragraphs("") == [])
        #expect(paragraphs("\r\n\r\n") == ["0|", "0|"])
    }

    @Test func `With DelSp the last space is none of the text`() {
        #expect(paragraphs("one  \ntwo", delSp: true) == ["0|one two"])
        #expect(paragraphs("見積 \n書", delSp: true) == ["0|見積書"])
        #expect(paragraphs("見積 \n書") == ["0|見積 書"])
    }

    @Test func `Stuffed spaces are removed, once`() {
        #expect(paragraphs(" From me\n  two\n >no quote") == ["0|From me", "0| two", "0|>no quote"])
        #expect(paragraphs(">> a \n>>b") == ["2|a b"])
    }

    @Test func `Another depth ends a paragraph, and nothing is lost`() {
        #expect(paragraphs("> a \n>> b \nc") == ["1|a", "2|b", "0|c"])
        #expect(paragraphs("> a \n> b \n") == ["1|a b"])
        #expect(paragraphs("> > a") == ["1|> a"])
    }

    @Test func `The line before a signature stands alone`() {
        #expect(paragraphs("bye \n-- \nAnna \nMuster") == ["0|bye", "0|-- ", "0|Anna Muster"])
        #expect(paragraphs("> bye \n> -- \n> Anna") == ["1|bye", "1|-- ", "1|Anna"])
        #expect(paragraphs("-- \na", delSp: true) == ["0|-- ", "0|a"])
        #expect(FlowedText.decode("-- ").paragraphs.first?.isSignatureSeparator == true)
    }

    @Test func `Plain text has one line for each paragraph`() {
        let text = FlowedText.decode("Hello \nAnna\n>> old \n>> text\n> \n-- \nB")
        #expect(text.plainText == "Hello Anna\n>> old text\n>\n-- \nB\n")
        #expect(FlowedText(plainText: "> > a\n>>b\n > c\n>").plainText == ">> a\n>> b\n > c\n>\n")
    }

    @Test func `Lines are broken between words and marked`() {
        let text = String(repeating: "word ", count: 20) + "end"
        let lines = FlowedText.encode(text, width: 72).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0] == String(repeating: "word ", count: 14))
        #expect(lines[1] == String(repeating: "word ", count: 6) + "end")
        // The line may be full, but no space fits behind it.
        #expect(
            FlowedText.encode(String(repeating: "a", count: 72) + " b") == String(repeating: "a", count: 72) + " \nb\n"
        )
        #expect(FlowedText.encode(String(repeating: "a", count: 500)) == String(repeating: "a", count: 500) + "\n")
        let exact = String(repeating: "abcdefg ", count: 9)
        #expect(FlowedText.encode(exact + "z") == exact + "\nz\n")
        #expect(
            FlowedText.encode(exact.dropLast() + "h z") == String(repeating: "abcdefg ", count: 8) + "\nabcdefgh z\n"
        )
    }

    @Test func `What would be misunderstood is stuffed`() {
        let text = FlowedText([
            .init("From me"), .init(" in"), .init(">x"), .init("quoted", quoteDepth: 2), .init("", quoteDepth: 1),
            .init("-- "),
            .init("spaces   "), .init("Fromage"),
        ])
        #expect(text.encoded() == " From me\n  in\n >x\n>> quoted\n>\n-- \nspaces\nFromage\n")
    }

    @Test func `A line is never one before a signature by chance`() {
        let long = String(repeating: "x", count: 65)
        let text = FlowedText([.init("\(long) yy -- \(long)"), .init("-- \(long)\(long)")])
        for delSp in [false, true] {
            let encoded = text.encoded(delSp: delSp)
            #expect(!encoded.split(separator: "\n").contains("-- "))
            #expect(FlowedText.decode(encoded, delSp: delSp) == text)
        }
    }

    @Test func `With DelSp, lines of East Asian text are broken too, and graphemes never`() {
        let text = String(repeating: "見積書を添付いたします。", count: 20)
        let encoded = FlowedText.encode(text, width: 76, delSp: true)
        let lines = encoded.split(separator: "\n")
        #expect(lines.count > 3)
        #expect(lines.allSatisfy { $0.count <= 39 && !$0.hasPrefix("。") })
        #expect(FlowedText.decode(encoded, delSp: true).plainText == text + "\n")
        let family = String(repeating: "👩‍👩‍👧‍👦e\u{301} ", count: 40) + "."
        for line in FlowedText.encode(family).split(separator: "\n") {
            #expect(line.first == "👩‍👩‍👧‍👦" || line == ".")
        }
        // A space that is a part of a grapheme is none between words, but readers see its octet.
        let odd = FlowedText([.init("a\u{600} "), .init("b")])
        #expect(FlowedText.decode(odd.encoded()).paragraphs.count == 2)
    }

    @Test func `Deep quotes have a limit`() {
        let deep = String(repeating: ">", count: 5_000) + "a"
        let text = FlowedText.decode(deep)
        #expect(text.paragraphs.first?.quoteDepth == FlowedText.deepestQuote)
        #expect(text.paragraphs.first?.text.utf8.count == 5_001 - FlowedText.deepestQuote)
        #expect(FlowedText.decode(text.encoded()) == text)
        let odd = FlowedText([.init("a", quoteDepth: .max), .init("b", quoteDepth: .min)])
        #expect(odd.encoded(width: .min) == String(repeating: ">", count: 100) + " a\nb\n")
        #expect(odd.encoded(width: .max) == odd.plainText)
    }

    @Test func `Whatever is written is read as it was`() {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "a", "word", " ", " ", "  ", ">", "-", "--", "-- ", "From ", "From", "ä", "見積", "。", "👩‍👩‍👧‍👦", "e\u{301}", "\t",
            "\u{A0}",
            "\u{600}", "\u{301}", "Donaudampfschifffahrtsgesellschaftskapitän", ".", "\u{200D}", "🇩🇪", "\u{0}", "한국어",
        ]
        for _ in 0..<3_000 {
            var text = FlowedText()
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                var paragraph = ""
                for _ in 0..<Int.random(in: 0..<60, using: &random) {
                    paragraph += pieces.randomElement(using: &random) ?? ""
                }
                if paragraph != "-- " {
                    while paragraph.unicodeScalars.last == " " { paragraph.unicodeScalars.removeLast() }
                }
                text.paragraphs.append(
                    .init(paragraph, quoteDepth: [0, 0, 1, 2, 60].randomElement(using: &random) ?? 0)
                )
            }
            let width = Int.random(in: 30...78, using: &random)
            for delSp in [false, true] {
                let encoded = text.encoded(width: width, delSp: delSp)
                let decoded = FlowedText.decode(encoded, delSp: delSp)
                #expect(decoded == text)
                #expect(decoded.plainText.utf8.elementsEqual(text.plainText.utf8))
            }
        }
    }

    @Test func `Any text can be read, and its reading can be written`() {
        var random = SeededGenerator(seed: 11)
        let pieces = ["> ", ">", " ", "\n", "\r\n", "\r", "-- ", "a", "bc ", "ü", "\u{600}"]
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<40 { text += pieces.randomElement(using: &random) ?? "" }
            for delSp in [false, true] {
                let read = FlowedText.decode(text, delSp: delSp)
                #expect(FlowedText.decode(read.encoded(delSp: delSp), delSp: delSp) == read)
                let letters = text.utf8.count { $0 == UInt8(ascii: "a") || $0 == UInt8(ascii: "b") }
                #expect(read.plainText.utf8.count { $0 == UInt8(ascii: "a") || $0 == UInt8(ascii: "b") } == letters)
            }
        }
    }
}
