import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

/// Every kind of response but FETCH, with the examples of the RFCs.
@Suite struct IMAPResponseTests {
    @Test func `a greeting and a tagged response`() throws {
        let all = try responses("* OK [ALERT] ready {5}\r\nA1 no [TRYCREATE] none\r\nA2 BAD what\r\n", greeting: true)
        #expect(
            all == [
                .greeting(IMAPStatus(kind: .ok, code: .word("ALERT"), text: "ready {5}")),
                .tagged(tag: "A1", IMAPStatus(kind: .no, code: .word("TRYCREATE"), text: "none")),
                .tagged(tag: "A2", IMAPStatus(kind: .bad, text: "what")),
            ]
        )
    }

    @Test(arguments: [
        ("[CAPABILITY IMAP4rev1 AUTH=PLAIN]", IMAPResponseCode.capability(["IMAP4rev1", "AUTH=PLAIN"])),
        ("[PERMANENTFLAGS (\\Deleted a] \\*)]", .permanentFlags(["\\Deleted", "a]", "\\*"].map(MessageFlag.init))),
        ("[UIDNEXT \"4392\"]", .uidNext(4392)), ("[UIDVALIDITY 3857529045]", .uidValidity(3_857_529_045)),
        ("[UNSEEN 12]", .unseen(12)), ("[APPENDUID 38505 3955]", .appendUID(validity: 38505, uids: [3955...3955])),
        (
            "[COPYUID 38505 304,319:320 3956:3958]",
            .copyUID(validity: 38505, from: [304...304, 319...320], to: [3956...3958])
        ),
        ("[HIGHESTMODSEQ 20010715194045007]", .highestModSequence(20_010_715_194_045_007)),
        ("[MODIFIED 7,9]", .modified([7...7, 9...9])), ("[MAILBOXID (F2212ea87-6097)]", .mailboxID("F2212ea87-6097")),
        ("[BADCHARSET (UTF-8 \"X Y\")]", .badCharset(["UTF-8", "X Y"])), ("[CLOSED]", .word("CLOSED")),
        ("[METADATA LONGENTRIES 2199]", .metadataLongEntries(2199)),
        ("[METADATA MAXSIZE 1024]", .metadataMaxSize(1024)),
        ("[METADATA TOOMANY]", .metadata("TOOMANY")), ("[METADATA NOPRIVATE]", .metadata("NOPRIVATE")),
        ("[BADEVENT (MessageNew MessageExpunge)]", .badEvent(["MessageNew", "MessageExpunge"])),
        ("[REFERRAL imap://user;AUTH=*@server2.example/]", .referral("imap://user;AUTH=*@server2.example/")),
        ("[MESSAGELIMIT 1000 23221]", .messageLimit(1000, lowest: 23221)),
        ("[INPROGRESS (\"tag\" 175 NIL)]", .inProgress(tag: "tag", done: 175, of: nil)),
        ("[OVERQUOTA]", .word("OVERQUOTA")), ("[UIDNEXT many]", .unknown(name: "UIDNEXT", text: "many")),
        ("[X-NEW (a \"]\") b]", .unknown(name: "X-NEW", text: "(a \"]\") b")),
    ]) func `response codes`(_ text: String, _ code: IMAPResponseCode) throws {
        #expect(try response("* OK \(text) rest [x]") == .status(IMAPStatus(kind: .ok, code: code, text: "rest [x]")))
        #expect(code.name == text.dropFirst().prefix { $0 != " " && $0 != "]" })
    }

    @Test func `a continuation`() throws {
        #expect(
            try responses("+ idling\r\n+\r\n+ \r\n+ QQ==\r\n")
                == ["idling", "", "", "QQ=="].map { .continuation(IMAPContinuation(text: Array($0.utf8))) }
        )
    }

    @Test func `capabilities and what was enabled`() throws {
        #expect(try response("* CAPABILITY IMAP4rev1  STARTTLS ") == .capabilities(["IMAP4rev1", "STARTTLS"]))
        #expect(try response("* ENABLED X-GOOD-IDEA") == .enabled(["X-GOOD-IDEA"]))
        #expect(try response("* ENABLED") == .enabled([]))
    }

    @Test func `LIST with everything`() throws {
        var entry = IMAPListEntry(name: IMAPMailboxName("Foo"), attributes: ["\\HasChildren"], delimiter: 0x2F)
        #expect(try response("* LIST (\\HasChildren) \"/\" Foo") == .list(entry))
        #expect(try response("* LIST (\\HasChildren) \"/\" {3}\r\nFoo") == .list(entry))
        #expect(entry.has("\\HASCHILDREN"))
        entry.childInfo = ["SUBSCRIBED"]
        entry.oldName = IMAPMailboxName("Bar")
        let line =
            "* LIST (\\HasChildren) \"/\" \"Foo\" (\"X\" (a {1}\r\n)) \"CHILDINFO\" (\"SUBSCRIBED\") \"OLDNAME\" (Bar))"
        #expect(try response(line) == .list(entry))
        #expect(
            try response("* LSUB () NIL \"a\\\"b\\\\c\"")
                == .list(
                    IMAPListEntry(
                        name: IMAPMailboxName("a\"b\\c"),
                        attributes: [],
                        delimiter: nil,
                        isSubscription: true
                    )
                )
        )
        guard case .list(let escaped) = try response("* LIST () \"\\\\\" x") else { throw NotAFetch() }
        #expect(escaped.delimiter == 0x5C)
    }

    @Test func `STATUS with every item`() throws {
        var status = IMAPMailboxStatus(name: IMAPMailboxName("in box"))
        (status.messages, status.recent, status.uidNext, status.uidValidity) = (231, 0, 44292, 1)
        (status.unseen, status.deleted, status.size, status.deletedStorage) = (5, 3, 1 << 40, 8)
        (status.highestModSequence, status.appendLimit, status.mailboxID) = (7_011_231_777, 100, "F22")
        let line =
            "* STATUS \"in box\" (MESSAGES 231 RECENT 0 UIDNEXT 44292 UIDVALIDITY 1 UNSEEN 5 DELETED 3 SIZE "
            + "1099511627776 DELETED-STORAGE 8 HIGHESTMODSEQ 7011231777 APPENDLIMIT 100 MAILBOXID (F22) X-A (b c))"
        #expect(try response(line) == .mailboxStatus(status))
    }

    @Test func `searches`() throws {
        #expect(
            try response("* SEARCH 2 3 6 (MODSEQ 917162500)")
                == .search(IMAPFoundNumbers(numbers: [2, 3, 6], modSequence: 917_162_500))
        )
        #expect(try response("* SORT ") == .sort(IMAPFoundNumbers()))
        var result = IMAPExtendedSearch(tag: "A283", isUID: true, min: 7, max: 3800, count: 17)
        result.all = [882...882, 1102...1102, 3003...3006]
        result.modSequence = 1_236_750_585
        let line =
            "* ESEARCH (TAG \"A283\") UID MIN 7 MAX 3800 COUNT 17 ALL 882,1102,3006:3003 MODSEQ 1236750585 X (1 (2))"
        #expect(try response(line) == .extendedSearch(result))
        let partial = IMAPExtendedSearch.Partial(first: -1, last: -100, numbers: [250...350])
        #expect(
            try response("* ESEARCH (TAG \"A\") UID PARTIAL (-1:-100 250:350)")
                == .extendedSearch(IMAPExtendedSearch(tag: "A", isUID: true, partial: partial))
        )
        let several = IMAPExtendedSearch(
            tag: "t",
            mailbox: IMAPMailboxName("f 1"),
            uidValidity: 1,
            isUID: true,
            all: [4...4]
        )
        #expect(
            try response("* ESEARCH (TAG \"t\" MAILBOX \"f 1\" UIDVALIDITY 1) UID ALL 4") == .extendedSearch(several)
        )
    }

    @Test func `threads`() throws {
        guard case .threads(let threads) = try response("* THREAD (2)(3 6 (4 23)(44 7 96))((5)(8))") else {
            throw NotAFetch()
        }
        #expect(threads.members.map(\.number) == [2, 3, 6, 4, 23, 44, 7, 96, nil, 5, 8])
        #expect(threads.members.map(\.parent) == [nil, nil, 1, 2, 3, 2, 5, 6, nil, 8, 8])
        #expect(threads.roots == [0, 1, 8])
    }

    @Test func `numbers and vanished messages`() throws {
        #expect(
            try responses("* 23 EXISTS\r\n* 5 RECENT\r\n* 44 EXPUNGE\r\n") == [.exists(23), .recent(5), .expunged(44)]
        )
        #expect(try response("* VANISHED (EARLIER) 41,43:116") == .vanished([41...41, 43...116], earlier: true))
        #expect(try response("* VANISHED 1:4294967295") == .vanished([1...UInt32.max], earlier: false))
    }

    @Test func `namespaces, identity and quotas`() throws {
        let slash = UInt8(ascii: "/")
        #expect(
            try response("* NAMESPACE ((\"\" \"/\" \"X\" (\"a\"))(\"#mh/\" \"/\")) NIL ((\"~\" NIL))")
                == .namespaces(
                    IMAPNamespaces(
                        personal: [
                            .init(prefix: [], delimiter: slash), .init(prefix: Array("#mh/".utf8), delimiter: slash),
                        ],
                        shared: [.init(prefix: [0x7E], delimiter: nil)]
                    )
                )
        )
        #expect(try response("* ID NIL") == .id([]))
        #expect(
            try response("* ID (\"name\" \"Cyrus\" \"os\" NIL)")
                == .id([IMAPIDField(name: "name", value: "Cyrus"), IMAPIDField(name: "os", value: nil)])
        )
        #expect(
            try response("* QUOTA \"!p\" (STORAGE 10 512)")
                == .quota(IMAPQuota(root: "!p", resources: [.init(name: "STORAGE", usage: 10, limit: 512)]))
        )
        #expect(try response("* QUOTAROOT comp.mail.mime") == .quotaRoots(IMAPMailboxName("comp.mail.mime"), roots: []))
        #expect(try response("* QUOTAROOT INBOX \"\" b") == .quotaRoots(IMAPMailboxName("INBOX"), roots: ["", "b"]))
    }

    @Test func `access lists and metadata`() throws {
        #expect(
            try response("* ACL INBOX Fred rwipslda \"a b\" \"\"")
                == .accessList(
                    IMAPMailboxName("INBOX"),
                    [IMAPAccessEntry(identifier: "Fred", rights: "rwipslda"), .init(identifier: "a b", rights: "")]
                )
        )
        #expect(try response("* MYRIGHTS INBOX rwip") == .myRights(IMAPMailboxName("INBOX"), rights: "rwip"))
        #expect(
            try response("* LISTRIGHTS ~/Mail/saved smith la r swicdkxte")
                == .listRights(
                    IMAPMailboxName("~/Mail/saved"),
                    identifier: "smith",
                    required: "la",
                    optional: ["r", "swicdkxte"]
                )
        )
        #expect(
            try response("* METADATA \"\" (/shared/comment {3}\r\na\r\n /private/x NIL)")
                == .metadata(
                    IMAPMailboxName(""),
                    [.init(name: "/shared/comment", value: [0x61, 13, 10]), .init(name: "/private/x", value: nil)]
                )
        )
        #expect(
            try response("* METADATA INBOX /shared/comment")
                == .metadata(IMAPMailboxName("INBOX"), [.init(name: "/shared/comment", value: nil)])
        )
    }

    @Test func `what is not known is passed over with its literals`() throws {
        let all = try responses(
            "* XFOO (a (\"b)\" {12}\r\n* 9 EXISTS\r\n) c)\r\n* 7 XBAR x\r\n* NOOP froopy )\r\n\r\n* 3 EXISTS\r\n"
        )
        #expect(all == [.unknown(name: "XFOO"), .unknown(name: "XBAR"), .unknown(name: "NOOP"), .exists(3)])
    }

    @Test func `the transcript holds statuses, and no texts of messages`() throws {
        let text =
            "* OK [UIDNEXT 5] fine\r\nA1 NO gone\r\n+ go\r\n* 1 FETCH (UID 2 ENVELOPE (\"d\" \"private\") BODY[] {7}\r\nprivate)\r\n"
        var limits = IMAPLimits()
        limits.inlineSection = -1
        let lines = try events(Array(text.utf8), limits: limits).compactMap(\.transcriptLine)
        #expect(
            lines == ["* OK [UIDNEXT] fine", "A1 NO gone", "+ go", "* 1 FETCH (… {7}", "* 1 FETCH (UID 2 …)"]
        )
    }
}
