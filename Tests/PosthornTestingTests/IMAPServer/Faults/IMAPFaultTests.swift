import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// What the faults of the IMAP server do to a conversation.
@Suite(.computing) struct IMAPFaultTests {
    private func talk(_ faults: IMAPServerFault...) -> IMAPConversation {
        var talk = IMAPConversation { $0.faults = faults }
        talk.open()
        return talk
    }

    private static let line = "* 1 FETCH (BODY[TEXT] {5}\none\n)\n"
    private static let usual = line + "f OK done\n"

    @Test(arguments: [
        (IMAPServerFault.Act.answer(.no("gone")), "f NO gone\n", ServerEnding?.none),
        (.answer("* 9 EXISTS\n{tag} OK {tag}"), "* 9 EXISTS\nf OK f\n", nil),
        (.answer(IMAPServerReply(octets: [0xFF])), "\u{FFFD}", nil),
        (.insert("* 2 EXPUNGE"), line + "* 2 EXPUNGE\nf OK done\n", nil),
        (.precede("* 2 EXPUNGE"), "* 2 EXPUNGE\n" + usual, nil),
        (.surplus("{tag} OK again"), usual + "f OK again\n", nil), (.twice, usual + usual, nil),
        (.retag("x"), line + "x OK done\n", nil), (.bye("later"), line + "* BYE later\nf OK done\n", nil),
        (.cut(after: 30, .reset), "* 1 FETCH (BODY[TEXT] {5}\none", .reset), (.cut(after: 0, .close), "", .close),
        (.cut(after: 1_000, .cut), usual, .cut), (.lose, "", nil), (.end(.silence), "", .silence),
        (.endAfterReply(.stopReading), usual, .stopReading), (.delay(.seconds(1)), usual, nil),
        (.drip(every: .seconds(2)), usual, nil), (.unterminated(.close), line, .close),
        (.literalSize(3), "* 1 FETCH (BODY[TEXT] {3}\none\n)\nf OK done\n", nil),
        (.literalSize(.max), "* 1 FETCH (BODY[TEXT] {18446744073709551615}\none\n)\nf OK done\n", nil),
        (.literalSize(text: "-1"), "* 1 FETCH (BODY[TEXT] {-1}\none\n)\nf OK done\n", nil),
        (.announce(adding: ["X"]), usual, nil),
    ])
    func `Every act shapes a reply`(act: IMAPServerFault.Act, text: String, ending: ServerEnding?) {
        var talk = talk(.at(.fetch, act))
        #expect(talk.say("f FETCH 1 BODY.PEEK[TEXT]") == text && talk.ending == ending)
        #expect(talk.faults == [.at(.fetch, act)])
        if ending == nil { #expect(talk.say("n NOOP") == "n OK done\n") }
        if act == .delay(.seconds(1)) { #expect(talk.waits == [.seconds(1)]) }
        if act == .drip(every: .seconds(2)) { #expect(talk.waits.count == Self.usual.utf8.count + 4) }
    }

    @Test func `An endless line has no end, and is made in pieces`() {
        for act in [IMAPServerFault.Act.endless(), .endless(after: "* SEARCH ", UInt8(ascii: "1"))] {
            var talk = talk(.at(.noop, act))
            talk.say("n NOOP")
            #expect(talk.session.hasMore && talk.longestStep <= 64 * 1_024 && talk.answered.count > 4_000_000)
            #expect(talk.replies.hasPrefix(act == .endless() ? "* OK xx" : "* SEARCH 11"))
        }
    }

    @Test(arguments: [
        (IMAPServerFault.Place.capability, "CAPABILITY"), (.startTLS, "STARTTLS"), (.login, "LOGIN u p"),
        (.authenticate, "AUTHENTICATE PLAIN"), (.id, "ID NIL"), (.noop, "NOOP"), (.logout, "LOGOUT"),
        (.continuation, "LOGIN {1}"), (.anyReply, "NOOP"),
    ])
    func `A fault strikes at every place before the sign-in`(place: IMAPServerFault.Place, text: String) {
        var talk = IMAPConversation {
            $0.security = .startTLS
            $0.faults = [.at(place, .from(place == .anyReply ? 2 : 1), .answer(.no("no")))]
        }
        #expect(talk.say("a \(text)") == "a NO no\n" && talk.faults.count == 1 && talk.handshake == nil)
        #expect(talk.ending == (place == .logout ? .close : nil) && talk.session.user == nil)
    }

    @Test(arguments: [
        (IMAPServerFault.Place.enable, "ENABLE CONDSTORE"), (.namespace, "NAMESPACE"), (.list, "LIST \"\" *"),
        (.list, "LSUB \"\" *"), (.status, "STATUS Sent (MESSAGES)"), (.create, "CREATE x"), (.delete, "DELETE Sent"),
        (.rename, "RENAME Sent x"), (.subscribe, "SUBSCRIBE x"), (.subscribe, "UNSUBSCRIBE x"),
        (.select, "EXAMINE Sent"),
        (.close, "CLOSE"), (.close, "UNSELECT"), (.fetch, "FETCH 1 BODY[]"), (.store, "STORE 1 FLAGS ()"),
        (.search, "SEARCH ALL"), (.append, "APPEND INBOX {1+}\nx"), (.copy, "COPY 1 Sent"), (.move, "UID MOVE 11 Sent"),
        (.expunge, "EXPUNGE"), (.quota, "GETQUOTAROOT INBOX"), (.noop, "CHECK"), (.idle, "IDLE"),
    ])
    func `A fault strikes at every place after the sign-in, and nothing is done`(
        place: IMAPServerFault.Place,
        text: String
    ) {
        var talk = IMAPConversation { $0.faults = [.at(place, .from(place == .select ? 2 : 1), .answer(.no("no")))] }
        talk.open()
        let before = (talk.inbox, talk.mail.list(of: "u").map(\.name))
        #expect(talk.say("a \(text)") == "a NO no\n" && talk.faults.count == 1 && talk.violations == [])
        #expect((talk.inbox, talk.mail.list(of: "u").map(\.name)) == before && talk.box("Sent") == [])
        #expect(talk.say("b NOOP") == (place == .noop ? "b NO no\n" : "b OK done\n"))
    }

    @Test func `IDLE, its end and what it tells can be broken`() {
        var lost = talk(.at(.push, .first, .lose), .at(.push, .nth(2), .endAfterReply(.silence)))
        lost.say("i IDLE")
        let id = lost.mail.id("INBOX", of: "u") ?? 0
        lost.mail.expunge(id, [11], areMarked: false)
        #expect(lost.wake() == "")
        lost.mail.expunge(id, [12], areMarked: false)
        #expect(lost.wake() == "* 1 EXPUNGE\n" && lost.ending == .silence)
        var refused = talk(.at(.done, .answer(.no("no"))))
        refused.say("i IDLE")
        #expect(refused.say("DONE") == "i NO no\n" && refused.say("n NOOP") == "n OK done\n")
    }

    @Test func `Whether something is done is not a matter of the reply`() {
        var lost = talk(.at(.append, .end(.reset)))
        #expect(lost.say("a APPEND Sent {1+}\nx") == "" && lost.ending == .reset && lost.box("Sent") == ["1"])
        var kept = talk(IMAPServerFault.at(.append, .end(.reset)).doing(false))
        #expect(kept.say("a APPEND Sent {1+}\nx") == "" && kept.ending == .reset && kept.box("Sent") == [])
        var liar = talk(IMAPServerFault.at(.expunge, .answer(.no("not removed"))).doing(true))
        #expect(liar.say("e EXPUNGE") == "e NO not removed\n" && liar.inbox.count == 2)
        var idler = talk(IMAPServerFault.at(.store, .delay(.zero)).doing(false))
        #expect(idler.say("s STORE 1 FLAGS ()") == "s OK done\n" && idler.inbox.first == "11 \\Seen")
    }

    @Test func `Every octet of a reply can be the last one`() {
        let usual = Array(Self.usual.replacing("\n", with: "\r\n").utf8)
        for count in 0...usual.count {
            var talk = talk(IMAPServerFault.afterSending(count, .cut).onCommand(.nth(4)))
            #expect(talk.say("n NOOP") == "n OK done\n")
            talk.say("f FETCH 1 BODY.PEEK[TEXT]")
            #expect(talk.answered == Array(usual.prefix(count)) && talk.ending == .cut, "\(count)")
        }
        for count in 1...20 {
            var talk = IMAPConversation { $0.faults = [.afterReceiving(count, .close)] }
            talk.say("a NOOP\nb NOOP\nc LOGOUT")
            #expect(talk.ending == .close && talk.commands.count == (count >= 16 ? 2 : count >= 8 ? 1 : 0), "\(count)")
        }
    }

    @Test func `Capabilities can be added and hidden, wherever they are told`() {
        var talk = IMAPConversation {
            $0.tellsCapabilities = true
            $0.security = .startTLS
            $0.faults = [
                .at(.greeting, .announce(adding: ["X"], hiding: ["AUTH", "STARTTLS", "LOGINDISABLED"])),
                .at(.capability, .announce(hiding: ["idle", "LITERAL+"])),
            ]
        }
        #expect(talk.replies.hasPrefix("* OK [CAPABILITY IMAP4rev1 ") && talk.replies.contains(" X] localhost"))
        #expect(!talk.replies.contains("AUTH=") && !talk.replies.contains("STARTTLS"))
        let told = talk.say("a CAPABILITY")
        #expect(told.contains(" STARTTLS LOGINDISABLED\n") && !told.contains("IDLE") && !told.contains("LITERAL+"))
    }

    @Test func `STARTTLS can be refused and injected into, and a handshake be broken`() {
        var talk = IMAPConversation {
            $0.security = .startTLS
            $0.faults = [
                .at(.startTLS, .first, .answer(.bad("no"))), .at(.startTLS, .nth(2), .surplus("* BYE injected")),
            ]
        }
        #expect(talk.say("a LOGIN u p").hasPrefix("a NO [PRIVACYREQUIRED]") && talk.violations.count == 1)
        #expect(talk.say("b STARTTLS") == "b BAD no\n" && talk.handshake == nil)
        #expect(talk.say("c STARTTLS") == "c OK begin the handshake\n* BYE injected\n" && talk.handshake != nil)
        #expect(talk.established() == "" && talk.say("d LOGIN u p") == "d OK signed in\n")
        let cut = IMAPConversation {
            $0.security = .implicitTLS
            $0.faults = [.at(.handshake, .cut(after: 300, .reset))]
        }
        #expect(cut.handshake?.limit == 300 && cut.handshake?.ending == .reset)
    }

    @Test func `The greeting can refuse, and be PREAUTH`() {
        let refused = IMAPConversation { $0.faults = [.at(.greeting, .answer("* BYE later"))] }
        #expect(refused.replies == "* BYE later\n" && refused.ending == .close)
        var trusted = IMAPConversation { $0.preauthenticatedUser = "u" }
        #expect(trusted.replies == "* PREAUTH localhost IMAP Posthorn test server\n")
        #expect(trusted.say("a SELECT INBOX").hasSuffix("a OK [READ-WRITE] the mailbox is open\n"))
        #expect(trusted.say("b LOGIN u p") == "b BAD not in this state\n")
    }

    @Test func `A server without patience, and one whose faults are drawn by lot`() {
        var talk = talk(.whenIdle(for: .seconds(2), saying: "* BYE bye", .cut))
        #expect(talk.session.idleLimit == .seconds(2))
        talk.answered = []
        talk.take(talk.session.timedOut())
        #expect(talk.replies == "* BYE bye\n" && talk.ending == .cut)
        let lot = IMAPServerFault.random(
            seed: 3,
            probability: 0.5,
            per: .message,
            of: [.at(.noop, .answer(.no("lot")))]
        )
        var struck: [[Bool]] = []
        for _ in 1...2 {
            var drawn = self.talk(lot)
            struck.append((1...40).map { drawn.say("\($0) NOOP") == "\($0) NO lot\n" })
        }
        #expect(struck[0] == struck[1] && (10...30).contains(struck[0].count { $0 }))
    }
}
