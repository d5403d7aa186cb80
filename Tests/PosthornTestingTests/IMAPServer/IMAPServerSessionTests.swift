import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// The engine of the IMAP server, without a socket.
@Suite(.computing) struct IMAPServerSessionTests {
    @Test func `A session reads, marks, deletes and leaves`() {
        var talk = IMAPConversation()
        #expect(talk.replies == "* OK localhost IMAP Posthorn test server\n")
        #expect(talk.say("a LOGIN u p") == "a OK signed in\n")
        #expect(
            talk.say("b SELECT inbox") == """
                * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $K)
                * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $K \\*)] what can be kept
                * 3 EXISTS
                * 0 RECENT
                * OK [UNSEEN 2] the first unseen one
                * OK [UIDVALIDITY 7] the UIDs are valid
                * OK [UIDNEXT 15] the next UID
                * OK [HIGHESTMODSEQ 1] the last change
                b OK [READ-WRITE] the mailbox is open

                """
        )
        #expect(
            talk.say("c FETCH 1:2 (UID FLAGS RFC822.SIZE)")
                == "* 1 FETCH (UID 11 FLAGS (\\Seen) RFC822.SIZE 19)\n* 2 FETCH (UID 12 FLAGS () RFC822.SIZE 19)\nc OK done\n"
        )
        #expect(
            talk.say("d FETCH 2 BODY[]")
                == "* 2 FETCH (BODY[] {19}\nSubject: 2\n\ntwo\n FLAGS (\\Seen))\nd OK done\n"
        )
        #expect(
            talk.say("e STORE 1,3 +FLAGS (\\Flagged)") == """
                * 1 FETCH (FLAGS (\\Seen \\Flagged))
                * 3 FETCH (FLAGS (\\Deleted $K \\Flagged))
                e OK done

                """
        )
        #expect(talk.say("f UID STORE 12 FLAGS.SILENT (\\Deleted)") == "f OK done\n")
        #expect(talk.say("g SEARCH DELETED") == "* SEARCH 2 3\ng OK done\n")
        #expect(talk.say("h UID EXPUNGE 14") == "* 3 EXPUNGE\nh OK done\n" && talk.inbox.count == 2)
        #expect(talk.say("i EXPUNGE") == "* 2 EXPUNGE\ni OK done\n" && talk.inbox == ["11 \\Seen \\Flagged"])
        #expect(talk.say("j LOGOUT") == "* BYE localhost closing the connection\nj OK done\n")
        #expect(talk.ending == .close && talk.violations == [])
        #expect(talk.commands.first == "LOGIN u <hidden>" && talk.commands.last == "LOGOUT")
    }

    @Test func `Literals wait, or do not`() {
        var talk = IMAPConversation()
        #expect(talk.say("a LOGIN {1}") == "+ go on\n" && talk.say("u {1}") == "+ go on\n")
        #expect(talk.say("p") == "a OK signed in\n" && talk.commands == ["LOGIN u <hidden>"])
        #expect(talk.say("b APPEND Sent (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {3}") == "+ go on\n")
        #expect(talk.say("abc") == "b OK [APPENDUID 8 1] done\n" && talk.box("Sent") == ["1 \\Seen"])
        #expect(talk.mail.snapshot("Sent", of: "u")?.messages.first?.internalDate == "17-Jul-1996 02:44:25 -0700")
        #expect(talk.say("c APPEND Sent {4+}\nabcd") == "c OK [APPENDUID 8 2] done\n" && talk.violations == [])
        #expect(talk.mail.snapshot("Sent", of: "u")?.messages.last?.text == "abcd")
        #expect(talk.say("d APPEND Sent {4}\nabcd") == "+ go on\nd OK [APPENDUID 8 3] done\n")
        #expect(talk.violations == ["the client did not wait before it sent a literal"])
        #expect(talk.say("e APPEND Nowhere {0+}\n") == "e NO [TRYCREATE] there is no such mailbox\n")
        #expect(talk.commands.last == "APPEND Nowhere {0}")
        var small = IMAPConversation {
            $0.limits.literal = 3
            $0.extensions.remove(.literalPlus)
        }
        small.signIn()
        #expect(small.say("a APPEND Sent {4}") == "a NO [TOOBIG] the message is too large\n")
        #expect(small.say("b APPEND Sent {4+}\nabcd") == "b NO [TOOBIG] the message is too large\n")
        #expect(small.box("Sent") == [] && small.violations.count == 1)
        #expect(small.say("c NOOP") == "c OK done\n")
    }

    @Test func `Expunges are not told during FETCH, STORE and SEARCH, flags are`() {
        var one = IMAPConversation()
        one.open()
        var two = IMAPConversation(connection: 2, mail: one.mail)
        two.open()
        two.say("a STORE 1 +FLAGS.SILENT (\\Answered)")
        two.say("b EXPUNGE")
        two.say("c APPEND INBOX {1+}\nx")
        #expect(
            one.say("a FETCH 1 UID") == """
                * 1 FETCH (UID 11)
                * 4 EXISTS
                * 1 FETCH (FLAGS (\\Seen \\Answered))
                a OK done

                """
        )
        #expect(
            one.say("b FETCH 3:4 UID") == """
                * 4 FETCH (UID 15)
                b NO [EXPUNGEISSUED] some of the messages do not exist any more

                """
        )
        #expect(one.say("c STORE 3 +FLAGS (\\Seen)").hasPrefix("c NO [EXPUNGEISSUED]"))
        #expect(one.say("d SEARCH ALL") == "* SEARCH 1 2 4\nd OK done\n")
        #expect(one.say("e UID FETCH 14:* UID") == "* 4 FETCH (UID 15)\n* 3 EXPUNGE\ne OK done\n")
        #expect(one.say("f NOOP") == "f OK done\n")
        #expect(two.say("d NOOP") == "d OK done\n" && one.violations == [] && two.violations == [])
    }

    @Test func `IDLE tells what happens`() {
        var talk = IMAPConversation()
        talk.open()
        #expect(talk.say("i IDLE") == "+ idling\n" && talk.wake() == "")
        let id = talk.mail.id("INBOX", of: "u") ?? 0
        _ = talk.mail.add(IMAPServerMessage(text: "x"), to: id)
        #expect(talk.wake() == "* 4 EXISTS\n")
        talk.mail.expunge(id, [12], areMarked: false)
        _ = talk.mail.store(id, [14], .set, ["\\Seen"])
        #expect(talk.wake() == "* 2 EXPUNGE\n* 2 FETCH (FLAGS (\\Seen))\n" && talk.wake() == "")
        _ = talk.mail.store(id, [14], .set, [])
        #expect(talk.say("DONE") == "* 2 FETCH (FLAGS ())\ni OK IDLE ends\n")
        #expect(talk.commands.last == "DONE" && talk.violations == [])
        #expect(talk.say("j IDLE") == "+ idling\n" && talk.say("x") == "j BAD DONE is expected\n")
    }

    @Test func `A mailbox whose UIDVALIDITY changes ends the session`() {
        var talk = IMAPConversation()
        talk.open()
        talk.mail.changeUIDValidity(talk.mail.id("INBOX", of: "u") ?? 0, to: nil, firstUID: 1)
        #expect(
            talk.say("a FETCH 1 UID") == """
                * BYE [UNAVAILABLE] the mailbox is gone or was made anew
                a NO [UNAVAILABLE] the mailbox is not there any more

                """
        )
        #expect(talk.ending == .close)
        var idler = IMAPConversation(connection: 3, mail: talk.mail)
        idler.open()
        idler.say("i IDLE")
        talk.mail.changeUIDValidity(talk.mail.id("INBOX", of: "u") ?? 0, to: 8, firstUID: 2)
        #expect(idler.wake().hasPrefix("* BYE ") && idler.ending == .close)
        var again = IMAPConversation(connection: 2, mail: talk.mail)
        #expect(again.open().contains("[UIDVALIDITY 8]") && again.inbox == ["2 \\Seen", "3", "4 \\Deleted $K"])
    }
}
