import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// Faults at every place of a conversation, without a socket.
@Suite(.computing) struct FaultPlaceTests {
    /// A conversation of all commands; each comes with the first word of its usual reply.
    private static let script = [
        "EHLO c", "NOOP", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "RCPT TO:<c@example.org>", "DATA",
        "text\n.", "RSET", "MAIL FROM:<d@example.org>", "RCPT TO:<e@example.org>", "BDAT 2\n", "BDAT 0 LAST", "QUIT",
    ]

    private func answers(_ faults: [SMTPServerFault]) -> (answers: [String], talk: Conversation) {
        var talk = Conversation { $0.faults = faults }
        var answers = [talk.replies]
        for line in Self.script { answers.append(talk.say(line)) }
        return (answers, talk)
    }

    @Test(arguments: [
        (SMTPServerFault.Place.greeting, [0]), (.ehlo, [1]), (.noop, [2]), (.mail, [3, 9]), (.rcpt, [4, 5, 10]),
        (.data, [6]), (.endOfMessage, [7, 12]), (.rset, [8]), (.bdat, [11]), (.quit, [13]),
        (.anyReply, Array(0...13)), (.startTLS, []), (.auth, []), (.mailInSameFlight, []), (.handshake, []),
    ])
    func `A fault strikes at its place and nowhere else`(place: SMTPServerFault.Place, positions: [Int]) {
        let usual = answers([]).answers
        let (found, talk) = answers([.at(place, .surplus("299 more"))])
        for position in usual.indices {
            let expected = usual[position] + (positions.contains(position) ? "299 more\n" : "")
            #expect(found[position] == expected, "at \(position)")
        }
        #expect(talk.messages.map(\.text) == ["text\r\n", "\r\n"] && talk.faults.count == positions.count)
    }

    @Test(arguments: 1...3)
    func `The nth reply at a place is meant`(number: Int) {
        // RCPT is counted within its message, the end of a message over the connection.
        let recipients = answers([.at(.rcpt, .nth(number), .answer("452 4.2.2 Mailbox full"))])
        #expect(recipients.answers[4].hasPrefix(number == 1 ? "452 " : "250 "))
        #expect(recipients.answers[5].hasPrefix(number == 2 ? "452 " : "250 "))
        #expect(recipients.answers[10].hasPrefix(number == 1 ? "452 " : "250 "))
        #expect(recipients.talk.messages.first?.recipients.count == (number == 3 ? 2 : 1))
        let messages = answers([.at(.endOfMessage, .nth(number), .answer("554 5.7.1 No"))])
        #expect(messages.answers[7].hasPrefix(number == 1 ? "554 " : "250 "))
        #expect(messages.answers[12].hasPrefix(number == 2 ? "554 " : "250 "))
        #expect(messages.talk.messages.count == (number == 3 ? 2 : 1))
        let senders = answers([.at(.mail, .nth(number), .answer("451 4.7.1 Later"))])
        #expect(senders.answers[3].hasPrefix(number == 1 ? "451 " : "250 "))
        #expect(senders.answers[9].hasPrefix(number == 2 ? "451 " : "250 "))
        #expect(senders.talk.messages.count == (number == 3 ? 2 : 1))
    }

    @Test func `From the nth on, and every one`() {
        let later = answers([.at(.mail, .from(2), .answer("451 4.7.1 Later"))])
        #expect(later.talk.messages.map(\.sender) == ["a@example.org"])
        #expect(answers([.at(.mail, .from(1), .answer("451 4.7.1 Later"))]).talk.messages.isEmpty)
        #expect(answers([.at(.rcpt, .every, .answer("550 5.1.1 No"))]).talk.messages.isEmpty)
    }

    @Test func `What is refused is not done`() {
        var talk = Conversation { $0.faults = [.at(.ehlo, .first, .answer("502 5.5.1 EHLO?"))] }
        #expect(talk.say("EHLO c") == "502 5.5.1 EHLO?\n")
        #expect(talk.say("MAIL FROM:<a@example.org>").hasPrefix("503 "))
        talk = Conversation { $0.faults = [.at(.greeting, .answer("554 5.3.2 go away"))] }
        #expect(talk.replies == "554 5.3.2 go away\n" && talk.isClosed)
        talk = Conversation { $0.faults = [.at(.data, .answer("451 4.3.0 not now"))] }
        talk.say("EHLO c\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        #expect(talk.say("DATA") == "451 4.3.0 not now\n" && talk.say("RSET").hasPrefix("250 "))
        talk = Conversation { $0.faults = [.at(.bdat, .answer("451 4.3.0 not now"))] }
        talk.say("EHLO c\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        #expect(talk.say("BDAT 0").hasPrefix("451 ") && talk.say("BDAT 0 LAST").hasPrefix("503 "))
        #expect(talk.messages.isEmpty)
    }

    @Test func `A sign-in goes wrong in the middle`() {
        var talk = Conversation {
            $0.users = ["user": "pencil"]
            $0.faults = [.at(.auth, .nth(2), .answer("454 4.7.0 not now")), .at(.auth, .nth(3), .answer("334 ???"))]
        }
        talk.say("EHLO c")
        #expect(talk.say("AUTH LOGIN").hasPrefix("334 "))
        #expect(talk.say("dXNlcg==") == "454 4.7.0 not now\n" && talk.say("NOOP").hasPrefix("250 "))
        #expect(talk.say("AUTH LOGIN") == "334 ???\n")
        #expect(talk.say("dXNlcg==").hasPrefix("334 ") && talk.session.user == nil)
    }

    @Test func `STARTTLS is refused, followed by more, or not followed by a handshake`() {
        func ask(_ act: SMTPServerFault.Act) -> (answer: String, talk: Conversation) {
            var talk = Conversation {
                $0.security = .startTLS
                $0.faults = [.at(.startTLS, act)]
            }
            talk.say("EHLO c")
            let answer = talk.say("STARTTLS")
            return (answer, talk)
        }
        let refused = ask(.answer("454 4.7.0 not now"))
        #expect(refused.answer == "454 4.7.0 not now\n" && !refused.talk.wantsTLS)
        let injected = ask(.surplus("250 SIZE 1"))
        #expect(injected.answer == "220 2.0.0 go ahead\n250 SIZE 1\n" && injected.talk.wantsTLS)
        let half = ask(.surplus(SMTPServerReply(octets: Array("250-".utf8))))
        #expect(half.answer == "220 2.0.0 go ahead\n250-" && half.talk.wantsTLS)
        let closed = ask(.endAfterReply(.close))
        #expect(closed.answer == "220 2.0.0 go ahead\n" && !closed.talk.wantsTLS && closed.talk.ending == .close)
    }

    @Test func `A handshake is broken before, within and after`() {
        func begin(_ act: SMTPServerFault.Act) -> Conversation {
            Conversation {
                $0.security = .implicitTLS
                $0.faults = [.at(.handshake, act)]
            }
        }
        #expect(begin(.end(.reset)).ending == .reset && !begin(.end(.reset)).wantsTLS)
        let cut = begin(.cut(after: 100, .cut)).handshake
        #expect(cut?.limit == 100 && cut?.ending == .cut)
        #expect(begin(.answer("220 what?")).handshake?.replacement == Array("220 what?\r\n".utf8))
        #expect(begin(.lose).handshake?.replacement == [])
        #expect(begin(.drip(every: .seconds(1))).handshake?.drip == .seconds(1))
        #expect(begin(.delay(.seconds(2))).waits == [.seconds(2)])
        var after = begin(.endAfterReply(.close))
        #expect(after.wantsTLS && after.replies == "")
        #expect(after.established(ServerEncryption()) == "" && after.ending == .close)
        var usual = begin(.surplus("250 nothing"))
        #expect(usual.established(ServerEncryption()).hasPrefix("220 ") && !usual.isClosed)
    }

    @Test func `Capabilities change, also after STARTTLS alone`() {
        var talk = Conversation {
            $0.security = .startTLS
            $0.extensions = [.size, .pipelining]
            $0.faults = [
                .at(.ehlo, .announce(adding: ["X-BEFORE"], hiding: ["starttls"])).whenEncrypted(false),
                .at(.ehlo, .announce(adding: ["SIZE 1", "CHUNKING"], hiding: ["SIZE", "PIPELINING"])).whenEncrypted(),
            ]
        }
        #expect(
            talk.say("EHLO c") == "250-localhost at your service\n250-PIPELINING\n250-SIZE 268435456\n250 X-BEFORE\n"
        )
        #expect(talk.say("STARTTLS").hasPrefix("220 ") && talk.wantsTLS)
        talk.established(ServerEncryption())
        #expect(talk.say("EHLO c") == "250-localhost at your service\n250-SIZE 1\n250 CHUNKING\n")
        #expect(talk.say("HELO c") == "250-localhost\n250-SIZE 1\n250 CHUNKING\n")
    }
}
