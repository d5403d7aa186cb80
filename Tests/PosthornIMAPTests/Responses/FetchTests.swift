import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

/// FETCH with every item.
@Suite struct IMAPFetchTests {
    @Test func `the example of RFC 9051 section 8`() throws {
        let message = try fetched(String(try #require(Samples.all.first { $0.contains("WG mtg") }).dropLast()))
        #expect(message.number == 12 && message.flags == [.seen] && message.size == 4286)
        #expect(message.internalDate?.description == "17-Jul-1996 02:44:25 -0700")
        #expect(message.internalDate?.secondsSince1970 == 837_596_665)
        let envelope = try #require(message.envelope)
        #expect(envelope.subject == "IMAP4rev2 WG mtg summary and minutes")
        #expect(envelope.from == [IMAPAddress(name: "Terry Gray", mailbox: "gray", host: "cac.washington.edu")])
        #expect(envelope.sender == envelope.from && envelope.replyTo == envelope.from)
        #expect(envelope.to == [IMAPAddress(mailbox: "imap", host: "cac.washington.edu")])
        #expect(envelope.cc.map(\.mailbox) == ["minutes", "KLENSIN"] && envelope.bcc.isEmpty)
        #expect(envelope.inReplyTo == nil && envelope.messageID == "<B27397-0100000@cac.washington.edu>")
        let body = try #require(message.bodyStructure)
        #expect(body.type == "TEXT" && body.subtype == "PLAIN" && body.parameter("charset") == "US-ASCII")
        #expect(body.encoding == "7BIT" && body.size == 3028 && body.lines == 92 && !message.isBodyStructureExtended)
    }

    @Test func `sections as parts of the value`() throws {
        let message = try fetched(
            "* 4 FETCH (UID 7 BODY[]<9> {5}\r\nab\r\n) BODY[1.2.MIME] \"m\" BODY[HEADER.FIELDS (DATE \"X Y\")] {0}\r\n "
                + "BODY[3.HEADER.FIELDS.NOT (A)] \"\" BODY[TEXT] NIL BINARY[1] ~{3}\r\n\u{0}\u{1}\r RFC822.HEADER \"h\" RFC822 r)"
        )
        let expected = [
            IMAPFetchedSection(section: .message, origin: 9, octets: Array("ab\r\n)".utf8)),
            IMAPFetchedSection(section: IMAPSection(part: [1, 2], .mime), octets: [0x6D]),
            IMAPFetchedSection(section: IMAPSection(.fields(["DATE", "X Y"])), octets: []),
            IMAPFetchedSection(section: IMAPSection(part: [3], .fieldsNot(["A"])), octets: []),
            IMAPFetchedSection(section: .text),
            IMAPFetchedSection(section: IMAPSection(part: [1]), isBinary: true, octets: [0, 1, 13]),
            IMAPFetchedSection(section: .header, octets: [0x68]),
            IMAPFetchedSection(section: .message, octets: [0x72]),
        ]
        #expect(message.sections == expected && message.uid == 7)
    }

    @Test func `a large section comes in pieces`() throws {
        let size = 1 << 20
        let body = [UInt8](repeating: 0x29, count: size)
        let octets =
            Array("* 4 FETCH (UID 7 BODY[1]<0> {\(size)}\r\n".utf8) + body + Array(" FLAGS ())\r\n* 1 EXISTS\r\n".utf8)
        let all = try IMAPResponseFuzz.read(octets, [])
        guard case .literalBegins(let literal) = all.events.first, case .response(.fetch(let message)) = all.events[3]
        else {
            throw NotAFetch()
        }
        #expect(literal.number == 4 && literal.uid == 7 && literal.size == UInt64(size))
        #expect(literal.section == IMAPSection(part: [1]) && literal.origin == 0 && !literal.isBinary)
        #expect(all.events[1] == .literalPiece(body) && all.events[2] == .literalEnds)
        #expect(message.sections == [.init(section: IMAPSection(part: [1]), origin: 0, streamed: UInt64(size))])
        #expect(message.flags == [] && all.events[4] == .response(.exists(1)))
    }

    @Test func `a section of one gigabyte passes in little memory`() throws {
        var parser = IMAPResponseParser(expectsGreeting: false)
        var buffer = ReceiveBuffer("* 1 FETCH (BODY[] {1073741824}\r\n".utf8)
        guard case .literalBegins? = try parser.next(from: &buffer) else { throw NotAFetch() }
        let chunk = [UInt8](repeating: 0x61, count: 1 << 20)
        var total = 0
        var octets: [UInt8] = []
        for _ in 0..<1_024 {
            buffer.append(chunk)
            octets.removeAll(keepingCapacity: true)
            while true {
                let count = parser.readLiteral(from: &buffer, into: &octets)
                if count == 0 { break }
                total += count
            }
            #expect(buffer.isEmpty)
        }
        #expect(total == 1 << 30 && parser.missingOctets == 0)
        buffer.append(Array(")\r\n".utf8))
        #expect(try parser.next(from: &buffer) == .literalEnds)
        guard case .response(.fetch(let message))? = try parser.next(from: &buffer) else { throw NotAFetch() }
        #expect(message.sections.first?.streamed == 1 << 30)
    }

    @Test func `a large text that is no section is a literal of a value`() throws {
        let text = String(repeating: "s", count: 100_000)
        let message = try fetched(
            "* 1 FETCH (ENVELOPE (NIL {100000}\r\n\(text) NIL NIL NIL NIL NIL NIL NIL NIL) BODY[1] {2}\r\nab)"
        )
        #expect(message.envelope?.subject == text && message.sections.first?.octets == [0x61, 0x62])
        // A label that ends like a section.
        let label = try fetched("* 1 FETCH (X-GM-LABELS (a] {100000}\r\n\(text)))")
        #expect(label.extras?.gmailLabels == ["a]", text])
    }

    @Test func `the rarer items`() throws {
        let message = try fetched(
            "* 5 FETCH (MODSEQ (12111230047) EMAILID (M6d99ac) THREADID (T64b4) SAVEDATE \" 1-Jan-2020 10:00:00 +0100\" PREVIEW "
                + "\"Hi\" BINARY.SIZE[1.2] 7 X-GM-MSGID 18446744073709551615 X-GM-THRID 5 X-GM-LABELS (\\Inbox \"M&APw-l\") "
                + "X-NEW[a (b)] (c {1}\r\n)) FLAGS ())"
        )
        #expect(message.modSequence == 12_111_230_047 && message.flags == [])
        let extras = try #require(message.extras)
        #expect(extras.emailID == "M6d99ac" && extras.threadID == "T64b4" && extras.preview == "Hi")
        #expect(extras.saveDate?.secondsSince1970 == 1_577_869_200 && extras.binarySizes == [[1, 2]: 7])
        #expect(extras.gmailMessageID == .max && extras.gmailThreadID == 5)
        #expect(extras.gmailLabels == ["\\Inbox", "Mül"] && extras.unread == ["X-NEW[a"])
        let none = try fetched("* 5 FETCH (THREADID NIL SAVEDATE NIL PREVIEW NIL)")
        #expect(none.extras == IMAPFetchedExtras())
        let uidOnly = try fetched("* 25996 UIDFETCH (FLAGS (\\Seen))")
        #expect(uidOnly.uid == 25996 && uidOnly.number == 0)
    }

    @Test func `a body structure with everything`() throws {
        let sample = try #require(Samples.all.first { $0.contains("BODYSTRUCTURE") })
        let message = try fetched(String(sample.dropLast()))
        let body = try #require(message.bodyStructure)
        #expect(
            message.isBodyStructureExtended && body.isMultipart && body.subtype == "mixed" && body.children.count == 2
        )
        let parts = body.numberedParts
        #expect(parts.map(\.number) == [[], [1], [1, 1], [1, 2], [2], [2, 1]])
        #expect(parts[3].part.disposition == .init("inline") && parts[3].part.languages == ["en", "de"])
        #expect(parts[3].part.location == "loc" && parts[1].part.parameter("BOUNDARY") == "b")
        #expect(parts[4].part.envelope?.subject == "s" && parts[4].part.lines == 9)
        #expect(parts[4].part.fileName == "a.eml" && parts[5].part.lines == 1)
    }
}
