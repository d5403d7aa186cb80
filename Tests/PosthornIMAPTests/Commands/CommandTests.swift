import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

/// Commands as they go over the wire.
@Suite struct IMAPCommandTests {
    private let box = IMAPMailboxName("blurdybloop")

    @Test func `commands before the sign-in`() throws {
        #expect(try IMAPCommand.capability.written() == "CAPABILITY")
        #expect(try IMAPCommand.authenticate("PLAIN", initial: [0, 1]).written() == "AUTHENTICATE PLAIN AAE=")
        #expect(try IMAPCommand.authenticate("EXTERNAL", initial: []).written() == "AUTHENTICATE EXTERNAL =")
        #expect(try IMAPCommand.authenticate("LOGIN").written() == "AUTHENTICATE LOGIN")
        #expect(
            try IMAPCommand.login(user: "a\"b", password: Secret("x\\y")).written() == "LOGIN \"a\\\"b\" \"x\\\\y\""
        )
        #expect(try IMAPCommand.login(user: "ü", password: Secret("ö")).written() == "LOGIN {2}\r\n⏎ü {2}\r\n⏎ö")
        #expect(try IMAPCommand.login(user: "ü", password: Secret("ö")).written(.plus) == "LOGIN {2+}\r\nü {2+}\r\nö")
        #expect(try IMAPCommand.login(user: "ü", password: Secret("ö")).written(.rev2) == "LOGIN \"ü\" \"ö\"")
        #expect(try IMAPCommand.enable(["CONDSTORE", "UTF8=ACCEPT"]).written() == "ENABLE CONDSTORE UTF8=ACCEPT")
        #expect(try IMAPCommand.id([]).written() == "ID NIL")
        #expect(
            try IMAPCommand.id([.init(name: "name", value: "Posthorn"), .init(name: "os", value: nil)]).written()
                == "ID (\"name\" \"Posthorn\" \"os\" NIL)"
        )
    }

    @Test func `a password and a response are marked as secret`() throws {
        for encoding in [IMAPEncoding(), .plus, .rev2] {
            for command in [
                IMAPCommand.login(user: "u", password: Secret("PosthornSecretCanary ö")),
                .login(user: "u", password: Secret("PosthornSecretCanary")),
                .authenticate("PLAIN", initial: Array("PosthornSecretCanary".utf8)),
            ] {
                let pieces = try command.encoded(tag: "A", encoding)
                let shown = pieces.map { "\($0)" }.joined()
                #expect(!shown.contains("Canary") && !shown.contains("UG9zdGhvcm5T") && shown.contains("<secret>"))
            }
        }
        #expect("\(IMAPCommand.authenticationStep([1, 2]))" == "<secret>")
    }

    @Test func `folders`() throws {
        #expect(try IMAPCommand.select(box).written() == "SELECT blurdybloop")
        #expect(
            try IMAPCommand.select(.inbox, isReadOnly: true, .init(condstore: true)).written()
                == "EXAMINE INBOX (CONDSTORE)"
        )
        var resync = IMAPSelectParameters.Resync(uidValidity: 67_890_007, modSequence: 90_060_115_194_045_000)
        resync.knownUIDs = IMAPSequenceSet(ranges: [41...211, 214...541])
        #expect(
            try IMAPCommand.select(.inbox, .init(resync: resync)).written()
                == "SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))"
        )
        resync.matches = (IMAPSequenceSet([1, 10]), IMAPSequenceSet([3, 29]))
        resync.knownUIDs = nil
        #expect(
            try IMAPCommand.select(.inbox, .init(resync: resync)).written()
                == "SELECT INBOX (QRESYNC (67890007 90060115194045000 1:* (1,10 3,29)))"
        )
        #expect(
            try IMAPCommand.create(box, uses: [.drafts, .sent]).written()
                == "CREATE blurdybloop (USE (\\Drafts \\Sent))"
        )
        #expect(try IMAPCommand.rename(box, to: IMAPMailboxName("a b")).written() == "RENAME blurdybloop \"a b\"")
        #expect(try IMAPCommand.delete(IMAPMailboxName("nil")).written() == "DELETE \"nil\"")
        #expect(try IMAPCommand.subscribe(IMAPMailboxName("")).written() == "SUBSCRIBE \"\"")
        #expect(try IMAPCommand.list(patterns: [IMAPMailboxName("*")]).written() == "LIST \"\" \"*\"")
        var options = IMAPListOptions()
        options.onlySubscribed = true
        options.recursiveMatch = true
        options.returnsChildren = true
        options.status = [.messages, .unseen]
        #expect(
            try IMAPCommand.list(patterns: [IMAPMailboxName("%"), IMAPMailboxName("x/%")], options).written()
                == "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (\"%\" \"x/%\") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))"
        )
        #expect(
            try IMAPCommand.lsub(reference: IMAPMailboxName("#news."), pattern: IMAPMailboxName("%")).written()
                == "LSUB \"#news.\" \"%\""
        )
        #expect(
            try IMAPCommand.status(box, [.uidNext, .messages]).written() == "STATUS blurdybloop (UIDNEXT MESSAGES)"
        )
    }

    @Test func `messages`() throws {
        let set = IMAPSequenceSet(2...4)
        #expect(try IMAPCommand.fetch(set, isUID: false, [.flags]).written() == "FETCH 2:4 FLAGS")
        #expect(
            try IMAPCommand.fetch(
                set,
                [
                    .uid, .section(IMAPSection(.fields(["DATE", "From"]))),
                    .section(.message, isPeek: false, range: 0..<2048),
                ]
            )
            .written() == "UID FETCH 2:4 (UID BODY.PEEK[HEADER.FIELDS (DATE From)] BODY[]<0.2048>)"
        )
        #expect(
            try IMAPCommand.fetch(
                .all,
                [
                    .binary(part: [1, 2]), .binarySize(part: [3]), .section(IMAPSection(part: [4], .mime)),
                    .lazyPreview,
                ],
                .init(changedSince: 12345, vanished: true, partial: 1...10)
            ).written()
                == "UID FETCH 1:* (BINARY.PEEK[1.2] BINARY.SIZE[3] BODY.PEEK[4.MIME] PREVIEW (LAZY)) (CHANGEDSINCE 12345 VANISHED PARTIAL 1:10)"
        )
        #expect(
            try IMAPCommand.store(set, isUID: false, .add, [.seen, MessageFlag("$Work")], isSilent: false).written()
                == "STORE 2:4 +FLAGS (\\Seen $Work)"
        )
        #expect(
            try IMAPCommand.store(set, .remove, [], unchangedSince: 7).written()
                == "UID STORE 2:4 (UNCHANGEDSINCE 7) -FLAGS.SILENT ()"
        )
        #expect(
            try IMAPCommand.storeLabels(set, .add, ["\\Inbox", "Mül"]).written()
                == "UID STORE 2:4 +X-GM-LABELS.SILENT (\\Inbox M&APw-l)"
        )
        #expect(try IMAPCommand.copy(set, isUID: false, to: box).written() == "COPY 2:4 blurdybloop")
        #expect(try IMAPCommand.move(.savedResult, to: box).written() == "UID MOVE $ blurdybloop")
        #expect(try IMAPCommand.expunge(uids: set).written() == "UID EXPUNGE 2:4")
    }

    @Test func `appending`() throws {
        var message = IMAPAppendMessage(
            size: 310,
            flags: [.seen],
            date: IMAPDateTime(secondsSince1970: 760_910_331, offsetMinutes: -480)
        )
        #expect(
            try IMAPCommand.append([message], to: box).written()
                == "APPEND blurdybloop (\\Seen) \"10-Feb-1994 11:58:51 -0800\" {310}\r\n⏎<0:310>"
        )
        #expect(
            try IMAPCommand.append([message, IMAPAppendMessage(size: 5000)], to: box).written(.minus)
                == "APPEND blurdybloop (\\Seen) \"10-Feb-1994 11:58:51 -0800\" {310+}\r\n<0:310> {5000}\r\n⏎<1:5000>"
        )
        message = IMAPAppendMessage(size: 42)
        message.parts = [.url("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER"), .content(size: 42)]
        #expect(
            try IMAPCommand.append([message], to: box).written(.plus)
                == "APPEND blurdybloop CATENATE (URL /Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER TEXT {42+}\r\n<0:42>)"
        )
        message = IMAPAppendMessage(size: 9)
        message.isUTF8 = true
        #expect(try IMAPCommand.append([message], to: box).written(.plus) == "APPEND blurdybloop UTF8 (~{9+}\r\n<0:9>)")
        #expect(
            try IMAPCommand.replace(600, with: IMAPAppendMessage(size: 1), in: box).written(.plus)
                == "UID REPLACE 600 blurdybloop {1+}\r\n<0:1>"
        )
    }

    @Test func `rights, quotas, metadata, notifications`() throws {
        #expect(
            try IMAPCommand.setRights(of: "John", in: box, .add, "lr").written() == "SETACL blurdybloop John \"+lr\""
        )
        #expect(try IMAPCommand.deleteRights(of: "-x y", in: box).written() == "DELETEACL blurdybloop \"-x y\"")
        #expect(try IMAPCommand.quota(root: "").written() == "GETQUOTA \"\"")
        #expect(try IMAPCommand.setQuota(root: "", [("STORAGE", 512)]).written() == "SETQUOTA \"\" (STORAGE 512)")
        #expect(
            try IMAPCommand.metadata(of: .inbox, ["/shared/comment"], depth: .everything, maximumSize: 1024).written()
                == "GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/shared/comment)"
        )
        let entries: [IMAPMetadataEntry] = [
            .init(name: "/private/a", value: Array("x\r\n".utf8)), .init(name: "/private/b", value: nil),
            .init(name: "/private/c", value: [0]), .init(name: "/private/d", value: Array("y".utf8)),
        ]
        #expect(
            try IMAPCommand.setMetadata(of: .inbox, entries).written(.plus)
                == "SETMETADATA INBOX (/private/a {3+}\r\nx\r\n /private/b NIL /private/c ~{1+}\r\n\u{0} /private/d \"y\")"
        )
        #expect(
            try IMAPCommand.notify(
                [
                    .init(
                        mailboxes: .selected,
                        events: [.messageNew, .messageExpunge],
                        items: [.uid, .section(.header)]
                    ),
                    .init(mailboxes: .subtree([IMAPMailboxName("Lists")]), events: [.messageNew]),
                    .init(mailboxes: .inboxes, events: []),
                ],
                withStatus: true
            ).written()
                == "NOTIFY SET STATUS (SELECTED (MessageNew (UID BODY.PEEK[HEADER]) MessageExpunge)) (SUBTREE (Lists) (MessageNew)) (INBOXES NONE)"
        )
        #expect(try IMAPCommand.notify([]).written() == "NOTIFY NONE")
    }

    @Test func `searches`() throws {
        let day = IMAPDate(year: 1994, month: 2, day: 1)
        #expect(
            try IMAPCommand.search(
                .all(of: [.flag(MessageFlag("\\Deleted")), .from("Smith"), .since(day)]),
                isUID: false
            ).written()
                == "SEARCH DELETED FROM \"Smith\" SINCE 1-Feb-1994"
        )
        #expect(
            try IMAPCommand.search(.subject("Mül"), returning: .init(min: true, count: true, save: true)).written()
                == "UID SEARCH RETURN (MIN COUNT SAVE) CHARSET UTF-8 SUBJECT {4}\r\n⏎Mül"
        )
        #expect(try IMAPCommand.search(.subject("Mül")).written(.rev2) == "UID SEARCH SUBJECT \"Mül\"")
        let tree = IMAPSearchCriteria.any(of: [
            .all(of: [.unseen, .larger(5)]), .not(.any(of: [.text("a"), .header("X-Y")])),
            .fuzzy(.all(of: [.body("b"), .seen])),
            .uids(.from(7)),
        ])
        #expect(
            try IMAPCommand.search(tree).written()
                == "UID SEARCH OR (UNSEEN LARGER 5) OR NOT OR TEXT \"a\" HEADER X-Y \"\" OR FUZZY (BODY \"b\" SEEN) UID 7:*"
        )
        #expect(try IMAPCommand.search(.any(of: [])).written() == "UID SEARCH NOT ALL")
        #expect(try IMAPCommand.search(.withoutFlag(MessageFlag("$Work"))).written() == "UID SEARCH UNKEYWORD $Work")
        #expect(
            try IMAPCommand.search(
                .unseen,
                in: [.selected, .subtree([IMAPMailboxName("a b")])],
                returning: .init(all: true)
            ).written()
                == "ESEARCH IN (SELECTED SUBTREE (\"a b\")) RETURN (ALL) UNSEEN"
        )
        #expect(
            try IMAPCommand.sort(
                [.init(field: .subject), .init(field: .date, isReversed: true)],
                .all,
                returning: .init(partial: -10 ... -1)
            ).written()
                == "UID SORT RETURN (PARTIAL -1:-10) (SUBJECT REVERSE DATE) UTF-8 ALL"
        )
        #expect(try IMAPCommand.thread(.references, .seen, isUID: false).written() == "THREAD REFERENCES UTF-8 SEEN")
    }
}
