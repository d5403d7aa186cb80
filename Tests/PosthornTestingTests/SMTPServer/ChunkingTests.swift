import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// BDAT and PIPELINING across messages, however the octets are cut (RFC 3030, RFC 2920).
@Suite(.computing) struct ChunkingTests {
    private func octets(_ pieces: String...) -> [UInt8] { Array(pieces.joined().utf8) }

    /// Sends everything at once, in all halves and octet by octet; all must come to the same.
    private func flight(_ octets: [UInt8], _ change: (inout SMTPServerConfiguration) -> Void = { _ in }) -> Conversation
    {
        var whole = Conversation(change)
        whole.send(Array("EHLO c\r\n".utf8))
        let replies = whole.send(octets)
        for piece in [1, 2, 3, 7] {
            var cut = Conversation(change)
            cut.send(Array("EHLO c\r\n".utf8))
            #expect(cut.send(octets, piece: piece) == replies)
            #expect(cut.messages.map(\.bytes) == whole.messages.map(\.bytes) && cut.violations == whole.violations)
        }
        for split in 1..<octets.count {
            var cut = Conversation(change)
            cut.send(Array("EHLO c\r\n".utf8))
            let first = cut.send(Array(octets[..<split]))
            #expect(first + cut.send(Array(octets[split...])) == replies)
            #expect(cut.messages.map(\.bytes) == whole.messages.map(\.bytes) && cut.violations == whole.violations)
        }
        return whole
    }

    private func codes(_ talk: Conversation) -> [Int] {
        talk.replies.split(separator: "\n").compactMap { Int($0.prefix(3)) }
    }

    @Test func `Many messages come in one flight`() {
        let binary = "NUL\0, lone\rCR, lone\nLF, \r\n.\r\n"
        let talk = flight(
            octets(
                "MAIL FROM:<a@example.org> BODY=BINARYMIME\r\nRCPT TO:<b@example.org>\r\n",
                "BDAT \(binary.utf8.count) LAST\r\n",
                binary,
                "RSET\r\n",
                "MAIL FROM:<c@example.org>\r\nRCPT TO:<d@example.org>\r\nBDAT 3\r\nQUIBDAT 3 LAST\r\nT\r\n",
                "MAIL FROM:<e@example.org>\r\nRCPT TO:<f@example.org>\r\nBDAT 0 LAST\r\nQUIT\r\n"
            )
        )
        #expect(talk.messages.map(\.text) == [binary, "QUIT\r\n", ""])
        #expect(talk.messages.map(\.sender) == ["a@example.org", "c@example.org", "e@example.org"])
        #expect(codes(talk) == [250, 250, 250, 250, 250, 250, 250, 250, 250, 250, 250, 221])
        #expect(talk.violations == [] && talk.messages.allSatisfy { $0.usedChunking })
    }

    @Test func `A refused sender or recipient does not make commands of content`() {
        let talk = flight(
            octets(
                "MAIL FROM:<bad@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 6 LAST\r\nRSET\r\n",
                "MAIL FROM:<a@example.org>\r\nRCPT TO:<gone@example.org>\r\nBDAT 3\r\nabcBDAT 6 LAST\r\nQUIT\r\n",
                "RSET\r\nMAIL FROM:<c@example.org>\r\nRCPT TO:<gone@example.org>\r\nRCPT TO:<d@example.org>\r\n",
                "BDAT 2 LAST\r\n\r\n"
            )
        ) {
            $0.rules.refuseSender("bad@example.org")
            $0.rules.refuseRecipient("gone@example.org")
        }
        #expect(codes(talk) == [550, 503, 503, 250, 550, 503, 503, 250, 250, 550, 250, 250])
        #expect(talk.messages.map { $0.recipients.map(\.address) } == [["d@example.org"]])
        #expect(talk.violations == [] && !talk.isClosed)
    }

    @Test func `Refusals by faults swallow the octets too`() {
        let message = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 3\r\nabcBDAT 6 LAST\r\nQUIT\r\n"
        for (fault, expected) in [
            (SMTPServerFault.at(.mail, .first, .answer("451 4.7.1 x")), [451, 503, 503, 503, 250, 250, 250, 250, 250]),
            (
                .at(.rcpt, .first, .answer("451 4.7.1 x")).onMessage(.first),
                [250, 451, 503, 503, 250, 250, 250, 250, 250]
            ),
            (.at(.bdat, .answer("451 4.7.1 x")).onMessage(.first), [250, 250, 451, 503, 250, 250, 250, 250, 250]),
            (.at(.endOfMessage, .first, .answer("451 4.7.1 x")), [250, 250, 250, 451, 250, 250, 250, 250, 250]),
        ] {
            let talk = flight(octets(message, "RSET\r\n", message)) { $0.faults = [fault] }
            #expect(codes(talk) == expected && talk.messages.map(\.text) == ["abcQUIT\r\n"])
        }
    }

    @Test func `DATA takes no binary content and does not go with BDAT`() {
        var talk = Conversation()
        talk.say("EHLO c\nMAIL FROM:<a@example.org> BODY=BINARYMIME\nRCPT TO:<b@example.org>")
        #expect(talk.say("DATA").hasPrefix("503 "))
        #expect(talk.say("BDAT 0").hasPrefix("250 ") && talk.say("DATA").hasPrefix("503 "))
        #expect(talk.say("RCPT TO:<c@example.org>").hasPrefix("503 "))
        #expect(talk.say("MAIL FROM:<c@example.org>").hasPrefix("503 "))
        #expect(talk.say("BDAT 0 LAST").hasPrefix("250 ") && talk.messages.map(\.recipients.count) == [1])
    }

    @Test func `A message of many chunks is kept octet for octet`() {
        let content = (0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ $0 / 7) }
        var wire = octets("MAIL FROM:<a@example.org> BODY=BINARYMIME\r\nRCPT TO:<b@example.org>\r\n")
        for start in stride(from: 0, to: content.count, by: 256) {
            let chunk = content[start..<min(start + 256, content.count)]
            wire += octets("BDAT \(chunk.count)\r\n") + chunk
        }
        wire += octets("BDAT 0 LAST\r\n")
        for piece in [1, 100, Int.max] {
            var talk = Conversation()
            talk.say("EHLO c")
            _ = talk.send(wire, piece: piece)
            #expect(talk.messages.map(\.bytes) == [content] && talk.violations == [])
        }
    }
}
