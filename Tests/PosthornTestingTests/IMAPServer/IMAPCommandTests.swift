import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// Names of mailboxes, searches, copies, and what a client must not do.
@Suite(.computing) struct IMAPCommandTests {
    private func talk(_ change: (inout IMAPServerConfiguration) -> Void = { _ in }) -> IMAPConversation {
        var talk = IMAPConversation(change)
        talk.signIn()
        return talk
    }

    @Test func `Lists`() {
        var talk = talk()
        #expect(
            talk.say("a LIST \"\" *") == """
                * LIST (\\HasNoChildren) "/" "INBOX"
                * LIST (\\Sent \\HasNoChildren) "/" "Sent"
                * LIST (\\Noselect \\HasChildren) "/" "Work"
                * LIST (\\Noselect \\HasChildren) "/" "Work/2026"
                * LIST (\\HasNoChildren) "/" "Work/2026/&AMQ-&-"
                a OK done

                """
        )
        #expect(talk.say("b LIST \"\" %").split(separator: "\n").count == 4)
        #expect(talk.say("c LIST Work/ %") == "* LIST (\\Noselect \\HasChildren) \"/\" \"Work/2026\"\nc OK done\n")
        #expect(talk.say("d LIST \"\" inb*x") == "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\nd OK done\n")
        #expect(talk.say("e LIST \"\" \"\"") == "* LIST (\\Noselect) \"/\" \"\"\ne OK done\n")
        #expect(
            talk.say("f LIST (SPECIAL-USE) \"\" (* x) RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN SIZE))")
                == "* LIST (\\Sent \\HasNoChildren \\Subscribed) \"/\" \"Sent\"\n* STATUS \"Sent\" (MESSAGES 0 UNSEEN 0 SIZE 0)\nf OK done\n"
        )
        talk.say("g UNSUBSCRIBE Sent")
        #expect(
            talk.say("h LSUB \"\" S*") == "h OK done\n"
                && talk.say("i NAMESPACE").hasPrefix("* NAMESPACE ((\"\" \"/\")) NIL NIL\n")
        )
        #expect(
            talk.say(
                "j STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ APPENDLIMIT)"
            )
                == "* STATUS \"INBOX\" (MESSAGES 3 RECENT 0 UIDNEXT 15 UIDVALIDITY 7 UNSEEN 2 DELETED 1 SIZE 59 HIGHESTMODSEQ 1 APPENDLIMIT 67108864)\nj OK done\n"
        )
        #expect(talk.violations == [])
    }

    @Test func `Mailboxes are made, renamed and removed`() {
        var talk = talk()
        #expect(
            talk.say("a CREATE A/B/").hasPrefix("a OK") && talk.say("b CREATE A/B").hasPrefix("b NO [ALREADYEXISTS]")
        )
        #expect(talk.say("c CREATE Bin (USE (\\Trash))").hasPrefix("c OK"))
        #expect(talk.say("d LIST (SPECIAL-USE) \"\" Bin").contains("(\\Trash \\HasNoChildren)"))
        #expect(talk.say("e RENAME A &AMQ-/x").hasPrefix("e OK"))
        #expect(talk.mail.list(of: "u").map(\.name).suffix(3) == ["Ä", "Ä/x", "Ä/x/B"])
        #expect(
            talk.say("f DELETE &AMQ-/x/B").hasPrefix("f OK") && talk.say("g DELETE A").hasPrefix("g NO [NONEXISTENT]")
        )
        #expect(talk.say("h DELETE INBOX").hasPrefix("h NO") && talk.say("i RENAME INBOX Old").hasPrefix("i OK"))
        #expect(talk.inbox == [] && talk.box("Old").count == 3)
        #expect(talk.say("j CREATE a&b").hasPrefix("j BAD") && talk.violations.count == 1)
        #expect(talk.mail.snapshot("Old", of: "u")?.uidValidity == 12)
        // Who looks at a mailbox that goes away is told by the end.
        var other = IMAPConversation(connection: 2, mail: talk.mail)
        other.open("SELECT Old")
        talk.say("k DELETE Old")
        #expect(other.say("a NOOP").hasPrefix("* BYE ") && other.ending == .close)
    }

    @Test(arguments: ["", "INBOX", "Ä", "a&b", "日本語/x", "\u{1F600}-&", "tab\there", "é&é"])
    func `Modified UTF-7 comes back`(name: String) {
        let text = IMAPMailboxName.encode(name)
        #expect(text.utf8.allSatisfy { (32...126).contains($0) } && IMAPMailboxName.decode(text) == name)
    }

    @Test func `The examples of RFC 3501, and what is no modified UTF-7`() {
        #expect(IMAPMailboxName.decode("~peter/mail/&U,BTFw-/&ZeVnLIqe-") == "~peter/mail/台北/日本語")
        #expect(IMAPMailboxName.encode("台北") == "&U,BTFw-")
        for text in ["&", "&A-", "&U,BTF-", "é", "&!-"] { #expect(IMAPMailboxName.decode(text) == nil) }
    }

    @Test(arguments: [
        ("ALL", "1 2 3"), ("SEEN", "1"), ("UNSEEN", "2 3"), ("DELETED UNSEEN", "3"), ("NOT DELETED", "1 2"),
        ("OR SEEN DELETED", "1 3"), ("UID 12:13", "2"), ("UID 99:*", "3"), ("2:*", "2 3"), ("KEYWORD $k", "3"),
        ("UNKEYWORD $K", "1 2"), ("SUBJECT 2", "2"), ("SUBJECT \"\"", "1 2 3"), ("HEADER x-none \"\"", ""),
        ("FROM a", ""), ("BODY TWO", "2"), ("TEXT subject", "1 2 3"), ("BODY subject", ""), ("LARGER 19", "3"),
        ("SMALLER 20", "1 2"), ("SINCE 1-Jan-2026", "1 2 3"), ("BEFORE 01-Jan-2026", ""),
        ("ON \"1-Jan-2026\"", "1 2 3"),
        ("SENTSINCE 1-Jan-1990", ""), ("(SEEN (1:2))", "1"), ("CHARSET UTF-8 NOT 1", "2 3"), ("RECENT", ""),
    ])
    func `Searches`(key: String, found: String) {
        var talk = IMAPConversation()
        talk.open()
        #expect(talk.say("a SEARCH \(key)") == "* SEARCH\(found.isEmpty ? "" : " " + found)\na OK done\n")
        #expect(talk.violations == [])
    }

    @Test func `Searches that return more or less`() {
        var talk = IMAPConversation()
        talk.open()
        #expect(
            talk.say("a SEARCH RETURN (MIN MAX COUNT ALL) ALL")
                == "* ESEARCH (TAG \"a\") MIN 1 MAX 3 ALL 1:3 COUNT 3\na OK done\n"
        )
        #expect(talk.say("b UID SEARCH RETURN () UNSEEN") == "* ESEARCH (TAG \"b\") UID ALL 12,14\nb OK done\n")
        #expect(talk.say("c SEARCH RETURN (COUNT) FROM x") == "* ESEARCH (TAG \"c\") COUNT 0\nc OK done\n")
        #expect(talk.say("d SEARCH RETURN (SAVE) UNSEEN") == "d OK done\n")
        #expect(talk.say("e FETCH $ UID") == "* 2 FETCH (UID 12)\n* 3 FETCH (UID 14)\ne OK done\n")
        #expect(talk.say("f SEARCH CHARSET X ALL").hasPrefix("f NO [BADCHARSET") && talk.violations == [])
        let deep = String(repeating: "NOT ", count: 100)
        #expect(talk.say("g SEARCH \(deep)ALL").hasPrefix("g BAD"))
    }

    @Test func `Copies and moves`() {
        var talk = IMAPConversation()
        talk.open()
        #expect(talk.say("a COPY 1,3 Sent") == "a OK [COPYUID 8 11,14 1:2] done\n")
        #expect(talk.box("Sent") == ["1 \\Seen", "2 \\Deleted $K"])
        #expect(
            talk.say("b UID MOVE 12:14 Sent")
                == "* OK [COPYUID 8 12,14 3:4] moved\n* 3 EXPUNGE\n* 2 EXPUNGE\nb OK done\n"
        )
        #expect(talk.inbox == ["11 \\Seen"] && talk.say("c COPY 1 Nowhere").hasPrefix("c NO [TRYCREATE]"))
        #expect(talk.say("d UID COPY 99 Sent") == "d OK done\n" && talk.say("e COPY 2 Sent").hasPrefix("e BAD"))
        var full = self.talk { $0.quota = 60 }
        #expect(full.say("a APPEND Sent {2+}\nxx").hasPrefix("a NO [OVERQUOTA]"))
        #expect(
            full.say("b GETQUOTAROOT INBOX")
                == "* QUOTAROOT \"INBOX\" \"user\"\n* QUOTA \"user\" (STORAGE 1 0)\nb OK done\n"
        )
    }

    @Test func `What is against the protocol is noted`() {
        var talk = IMAPConversation()
        #expect(talk.say("a SELECT INBOX") == "a BAD not in this state\n")
        talk.signIn()
        #expect(talk.say("a FETCH 1 UID") == "a BAD not in this state\n")
        #expect(
            talk.say("XYZ") == "* BAD a command begins with a tag and a space\n"
                && talk.say("b XYZ") == "b BAD unknown command\n"
        )
        talk.say("c SELECT INBOX")
        talk.say("d STATUS INBOX (MESSAGES)")
        talk.say("e NOOP\nf FETCH 1 UID")
        talk.say("g FETCH 9 UID")
        talk.say("h LOGOUT\ni NOOP")
        #expect(
            talk.violations == [
                "SELECT before the sign-in", "the tag a is used twice", "FETCH without a mailbox",
                "a command without a tag",
                "an unknown command", "STATUS of the mailbox that is open (RFC 3501 section 6.3.10)",
                "FETCH by message numbers while an expunge may be on its way", "FETCH: there are not so many messages",
                "octets follow LOGOUT",
            ]
        )
        var long = IMAPConversation { $0.limits.line = 100 }
        #expect(long.say("a " + String(repeating: "x", count: 200)) == "* BAD the line is too long\n")
        #expect(long.send(Array("a NOOP\n".utf8)).hasPrefix("* BAD lines end with CRLF") && long.violations.count == 2)
        var wrong = IMAPConversation()
        for tag in ["a", "b", "c"] {
            #expect(wrong.say("\(tag) LOGIN u x").hasPrefix("\(tag) NO [AUTHENTICATIONFAILED]"))
        }
        #expect(wrong.ending == .close && wrong.violations == [])
    }

    @Test func `Secrets stay out of the books, however a sign-in is written`() {
        var talk = IMAPConversation()
        talk.say("a  LOGIN u geheim")
        talk.say("LOGIN u geheim")
        talk.say("b LOGIN \"u geheim")
        talk.say("c login u {6}\ngeheim")
        talk.say("d AUTHENTICATE PLAIN\nAHUAcA==")
        #expect(!talk.commands.contains { $0.contains("geheim") || $0.contains("AHUA") } && talk.commands.count >= 5)
    }

    @Test func `A command has an end, and a mailbox may take no keywords`() {
        var talk = IMAPConversation { configuration in
            configuration.mailboxes["u"]?[0].takesKeywords = false
        }
        #expect(talk.open().contains("PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $K)]"))
        #expect(talk.say("a STORE 1 FLAGS ($K new \\Seen)") == "* 1 FETCH (FLAGS ($K \\Seen))\na OK done\n")
        let endless = "b SEARCH" + String(repeating: " TEXT {1+}\nx", count: 600)
        #expect(talk.say(endless).contains("* BAD the command has too many literals"))
        #expect(talk.say("c NOOP") == "c OK done\n")
    }

    @Test func `A sign-in in several steps and in one`() {
        var talk = IMAPConversation()
        #expect(talk.say("a AUTHENTICATE PLAIN") == "+ \n" && talk.say("AHUAcA==") == "a OK signed in\n")
        #expect(talk.commands == ["AUTHENTICATE PLAIN", "<hidden>"])
        var quick = IMAPConversation()
        #expect(quick.say("a AUTHENTICATE PLAIN AHUAcA==") == "a OK signed in\n" && quick.violations == [])
        #expect(quick.commands == ["AUTHENTICATE PLAIN <hidden>"])
        var cancelled = IMAPConversation()
        cancelled.say("a AUTHENTICATE PLAIN")
        #expect(cancelled.say("*") == "a BAD sign-in cancelled\n" && cancelled.say("b NOOP") == "b OK done\n")
        var slow = IMAPConversation { $0.extensions.remove(.saslIR) }
        #expect(slow.say("a AUTHENTICATE PLAIN AHUAcA==").hasPrefix("a BAD") && slow.violations.count == 1)
    }

    @Test func `IMAP4rev2 speaks UTF-8 and answers SEARCH with ESEARCH`() {
        var talk = talk { $0.extensions.insert(.imap4rev2) }
        #expect(talk.say("a ENABLE IMAP4rev2") == "* ENABLED IMAP4rev2\na OK done\n")
        #expect(talk.say("b SELECT \"Work/2026/Ä&\"").contains("* LIST () \"/\" \"Work/2026/Ä&\"\n"))
        #expect(talk.say("c SEARCH ALL") == "* ESEARCH (TAG \"c\")\nc OK done\n" && talk.violations == [])
    }
}
