import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// What the faults of the POP3 server do to a conversation.
@Suite(.computing) struct POP3FaultTests {
    private func talk(_ faults: POP3ServerFault...) -> POP3Conversation {
        var talk = POP3Conversation { $0.faults = faults }
        talk.signIn()
        return talk
    }

    private static let usual = "+OK 19 octets\nSubject: 2\n\ntwo\n.\n"

    @Test(arguments: [
        (POP3ServerFault.Act.answer("-ERR gone"), "-ERR gone\n", ServerEnding?.none),
        (.answer(POP3ServerReply(octets: [0xFF])), "\u{FFFD}", nil),
        (.surplus("+OK more"), usual + "+OK more\n", nil), (.twice, usual + usual, nil),
        (.cut(after: 30, .reset), "+OK 19 octets\nSubject: 2\n\nt", .reset), (.cut(after: 0, .close), "", .close),
        (.cut(after: 1_000, .cut), usual, .cut), (.lose, "", nil), (.end(.silence), "", .silence),
        (.endAfterReply(.stopReading), usual, .stopReading), (.delay(.seconds(1)), usual, nil),
        (.drip(every: .seconds(2)), usual, nil),
        (.unterminated(.close), "+OK 19 octets\nSubject: 2\n\ntwo\n", .close),
        (.lengthen(by: 81), "+OK 19 octets\nSubject: 2\n\ntwo\n\(String(repeating: "x", count: 76))\nx\n.\n", nil),
        (.lengthen(by: 79), "+OK 19 octets\nSubject: 2\n\ntwo\n\(String(repeating: "x", count: 77))\n.\n", nil),
    ])
    func `Every act shapes a message`(act: POP3ServerFault.Act, text: String, ending: ServerEnding?) {
        var talk = talk(.at(.retr, act))
        #expect(talk.say("RETR 2") == text && talk.ending == ending)
        #expect(talk.faults == [.at(.retr, act)])
        if ending == nil { #expect(talk.say("NOOP") == "+OK fine\n") }
        if act == .delay(.seconds(1)) { #expect(talk.waits == [.seconds(1)]) }
        if act == .drip(every: .seconds(2)) { #expect(talk.waits.count == 37) }
    }

    @Test func `An endless line has no end, and is made in pieces`() {
        for place in [POP3ServerFault.Place.retr, .list, .capa] {
            var talk = talk(.at(place, .endless()))
            talk.say(place == .retr ? "RETR 1" : place == .list ? "LIST" : "CAPA")
            #expect(talk.session.hasMore && talk.longestStep <= 64 * 1_024 && talk.answered.count > 4_000_000)
            #expect(talk.answered.suffix(4_000_000).allSatisfy { $0 == UInt8(ascii: "x") })
        }
    }

    @Test(arguments: [
        (POP3ServerFault.Place.user, "USER u"), (.pass, "USER u\nPASS p"), (.apop, "APOP u x"), (.auth, "AUTH PLAIN"),
        (.capa, "CAPA"), (.utf8, "UTF8"), (.lang, "LANG"), (.quit, "QUIT"),
    ])
    func `A fault strikes at every place before the sign-in`(place: POP3ServerFault.Place, text: String) {
        var talk = POP3Conversation { $0.faults = [.at(place, .answer("-ERR no"))] }
        #expect(talk.say(text).hasSuffix("-ERR no\n") && talk.faults.count == 1)
        if place != .quit { #expect(talk.say("STAT") == "-ERR not before the sign-in\n") }
    }

    @Test(arguments: [
        (POP3ServerFault.Place.stat, "STAT"), (.list, "LIST"), (.uidl, "UIDL"), (.top, "TOP 1 0"), (.retr, "RETR 1"),
        (.dele, "DELE 1"), (.rset, "RSET"), (.noop, "NOOP"), (.quit, "QUIT"), (.anyReply, "STAT"),
    ])
    func `A fault strikes at every place after the sign-in`(place: POP3ServerFault.Place, text: String) {
        var talk = POP3Conversation { $0.faults = [.at(place, .from(place == .anyReply ? 4 : 1), .answer("-ERR no"))] }
        talk.signIn()
        #expect(talk.say(text) == "-ERR no\n" && talk.faults.count == 1 && talk.left == ["one", "two"])
    }

    @Test func `The greeting can be a refusal, and end in a sign-in that is refused`() {
        let refused = POP3Conversation { $0.faults = [.at(.greeting, .answer("-ERR [SYS/TEMP] later"))] }
        #expect(refused.replies == "-ERR [SYS/TEMP] later\n" && refused.ending == .close)
        var talk = POP3Conversation { $0.faults = [.at(.auth, .nth(2), .answer("-ERR no"))] }
        #expect(talk.say("AUTH PLAIN") == "+ \n" && talk.say("AHUAcA==") == "-ERR no\n")
    }

    @Test func `Whether messages are deleted is not a matter of the reply`() {
        var lost = talk(.at(.quit, .end(.reset)))
        lost.say("DELE 1")
        #expect(lost.say("QUIT") == "" && lost.ending == .reset && lost.left == ["two"])
        var kept = talk(POP3ServerFault.at(.quit, .end(.reset)).deleting(false))
        kept.say("DELE 1")
        #expect(kept.say("QUIT") == "" && kept.left == ["one", "two"])
        var liar = talk(POP3ServerFault.at(.quit, .answer("-ERR not removed")).deleting(true))
        liar.say("DELE 1")
        #expect(liar.say("QUIT") == "-ERR not removed\n" && liar.ending == .close && liar.left == ["two"])
        var unmarked = talk(POP3ServerFault.at(.dele, .first, .lose).deleting(false))
        #expect(unmarked.say("DELE 1") == "" && unmarked.say("DELE 2").hasPrefix("+OK"))
        unmarked.say("QUIT")
        #expect(unmarked.left == ["one"])
    }

    @Test func `Every octet of a reply can be the last one`() {
        let usual = Array(Self.usual.replacing("\n", with: "\r\n").utf8)
        for count in 0...usual.count {
            var talk = talk(POP3ServerFault.afterSending(count, .cut).onMessage(.nth(2)))
            #expect(talk.say("RETR 1").hasSuffix("\n.\n"))
            talk.say("RETR 2")
            #expect(talk.answered == Array(usual.prefix(count)) && talk.ending == .cut, "\(count)")
            #expect(talk.left == ["one", "two"])
        }
        for count in 1...20 {
            var talk = POP3Conversation { $0.faults = [.afterReceiving(count, .close)] }
            talk.say("USER u\nPASS p\nQUIT")
            #expect(talk.ending == .close && talk.commands.count == (count >= 16 ? 2 : count >= 8 ? 1 : 0), "\(count)")
        }
    }

    @Test func `Capabilities can be added and hidden`() {
        var talk = talk(.at(.capa, .announce(adding: ["XYZ 1"], hiding: ["uidl", "SASL", "EXPIRE"])))
        let lines = talk.say("CAPA").split(separator: "\n")
        #expect(lines.suffix(2) == ["XYZ 1", "."] && lines.contains("TOP") && !lines.contains("UIDL"))
        #expect(!lines.contains { $0.hasPrefix("SASL") } && talk.say("UIDL").hasPrefix("+OK"))
    }

    @Test func `STLS can be refused, injected into and stripped`() {
        var refused = POP3Conversation {
            $0.security = .startTLS
            $0.faults = [.at(.stls, .first, .answer("-ERR no")), .at(.stls, .nth(2), .surplus("+OK injected"))]
        }
        #expect(refused.say("STLS") == "-ERR no\n" && refused.handshake == nil)
        #expect(refused.say("STLS") == "+OK begin the handshake\n+OK injected\n" && refused.handshake != nil)
        var stripped = POP3Conversation {
            $0.security = .startTLS
            $0.faults = [POP3ServerFault.at(.capa, .announce(hiding: ["STLS"])).whenEncrypted(false)]
        }
        #expect(!stripped.say("CAPA").contains("STLS"))
    }

    @Test func `A handshake can be broken`() {
        let gone = POP3Conversation {
            $0.security = .implicitTLS
            $0.faults = [.at(.handshake, .end(.close))]
        }
        #expect(gone.handshake == nil && gone.ending == .close)
        let cut = POP3Conversation {
            $0.security = .implicitTLS
            $0.faults = [.at(.handshake, .cut(after: 300, .reset))]
        }
        #expect(cut.handshake?.limit == 300 && cut.handshake?.ending == .reset)
    }

    @Test func `A server without patience, and one whose faults are drawn by lot`() {
        var talk = talk(.whenIdle(for: .seconds(2), saying: "-ERR bye", .cut))
        #expect(talk.session.idleLimit == .seconds(2))
        talk.answered = []
        talk.take(talk.session.timedOut())
        #expect(talk.replies == "-ERR bye\n" && talk.ending == .cut)
        let lot = POP3ServerFault.random(
            seed: 3,
            probability: 0.5,
            per: .message,
            of: [.at(.retr, .answer("-ERR lot"))]
        )
        var struck: [[Bool]] = []
        for _ in 1...2 {
            var drawn = POP3Conversation { configuration in
                configuration.messages["u"] = (1...40).map { POP3ServerMessage(uid: "\($0)", text: "x") }
                configuration.faults = [lot]
            }
            drawn.signIn()
            struck.append((1...40).map { drawn.say("RETR \($0)") == "-ERR lot\n" })
        }
        #expect(struck[0] == struck[1] && (10...30).contains(struck[0].count { $0 }))
    }
}
