import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// What FETCH tells of messages and their parts.
@Suite(.computing) struct IMAPFetchTests {
    private static let nested = """
        Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
        From: Terry Gray <gray@cac.washington.edu>
        Subject: IMAP4rev1 WG "mtg" summary
         and minutes
        To: imap@cac.washington.edu, "Klensin, John" <KLENSIN@MIT.EDU> (x)
        Cc: friends: a@b, c <c@d>;
        Message-Id: <B27397-0100000@cac.washington.edu>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="=b="

        preamble
        --=b=
        Content-Type: text/plain; charset=utf-8
        Content-ID: <1@x>
        Content-Transfer-Encoding: 8bit

        one
        two
        --=b=
        Content-Type: message/rfc822
        Content-Disposition: attachment; filename="a.eml"

        Subject: inner
        Content-Type: multipart/alternative; boundary=i

        --i

        A
        --i
        Content-Type: text/html

        <b>
        --i--
        --=b=--
        epilogue

        """.replacing("\n", with: "\r\n")

    private func talk(_ text: String = nested, listedSize: UInt64? = nil) -> IMAPConversation {
        var talk = IMAPConversation { configuration in
            var message = IMAPServerMessage(text: text)
            message.listedSize = listedSize
            configuration.mailboxes["u"] = [IMAPServerMailbox("INBOX", messages: [message])]
        }
        talk.open()
        return talk
    }

    /// What stands between the parentheses of the only FETCH response.
    private func fetch(_ talk: inout IMAPConversation, _ items: String) -> String {
        let reply = talk.say("f\(talk.commands.count) FETCH 1 \(items)")
        guard reply.hasPrefix("* 1 FETCH ("), let end = reply.firstRange(of: ")\nf") else { return reply }
        return String(reply[..<end.lowerBound].dropFirst(11))
    }

    @Test func `An envelope`() {
        var talk = talk()
        let gray = #"(("Terry Gray" NIL "gray" "cac.washington.edu"))"#
        let to = #"((NIL NIL "imap" "cac.washington.edu")("Klensin, John" NIL "KLENSIN" "MIT.EDU"))"#
        let cc = #"((NIL NIL "friends" NIL)(NIL NIL "a" "b")("c" NIL "c" "d")(NIL NIL NIL NIL))"#
        #expect(
            fetch(&talk, "ENVELOPE")
                == #"ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG \"mtg\" summary and minutes" "#
                + #"\#(gray) \#(gray) \#(gray) \#(to) \#(cc) NIL NIL "<B27397-0100000@cac.washington.edu>")"#
        )
        var odd = self.talk("Subject: \u{E9}\r\nFrom: <@a:b@c>, plain\r\nTo: \r\n\r\n")
        #expect(
            fetch(&odd, "ENVELOPE") == "ENVELOPE (NIL {2}\n\u{E9} "
                + [String](repeating: #"((NIL NIL "b" "c")(NIL NIL "plain" ""))"#, count: 3).joined(separator: " ")
                + " NIL NIL NIL NIL NIL)"
        )
    }

    @Test func `A structure`() {
        var talk = talk()
        #expect(
            fetch(&talk, "BODY")
                == #"BODY (("TEXT" "PLAIN" ("CHARSET" "utf-8") "<1@x>" NIL "8BIT" 8 1)"#
                + #"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 119 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) "#
                + #"(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 0)("TEXT" "HTML" NIL NIL NIL "7BIT" 3 0) "ALTERNATIVE") 10)"#
                + #" "MIXED")"#
        )
        let extended = fetch(&talk, "BODYSTRUCTURE")
        #expect(extended.hasSuffix(#" "MIXED" ("BOUNDARY" "=b=") NIL NIL NIL)"#))
        #expect(extended.contains(#"NIL ("ATTACHMENT" ("FILENAME" "a.eml")) NIL NIL)"#))
        var plain = self.talk("\r\nbody\r\n")
        #expect(fetch(&plain, "BODY") == #"BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 6 1)"#)
    }

    @Test(arguments: [
        ("BODY.PEEK[1]", "one\ntwo"),
        (
            "BODY.PEEK[1.MIME]",
            "Content-Type: text/plain; charset=utf-8\nContent-ID: <1@x>\nContent-Transfer-Encoding: 8bit\n\n"
        ),
        ("BODY.PEEK[2.HEADER]", "Subject: inner\nContent-Type: multipart/alternative; boundary=i\n\n"),
        ("BODY.PEEK[2.1]", "A"), ("BODY.PEEK[2.2]", "<b>"),
        ("BODY.PEEK[2.TEXT]", "--i\n\nA\n--i\nContent-Type: text/html\n\n<b>\n--i--"),
        ("BODY.PEEK[2.HEADER.FIELDS (SUBJECT)]", "Subject: inner\n\n"),
        ("BODY.PEEK[HEADER.FIELDS (cc \"x-none\")]", "Cc: friends: a@b, c <c@d>;\n\n"),
        ("BODY.PEEK[TEXT]<0.8>", "preamble"), ("BODY.PEEK[]<1000000.5>", ""),
    ])
    func `Sections`(item: String, text: String) {
        var talk = talk()
        let octets = text.replacing("\n", with: "\r\n").utf8.count
        let reply = fetch(&talk, item)
        #expect(reply.hasSuffix(" {\(octets)}\n\(text)"), "\(reply)")
        #expect(reply.hasPrefix("BODY[") && talk.inbox == ["1"] && talk.violations == [])
    }

    @Test func `What is not there is NIL, and the header is all of it`() {
        var talk = talk()
        for section in ["3", "1.1", "2.3", "1.HEADER"] {
            #expect(fetch(&talk, "BODY.PEEK[\(section)]") == "BODY[\(section)] NIL")
        }
        let header = fetch(&talk, "BODY.PEEK[HEADER]")
        let text = fetch(&talk, "BODY.PEEK[TEXT]")
        let whole = fetch(&talk, "BODY.PEEK[]")
        #expect(whole.hasSuffix(header.drop { $0 != "\n" }.dropFirst() + text.drop { $0 != "\n" }.dropFirst()))
        let not = fetch(&talk, "BODY.PEEK[HEADER.FIELDS.NOT (Date From Subject To Cc Message-Id Content-Type)]")
        #expect(not.hasSuffix("\nMIME-Version: 1.0\n\n"))
    }

    @Test func `Macros, old names, seen by reading, and a size that is a lie`() {
        var talk = talk("a: b\r\n\r\nc", listedSize: 5)
        #expect(fetch(&talk, "FAST") == "FLAGS () INTERNALDATE \"01-Jan-2026 12:00:00 +0000\" RFC822.SIZE 5")
        #expect(fetch(&talk, "RFC822.HEADER") == "RFC822.HEADER {8}\na: b\n\n" && talk.inbox == ["1"])
        #expect(fetch(&talk, "RFC822.TEXT") == "RFC822.TEXT {1}\nc FLAGS (\\Seen)" && talk.inbox == ["1 \\Seen"])
        #expect(fetch(&talk, "RFC822") == "RFC822 {9}\na: b\n\nc")
        talk.say("s STORE 1 FLAGS ()")
        talk.say("e EXAMINE INBOX")
        #expect(fetch(&talk, "BODY[]") == "BODY[] {9}\na: b\n\nc" && talk.inbox == ["1"])
    }

    @Test(arguments: [
        "BODY.PEEK", "BODY[", "BODY[]<1>", "BODY[]<1.0>", "BODY[MIME]", "NOTHING", "(FLAGS", "()",
        "BODY[HEADER.FIELDS ()]", "(FAST)", "FLAGS x",
    ])
    func `What cannot be read is refused`(items: String) {
        var talk = talk()
        #expect(talk.say("f FETCH 1 \(items)").hasPrefix("f BAD ") && talk.violations.count == 1)
    }

    @Test func `Numbers of changes`() {
        var talk = IMAPConversation()
        #expect(talk.open("SELECT INBOX (CONDSTORE)").contains("[HIGHESTMODSEQ 1]"))
        #expect(
            talk.say("a STORE 1 +FLAGS (\\Flagged)")
                == "* 1 FETCH (FLAGS (\\Seen \\Flagged) UID 11 MODSEQ (2))\na OK done\n"
        )
        #expect(talk.say("b FETCH 1:* (UID) (CHANGEDSINCE 1)") == "* 1 FETCH (UID 11 MODSEQ (2))\nb OK done\n")
        #expect(
            talk.say("c STORE 1:2 (UNCHANGEDSINCE 1) +FLAGS.SILENT (x)")
                == "* 2 FETCH (UID 12 MODSEQ (3))\nc OK [MODIFIED 1] some were changed meanwhile\n"
        )
        #expect(talk.say("d SEARCH MODSEQ 2") == "* SEARCH 1 2 (MODSEQ 3)\nd OK done\n")
        #expect(talk.say("e UID EXPUNGE 14") == "* 3 EXPUNGE\ne OK [HIGHESTMODSEQ 4] done\n")
        #expect(talk.say("f FETCH 2 BODY[]<0.1>").contains("\nS FLAGS (x \\Seen) MODSEQ (5))\nf OK"))
        var without = IMAPConversation { $0.extensions.remove(.condstore) }
        #expect(without.open("SELECT INBOX (CONDSTORE)").hasPrefix("S BAD"))
        #expect(without.say("a SELECT INBOX").contains("[NOMODSEQ]"))
        #expect(without.say("b FETCH 1 (MODSEQ)").hasPrefix("b BAD"))
    }
}
