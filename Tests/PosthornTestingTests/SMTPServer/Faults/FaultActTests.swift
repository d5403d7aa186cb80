import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// What faults make of a reply, and what the server has taken then.
@Suite(.computing) struct FaultActTests {
    private static let usual = "250 2.0.0 Ok: queued as T1-1\n"

    /// One message with a fault at its end; gives what was answered there and afterwards to NOOP.
    private func end(
        _ fault: SMTPServerFault,
        usesChunking: Bool = false
    ) -> (answer: String, next: String, talk: Conversation) {
        var talk = Conversation { $0.faults = [fault] }
        talk.say("EHLO c\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        if !usesChunking { talk.say("DATA") }
        let answer = usesChunking ? talk.send(Array("BDAT 6 LAST\r\ntext\r\n".utf8)) : talk.say("text\n.")
        let next = talk.say("NOOP")
        return (answer, next, talk)
    }

    @Test(arguments: [
        (SMTPServerFault.Act.answer("451 4.3.0 later"), "451 4.3.0 later\n", false),
        (.answer("250 2.6.0 fine"), "250 2.6.0 fine\n", true),
        (.answer(SMTPServerReply(octets: [0x32, 0x35, 0x30, 0, 10])), "250\0\n", true),
        (.twice, usual + usual, true),
        (.surplus("250 2.0.0 Ok"), usual + "250 2.0.0 Ok\n", true),
        (.delay(.seconds(3)), usual, true),
        (.drip(every: .seconds(1)), usual, true),
    ])
    func `A reply is changed, and the conversation goes on`(
        act: SMTPServerFault.Act,
        answer: String,
        isTaken: Bool
    ) {
        for usesChunking in [false, true] {
            let found = end(.at(.endOfMessage, act), usesChunking: usesChunking)
            #expect(found.answer == answer && found.next == "250 2.0.0 Ok\n" && !found.talk.isClosed)
            #expect(found.talk.messages.count == (isTaken ? 1 : 0))
        }
    }

    @Test(arguments: [
        (SMTPServerFault.Act.end(.close), "", ServerEnding.close), (.end(.reset), "", .reset),
        (.end(.silence), "", .silence), (.end(.stopReading), "", .stopReading), (.cut(after: 4, .cut), "250 ", .cut),
        (.cut(after: 1_000, .reset), usual, .reset), (.endAfterReply(.close), usual, .close),
    ])
    func `A connection ends, and the message is taken or not as wanted`(
        act: SMTPServerFault.Act,
        answer: String,
        ending: ServerEnding
    ) {
        for usesChunking in [false, true] {
            for isTaken in [nil, true, false] {
                var fault = SMTPServerFault.at(.endOfMessage, act)
                if let isTaken { fault = fault.taking(isTaken) }
                let found = end(fault, usesChunking: usesChunking)
                #expect(found.answer == answer && found.next == "" && found.talk.ending == ending)
                #expect(found.talk.messages.count == (isTaken == false ? 0 : 1))
                #expect(found.talk.commands.last != "NOOP" && found.talk.faults == [fault])
            }
        }
    }

    @Test func `A refusal can be a lie, and an acceptance too`() {
        #expect(end(.at(.endOfMessage, .answer("451 4.3.0 no")).taking(true)).talk.messages.count == 1)
        #expect(end(.at(.endOfMessage, .twice).taking(false)).talk.messages.isEmpty)
    }

    @Test func `A lost reply leaves the client behind by one`() {
        let found = end(.at(.endOfMessage, .lose))
        #expect(found.answer == "" && found.next == "250 2.0.0 Ok\n" && found.talk.messages.count == 1)
    }

    @Test func `An early reply comes with the one before it`() {
        var talk = Conversation { $0.faults = [.at(.data, .answerAhead("250 2.0.0 taken already"))] }
        talk.say("EHLO c\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        #expect(talk.say("DATA").hasSuffix("\n250 2.0.0 taken already\n"))
        #expect(talk.say("text\n.") == "" && talk.messages.count == 1)
        #expect(talk.say("NOOP") == "250 2.0.0 Ok\n")
    }

    @Test func `Pauses are steps of their own`() {
        let dripped = end(.at(.endOfMessage, .drip(every: .milliseconds(7)))).talk
        #expect(dripped.waits == Array(repeating: .milliseconds(7), count: Self.usual.utf8.count + 1))
        #expect(end(.at(.endOfMessage, .delay(.seconds(3)))).talk.waits == [.seconds(3)])
    }

    @Test func `Several faults shape one reply in their order`() {
        var talk = Conversation {
            $0.faults = [
                .at(.noop, .delay(.seconds(1))), .at(.noop, .answer("250 one")), .at(.noop, .twice),
                .at(.anyReply, .nth(2), .cut(after: 12, .reset)),
            ]
        }
        #expect(talk.say("NOOP") == "250 one\n250" && talk.waits == [.seconds(1)] && talk.ending == .reset)
        #expect(talk.faults.count == 4)
    }

    @Test func `In LMTP a fault concerns the replies for all recipients`() {
        for (act, answer, isTaken) in [
            (SMTPServerFault.Act.answer("451 4.3.0 later"), "451 4.3.0 later\n451 4.3.0 later\n", false),
            (.lose, "", true), (.end(.reset), "", true),
        ] {
            var talk = Conversation {
                $0.isLMTP = true
                $0.faults = [.at(.endOfMessage, act)]
            }
            talk.say("LHLO c\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nRCPT TO:<c@example.org>")
            talk.say("DATA")
            #expect(talk.say("x\n.") == answer)
            #expect(talk.messages.map(\.recipients.count) == (isTaken ? [2] : []))
        }
    }

    @Test func `A second message in the flight of the first breaks the server`() {
        let begin = "MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nBDAT 0 LAST\n"
        func talk(_ texts: [String]) -> Conversation {
            var talk = Conversation { $0.faults = [.at(.mailInSameFlight, .end(.close))] }
            talk.say("EHLO c")
            for text in texts { talk.send(Array(text.replacing("\n", with: "\r\n").utf8)) }
            return talk
        }
        #expect(talk([begin + begin]).messages.count == 1 && talk([begin + begin]).ending == .close)
        #expect(talk([begin + "RSET\n" + begin]).ending == .close)
        #expect(talk([begin, begin]).messages.count == 2 && !talk([begin, begin]).isClosed)
    }
}
