import Testing

@testable import PosthornMIME

@Suite struct MIMEParserTests {
    @Test func `however the octets are divided, the events are the same`() {
        for (name, octets) in BrokenMessages.all {
            let whole = EventLog.events(octets, pieces: [])
            for place in 0...octets.count {
                #expect(EventLog.events(octets, pieces: [place]) == whole, "\(name), cut at \(place)")
            }
            for size in [1, 2, 3, 7] {
                let pieces = [Int](repeating: size, count: octets.count / size + 1)
                #expect(EventLog.events(octets, pieces: pieces) == whole, "\(name), pieces of \(size)")
            }
        }
    }

    @Test func `every octet of a message is in a header or a body, or belongs to a boundary`() {
        for (name, octets) in BrokenMessages.all {
            let message = ParsedMessage(octets)
            #expect(message.root.headerRange.lowerBound == 0, "\(name)")
            #expect(message.root.bodyRange.upperBound == UInt64(octets.count), "\(name)")
            for part in message.root.all {
                #expect(part.headerRange.upperBound <= part.bodyRange.lowerBound, "\(name)")
                var end = part.bodyRange.lowerBound
                for child in part.children {
                    #expect(child.headerRange.lowerBound >= end, "\(name)")
                    end = child.bodyRange.upperBound
                }
                #expect(end <= part.bodyRange.upperBound, "\(name)")
            }
        }
    }

    @Test func `parts come in order, with preamble and epilogue`() {
        let events = EventLog.events(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nA: 1\r\n\r\none\r\n--b--\r\npost\r\n"
        )
        #expect(
            events == [
                "begin 0",
                #"header 0+45 ["Content-Type"] "Content-Type: multipart/mixed; boundary=b\r\n\r\n""#,
                #"preamble "pre""#,
                "begin 55",
                #"header 55+8 ["A"] "A: 1\r\n\r\n""#,
                #"content "one""#,
                "end 63..<66",
                #"epilogue "post\r\n""#,
                "end 45..<81",
            ]
        )
    }

    private func defects(_ name: String) throws -> [MessageDefect.Kind] {
        let text = try #require(BrokenMessages.texts[name])
        return ParsedMessage(Array(text.utf8)).defects.map(\.kind)
    }

    private func leaves(_ name: String) throws -> [String] {
        let text = try #require(BrokenMessages.texts[name])
        return try ParsedMessage(Array(text.utf8)).leaves.map { "\($0.path): \(try $0.text())" }
    }

    @Test(arguments: [
        ("empty", []), ("plain", []), ("no body", []), ("folded", []), ("two parts", []), ("empty parts", []),
        ("no header", [MessageDefect.Kind.missingSeparator]), ("missing separator", [.missingSeparator]),
        ("mbox", [.mboxSeparator]), ("stray continuation", [.strayContinuation]),
        ("no last boundary", [.missingCloseDelimiter]), ("boundary never comes", [.absentBoundary]),
        ("no boundary", [.missingBoundary]), ("inner one is never closed", [.missingCloseDelimiter]),
        ("encoded multipart", [.encodedMultipart]), ("NUL", [.nulInHeader]),
        ("no type", [.malformedField]),
    ])
    func `what is wrong is told`(_ name: String, _ expected: [MessageDefect.Kind]) throws {
        #expect(try defects(name) == expected)
    }

    @Test(arguments: [
        ("empty", ["1: "]), ("line end alone", ["1: "]), ("plain", ["1: Text\n"]), ("no body", ["1: "]),
        ("no header", ["1: Hello there\nThis is all.\n"]), ("missing separator", ["1: This is the text.\n\nMore\n"]),
        ("no header, empty line first", ["1: Text: not a field\n"]), ("mbox", ["1: Text\n"]),
        ("two parts", ["1: One", "2: Two\n"]), ("no last boundary", ["1: One", "2: Two\n"]),
        ("boundary never comes", []), ("no boundary", []), ("empty parts", ["1: ", "2: "]), ("padding", ["1: One"]),
        ("hyphens", ["1: ------\n-- b\n--\n-"]),
        ("one boundary begins another", ["1.1: inner", "2: outer"]),
        ("inner one is never closed", ["1.1: One", "2: Two"]), ("message in a part", ["1.1: leaf"]),
        ("digest", ["1.1: One", "2: no message"]), ("after the last one", ["1: One"]),
        ("boundary in the header", ["1: ", "2: text"]),
    ])
    func `the best reading of what is broken`(_ name: String, _ expected: [String]) throws {
        #expect(try leaves(name) == expected)
    }

    @Test(arguments: [
        ("boundary never comes", "Text --b\n -- b\n--c\n"), ("no boundary", "--b\n\nText\n--b--\n"),
    ])
    func `a multipart without parts has the text that it has`(_ name: String, _ expected: String) throws {
        let text = try #require(BrokenMessages.texts[name])
        #expect(try ParsedMessage(Array(text.utf8)).plainText() == expected)
    }

    @Test func `mixed and bare line ends are told once`() {
        func kinds(_ text: String) -> [MessageDefect.Kind] { ParsedMessage(Array(text.utf8)).defects.map(\.kind) }
        #expect(kinds("A: 1\r\nB: 2\nC: 3\r\n\r\n") == [.bareLineEnd])
        #expect(kinds("A: 1\rB: 2\r\r") == [.bareLineEnd])
        #expect(kinds("A: 1\nB: 2\n\n").isEmpty && kinds("A: 1\r\nB: 2\r\n\r\n").isEmpty)
    }

    @Test func `octets above 127 in a header are a defect unless they are UTF-8`() {
        #expect(ParsedMessage(Array("Subject: Grüße\n\n".utf8)).defects.isEmpty)
        let latin = Array("Subject: Gr".utf8) + [0xFC, 0xDF] + Array("e\n\n".utf8)
        let message = ParsedMessage(latin)
        #expect(message.defects.map(\.kind) == [.eightBitHeader] && message.subject == "Gr\u{FFFD}\u{FFFD}e")
    }
}
