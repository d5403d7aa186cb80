import Testing

@testable import PosthornMIME

@Suite struct ParsingLimitsTests {
    private func nested(_ depth: Int) -> String {
        var text = ""
        for level in 0..<depth { text += "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n" }
        return text + "\r\nleaf\r\n"
    }

    @Test func `deeper than the limit, a part stays whole`() {
        let message = ParsedMessage(Array(nested(100).utf8))
        #expect(message.defects.contains { $0.kind == .nestedTooDeep })
        let leaf = message.leaves.first
        #expect(message.leaves.count == 1 && leaf?.contentType.isMultipart == true)
        #expect(leaf?.bodyRange.upperBound == message.size)
        #expect(ParsedMessage(Array(nested(63).utf8)).defects.allSatisfy { $0.kind == .missingCloseDelimiter })
    }

    @Test func `messages in messages count as well`() {
        let text = String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 200)
        let message = ParsedMessage(Array(text.utf8))
        #expect(message.defects.map(\.kind) == [.nestedTooDeep] && message.root.all.count == 64)
    }

    @Test func `beyond the most parts, the last one holds the rest`() throws {
        var text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        for number in 0..<20 { text += "--b\r\n\r\npart \(number)\r\n" }
        text += "--b--\r\n"
        let message = ParsedMessage(Array(text.utf8), limits: ParsingLimits(parts: 11))
        #expect(message.leaves.count == 10 && message.defects.map(\.kind) == [.tooManyParts])
        let last = try #require(message.leaves.last).text()
        #expect(last.hasPrefix("part 9\r\n--b\r\n\r\npart 10") && last.hasSuffix("part 19\r\n--b--\r\n"))
    }

    @Test func `a header that is too large is cut, and the body is found all the same`() throws {
        let many = (0..<50).map { "X-\($0): y\r\n" }.joined()
        let text = "Content-Type: multipart/mixed; boundary=b\r\n" + many + "\r\n--b\r\n\r\ntext\r\n--b--\r\n"
        for limits in [ParsingLimits(headerFields: 10), ParsingLimits(headerSize: 200)] {
            for pieces in [[], [Int](repeating: 1, count: text.utf8.count)] {
                let events = EventLog.events(Array(text.utf8), pieces: pieces, limits: limits)
                #expect(events.contains { $0.hasPrefix("defect header-too-large") })
                #expect(events.contains(#"content "text""#), "\(events)")
            }
            let message = ParsedMessage(Array(text.utf8), limits: limits)
            #expect(message.root.fields.count < 25 && message.leaves.count == 1)
            #expect(message.root.headerRange.upperBound == UInt64(43 + many.utf8.count + 2))
        }
    }

    @Test func `a text without line ends is no header that is too large`() throws {
        let text = String(repeating: "word ", count: 1_000)
        let limits = ParsingLimits(headerSize: 100)
        let events = EventLog.events(Array(text.utf8), pieces: [Int](repeating: 64, count: 100), limits: limits)
        #expect(events.contains { $0.hasPrefix("content \"word word") && $0.utf8.count > text.utf8.count })
    }

    @Test func `parsing keeps little of a body in memory`() {
        // A line of any length, and lines that may be boundaries, come in pieces and go in pieces.
        let start = "Content-Type: multipart/mixed; boundary=boundary\r\n\r\n--boundary\r\n\r\n"
        for filler in ["x", "-", "\r\n--b", "--boundary ", "\r\n--boundar"] {
            var parser = MIMEParser(LargestWait())
            parser.parse(Array(start.utf8))
            let piece = Array(String(repeating: filler, count: 100).utf8)
            for _ in 0..<200 {
                parser.parse(piece)
                #expect(parser.keptCount <= 3_000, "\(filler.debugDescription)")
            }
        }
    }
}

/// Takes events and does nothing.
private struct LargestWait: MIMEEventHandler {}
