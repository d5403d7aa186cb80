import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// Faults by octets, silence, connection, message and chance.
@Suite(.computing) struct FaultReachTests {
    private static let message = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\ntext\r\n.\r\n"
    private static let whole = Array(("EHLO c\r\n" + message + message + "QUIT\r\n").utf8)

    private func talk(_ faults: [SMTPServerFault], connection: Int = 1, piece: Int = .max) -> (String, Conversation) {
        var talk = Conversation(connection: connection) { $0.faults = faults }
        let replies = talk.replies + talk.send(Self.whole, piece: piece)
        return (replies, talk)
    }

    @Test func `After every number of octets received it is known what was taken`() throws {
        let text = String(decoding: Self.whole, as: UTF8.self)
        let ends = text.ranges(of: "\r\n.\r\n").map { text.utf8.distance(from: text.startIndex, to: $0.upperBound) }
        try #require(ends.count == 2)
        for count in 0...Self.whole.count {
            let (replies, atOnce) = talk([.afterReceiving(count, .reset)])
            #expect(atOnce.messages.count == ends.count { $0 <= count }, "after \(count)")
            // The last octet ends the conversation by QUIT.
            #expect(atOnce.ending == (count == Self.whole.count ? .close : .reset))
            let (others, single) = talk([.afterReceiving(count, .reset)], piece: 1)
            #expect(others == replies && single.messages.count == atOnce.messages.count, "after \(count)")
        }
        #expect(talk([.afterReceiving(Self.whole.count + 1, .reset)]).1.ending == .close)
    }

    @Test func `After every number of octets sent it is known what was taken`() throws {
        let usual = talk([]).1.sent
        let first = try #require(Octets.position(of: Array("queued".utf8), in: usual))
        for count in 0..<usual.count {
            let cut = talk([.afterSending(count, .cut)]).1
            #expect(cut.sent == Array(usual.prefix(count)) && cut.ending == .cut, "after \(count)")
            #expect(count < first || !cut.messages.isEmpty)
            #expect(talk([.afterSending(count, .cut)], piece: 1).1.messages.count == cut.messages.count)
        }
        #expect(talk([.afterSending(0, .silence)]).1.ending == .silence)
    }

    @Test func `Octets are counted from MAIL on for a fault of messages`() {
        let mail = "MAIL FROM:<a@example.org>\r\n".utf8.count
        for piece in [1, 3, Int.max] {
            let (_, talk) = talk([.afterReceiving(mail + 5, .reset).onMessage(.nth(2))], piece: piece)
            #expect(talk.messages.count == 1 && talk.ending == .reset)
            #expect(talk.commands.last == "MAIL FROM:<a@example.org>")
        }
        let (replies, sent) = self.talk([.afterSending(3, .close).onMessage(.nth(2))])
        #expect(sent.messages.count == 1 && replies.hasSuffix("queued as T1-1\n250"))
    }

    @Test func `A silence ends the connection, with and without words`() {
        var talk = Conversation { $0.faults = [.whenIdle(for: .seconds(2), saying: "421 4.4.2 bye")] }
        #expect(talk.session.idleLimit == .seconds(2))
        talk.answered = []
        talk.take(talk.session.timedOut())
        #expect(talk.replies == "421 4.4.2 bye\n" && talk.ending == .close && talk.faults.count == 1)
        talk = Conversation { $0.faults = [.whenIdle(for: .seconds(2), .reset).onMessage(.every)] }
        #expect(talk.session.idleLimit == .seconds(60))
        talk.say("EHLO c\nMAIL FROM:<a@example.org>")
        #expect(talk.session.idleLimit == .seconds(2))
        talk.answered = []
        talk.take(talk.session.timedOut())
        #expect(talk.replies == "" && talk.ending == .reset)
        talk = Conversation { $0.faults = [.whenIdle(for: .seconds(90), .reset)] }
        talk.take(talk.session.timedOut())
        #expect(talk.replies.contains("421 ") && talk.ending == .close)
    }

    @Test(arguments: [
        (ServerTurn.every, [1, 2, 3, 4]), (.first, [1]), (.nth(3), [3]), (.from(3), [3, 4]), (.nth(0), []),
    ])
    func `A fault can be restricted to connections and messages`(turn: ServerTurn, struck: [Int]) {
        for number in 1...4 {
            let (_, talk) = talk([.at(.quit, .end(.reset)).onConnection(turn)], connection: number)
            #expect(talk.ending == (struck.contains(number) ? .reset : .close))
        }
        var talk = Conversation { $0.faults = [.at(.rcpt, .nth(2), .answer("450 4.2.1 busy")).onMessage(turn)] }
        talk.say("EHLO c")
        for number in 1...4 {
            talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nRCPT TO:<c@example.org>\nBDAT 0 LAST")
            #expect(talk.messages.last?.recipients.count == (struck.contains(number) ? 1 : 2))
        }
    }

    @Test func `Chance is the same on every run and another with another seed`() {
        func struck(_ seed: UInt64, _ probability: Double, per unit: ServerUnit) -> [[Int]] {
            (1...200).map { connection in
                var talk = Conversation(connection: connection) {
                    $0.faults = [
                        .random(
                            seed: seed,
                            probability: probability,
                            per: unit,
                            of: [
                                .at(.endOfMessage, .answer("451 4.3.0 one")),
                                .at(.endOfMessage, .answer("451 4.3.0 two")),
                                .random(seed: 1, probability: 1, of: [.at(.endOfMessage, .answer("451 4.3.0 three"))]),
                            ]
                        )
                    ]
                }
                talk.say("EHLO c")
                return (1...5).map { _ in
                    let answer = talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nBDAT 0 LAST")
                    return answer.contains("one") ? 1 : answer.contains("two") ? 2 : answer.contains("three") ? 3 : 0
                }
            }
        }
        let messages = struck(7, 0.3, per: .message)
        #expect(messages == struck(7, 0.3, per: .message) && messages != struck(8, 0.3, per: .message))
        let hits = messages.joined().filter { $0 > 0 }
        #expect((200...400).contains(hits.count) && Set(hits) == [1, 2, 3])
        let connections = struck(7, 0.3, per: .connection)
        #expect(connections.allSatisfy { Set($0).count == 1 })
        #expect((30...90).contains(connections.count { $0[0] > 0 }))
        #expect(struck(7, 0, per: .message).joined().allSatisfy { $0 == 0 })
        #expect(struck(7, 1, per: .message).joined().allSatisfy { $0 > 0 })
    }
}
