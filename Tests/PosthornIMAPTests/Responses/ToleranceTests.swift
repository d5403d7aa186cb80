import Posthorn
import Testing

@testable import PosthornIMAP

/// What real servers send wrongly; the rows of docs/imap-tolerances.md.
@Suite struct IMAPToleranceTests {
    private func body(_ text: String) throws -> IMAPBodyStructure {
        let message = try fetched("* 1 FETCH (BODYSTRUCTURE \(text) UID 9)")
        #expect(message.uid == 9)
        return try #require(message.bodyStructure)
    }

    @Test func `a multipart without parts`() throws {
        let body = try body("(\"mixed\" (\"boundary\" \"x\") NIL NIL)")
        #expect(body.isMultipart && body.subtype == "mixed" && body.parameter("boundary") == "x")
        let inner = try self.body(
            "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"base64\" 356 5)( \"X-ZIP\" (\"BOUNDARY\" \"\")) \"mixed\")"
        )
        #expect(inner.children.count == 2 && inner.children[1].subtype == "X-ZIP")
    }

    @Test func `an empty part, and a multipart without subtype`() throws {
        let body = try body("((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)())")
        #expect(body.subtype == "MIXED" && body.children[1].subtype == "OCTET-STREAM")
    }

    @Test func `a multipart described like a single part`() throws {
        let body = try body(
            "((\"multipart\" \"related\" (\"boundary\" \"b\") NIL NIL \"7BIT\" 400 (\"boundary\" \"b\") NIL NIL NIL)(\"TEXT\" \"html\" "
                + "(\"charset\" \"UTF8\") NIL NIL \"7BIT\" 1115 70 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"c\") NIL NIL NIL)"
        )
        #expect(body.children.count == 2 && body.children[0].size == 400 && body.children[1].lines == 70)
    }

    @Test func `a disposition as a word alone, and without its MD5`() throws {
        let body = try body(
            "(\"text\" \"plain\" (\"charset\" \"x\") NIL NIL \"QUOTED-PRINTABLE\" 850 31 NIL \"inline\" NIL NIL)"
        )
        #expect(body.disposition == .init("inline"))
        let short = try self.body(
            "(\"image\" \"png\" NIL NIL NIL \"base64\" 5 (\"attachment\" (\"filename\" \"a\")) NIL)"
        )
        #expect(short.fileName == "a")
    }

    @Test func `NIL, odd and missing parameters`() throws {
        let body = try body(
            "((\"text\" \"plain\" (\"charset\") NIL NIL \"8bit\" 536 0) \"alternative\" (\"boundary\" NIL))"
        )
        #expect(body.parameters == [.init("boundary", "")] && body.children[0].parameters == [.init("charset", "")])
        #expect(try self.body("(NIL NIL NIL NIL NIL NIL NIL)").type == "")
    }

    @Test(arguments: ["NIL", "\"\"", "-1"]) func `a size that is none`(_ size: String) throws {
        #expect(try body("(\"application\" \"pdf\" NIL NIL NIL \"base64\" \(size) NIL NIL NIL NIL)").size == nil)
    }

    @Test func `a message within that is described like a file`() throws {
        let plain = try body(
            "(\"message\" \"rfc822\" (\"name\" \"x\") NIL NIL \"7bit\" 300 NIL (\"attachment\" NIL) NIL NIL)"
        )
        #expect(plain.envelope == nil && plain.disposition == .init("attachment"))
        let empty = try body("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 300 NIL NIL 12 NIL NIL NIL NIL)")
        #expect(empty.envelope == nil && empty.lines == 12)
        let broken = try body(
            "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 3 (\"x\" (NIL) 1) (\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1) 4)"
        )
        #expect(broken.envelope == nil && broken.children.count == 1 && broken.lines == 4)
    }

    @Test func `an item that cannot be read is passed over`() throws {
        let message = try fetched("* 1 FETCH (ENVELOPE (\"d\" (broken)) INTERNALDATE \"yesterday\" FLAGS (\\Seen))")
        #expect(message.envelope == nil && message.flags == [.seen])
        #expect(message.extras?.unread == ["ENVELOPE", "INTERNALDATE"])
    }

    @Test func `an envelope with fewer fields, words for strings, and empty lists`() throws {
        let message = try fetched(
            "* 1 FETCH (ENVELOPE (date subject ((name NIL box host)) () \"\" ((NIL NIL x)) NIL NIL))"
        )
        let envelope = try #require(message.envelope)
        #expect(envelope.subject == "subject" && envelope.from.first?.host == "host" && envelope.sender.isEmpty)
        #expect(envelope.to == [IMAPAddress(mailbox: "x", host: nil)] && envelope.messageID == nil)
    }

    @Test func `octets that are not UTF-8 are ISO 8859-1`() throws {
        let all = try events(
            Array("* 1 FETCH (ENVELOPE (NIL \"M".utf8) + [0xFC]
                + Array("l\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n".utf8)
        )
        guard case .response(.fetch(let message))? = all.first else { throw NotAFetch() }
        #expect(message.envelope?.subject == "Mül")
    }

    @Test func `flags of any kind`() throws {
        #expect(
            try response("* FLAGS (\\Seen $MDNSent a]b [x {y \"q r\")")
                == .flags(
                    ["\\Seen", "$MDNSent", "a]b", "[x", "{y", "q r"].map { MessageFlag($0) }
                )
        )
        #expect(try response("* FLAGS NIL") == .flags([]))
        #expect(try response("* FLAGS \\Seen \\Draft") == .flags([.seen, .draft]))
    }

    @Test(arguments: [
        ("* LIST () \"/\" Sent Items", "Sent Items"), ("* LIST () \"/\" a(b) c", "a(b) c"),
        ("* LIST () \"/\" [Gmail]/All", "[Gmail]/All"),
        ("* LIST () \"/\" (old)", "(old)"), ("* LIST () / NIL", "NIL"), ("* XLIST (\\Inbox) \"/\" \"x\"", "x"),
        ("*  LIST  ( \\A  \\B )  \"/\"   y  ", "y"),
    ]) func `names of folders without quotes`(_ line: String, _ name: String) throws {
        guard case .list(let entry) = try response(line) else { throw NotAFetch() }
        #expect(String(decoding: entry.name.octets, as: UTF8.self) == name)
    }

    @Test func `a STATUS without quotes, and with numbers in quotes`() throws {
        guard case .mailboxStatus(let status) = try response("* STATUS Sent (old) Items (UIDNEXT \"5\" MAILBOXID (F1))")
        else {
            throw NotAFetch()
        }
        #expect(String(decoding: status.name.octets, as: UTF8.self) == "Sent (old) Items" && status.uidNext == 5)
        #expect(status.mailboxID == "F1")
    }

    @Test func `missing spaces, bare line feeds, empty lines`() throws {
        let all = try responses(
            "* 1 FETCH (BODY[]{2}\r\nab FLAGS(\\Seen)UID 4)\n\r\n\r\n* OK[ALERT]x\n* LIST () \"/\" {1}\nz\n"
        )
        #expect(all.count == 3)
        guard case .fetch(let message)? = all.first else { throw NotAFetch() }
        #expect(message.uid == 4 && message.flags == [.seen] && message.sections.first?.octets == [0x61, 0x62])
    }

    @Test func `quotas without limit and without root`() throws {
        #expect(
            try response("* QUOTA (STORAGE 1 2 MESSAGE 5 -1)")
                == .quota(
                    IMAPQuota(root: "", resources: [.init(name: "STORAGE", usage: 1, limit: 2)])
                )
        )
    }

    @Test func `a preview with its algorithm`() throws {
        #expect(try fetched("* 1 FETCH (PREVIEW (FUZZY \"Hi\"))").extras?.preview == "Hi")
    }

    @Test func `sizes, origins and dates as old servers send them`() throws {
        let message = try fetched(
            "* 1 FETCH (RFC822.SIZE -1 BODY[]<0.2048> {1}\r\nx INTERNALDATE \"1-Jan-2020 10:00:00\" SAVEDATE \"01-Jan-2020 1:00:00 +0000\")"
        )
        #expect(message.size == nil && message.sections == [.init(section: .message, origin: 0, octets: [0x78])])
        #expect(message.internalDate == IMAPDateTime(secondsSince1970: 1_577_872_800))
        #expect(message.extras?.saveDate?.description == " 1-Jan-2020 01:00:00 +0000")
    }

    @Test func `namespaces, delimiters, codes and names that are not complete`() throws {
        #expect(
            try response("* NAMESPACE ((\"\" \"\"))")
                == .namespaces(IMAPNamespaces(personal: [.init(prefix: [], delimiter: nil)]))
        )
        guard case .list(let entry) = try response("* LIST () \"\" x") else { throw NotAFetch() }
        #expect(entry.delimiter == nil)
        #expect(try response("* OK [ALERT x") == .status(IMAPStatus(kind: .ok, text: "[ALERT x")))
        #expect(IMAPMailboxName("Entwürfe").text(isUTF8: false) == "Entwürfe")
        #expect(IMAPMailboxName(octets: [0x4D, 0xFC]).text(isUTF8: true) == "Mü")
    }
}
