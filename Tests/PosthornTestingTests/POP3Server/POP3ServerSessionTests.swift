import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// The engine of the POP3 server, without a socket.
@Suite(.computing) struct POP3ServerSessionTests {
    @Test func `A session reads, deletes and leaves`() {
        var talk = POP3Conversation()
        #expect(talk.replies.hasPrefix("+OK localhost POP3 Posthorn test server <1."))
        #expect(talk.say("USER u") == "+OK and the password?\n")
        #expect(talk.say("PASS p") == "+OK the maildrop has 2 messages\n")
        #expect(talk.say("STAT") == "+OK 2 44\n")
        #expect(talk.say("LIST") == "+OK 2 messages\n1 25\n2 19\n.\n")
        #expect(talk.say("UIDL") == "+OK names follow\n1 one\n2 two\n.\n")
        #expect(talk.say("list 2") == "+OK 2 19\n" && talk.say("UIDL 1") == "+OK 1 one\n")
        #expect(talk.say("RETR 1") == "+OK 25 octets\nSubject: 1\n\n..dot\nend\n.\n")
        #expect(talk.say("TOP 1 0") == "+OK 25 octets\nSubject: 1\n\n.\n")
        #expect(talk.say("TOP 1 1") == "+OK 25 octets\nSubject: 1\n\n..dot\n.\n")
        #expect(talk.say("TOP 1 9") == "+OK 25 octets\nSubject: 1\n\n..dot\nend\n.\n")
        #expect(talk.say("DELE 1") == "+OK message 1 is marked\n" && talk.left == ["-one", "two"])
        #expect(talk.say("STAT") == "+OK 1 19\n" && talk.say("LIST") == "+OK 1 messages\n2 19\n.\n")
        #expect(talk.say("RSET").hasPrefix("+OK") && talk.left == ["one", "two"])
        talk.say("DELE 2")
        #expect(talk.say("NOOP\nQUIT") == "+OK fine\n+OK localhost closing the connection\n")
        #expect(talk.left == ["one"] && talk.ending == .close && talk.violations == [])
        #expect(talk.commands.contains("PASS <hidden>") && !talk.commands.contains { $0.contains("PASS p") })
    }

    @Test func `Nothing is deleted when the connection breaks`() {
        var talk = POP3Conversation()
        talk.signIn()
        talk.say("DELE 1")
        talk.session.disconnected()
        #expect(talk.left == ["one", "two"])
        var idle = POP3Conversation(maildrops: talk.maildrops)
        idle.signIn()
        idle.say("DELE 1")
        idle.take(idle.session.timedOut())
        #expect(idle.left == ["one", "two"] && idle.ending == .close)
    }

    @Test func `One session at a time has the maildrop`() {
        var first = POP3Conversation()
        first.signIn()
        var second = POP3Conversation(connection: 2, maildrops: first.maildrops)
        #expect(second.say("USER u\nPASS p").contains("-ERR [IN-USE] "))
        first.say("QUIT")
        #expect(second.say("USER u\nPASS p").hasSuffix("+OK the maildrop has 2 messages\n"))
        // Who falls silent keeps it until the client goes.
        var silent = POP3Conversation { $0.faults = [.at(.noop, .end(.silence))] }
        silent.signIn()
        silent.say("NOOP")
        var other = POP3Conversation(connection: 2, maildrops: silent.maildrops)
        #expect(other.say("USER u\nPASS p").contains("[IN-USE]"))
        silent.session.disconnected()
        #expect(other.say("USER u\nPASS p").contains("+OK the maildrop"))
    }

    @Test func `What others do to the maildrop`() {
        var talk = POP3Conversation()
        talk.signIn()
        talk.maildrops.deliver(POP3ServerMessage(uid: "new", text: "x"), to: "u")
        #expect(talk.maildrops.remove(uid: "one", of: nil) == 1)
        #expect(talk.say("STAT") == "+OK 2 44\n")
        #expect(talk.say("RETR 1") == "-ERR the message is not there any more\n")
        #expect(talk.say("DELE 1").hasPrefix("+OK") && talk.say("QUIT").hasPrefix("+OK"))
        #expect(talk.left == ["two", "new"])
    }

    @Test(arguments: [
        ("", ""), ("a", "a\r\n"), ("a\r\n", "a\r\n"), (".", "..\r\n"), (".a\r\n.\r\n..\r\n", "..a\r\n..\r\n...\r\n"),
        ("a\n.\nb\r.\r\n", "a\n.\nb\r.\r\n"), ("a\r", "a\r\r\n"), ("a\n", "a\n\r\n"),
        ("\r\n.\r\n", "\r\n..\r\n"), ("a.b\r\n.", "a.b\r\n..\r\n"), ("\n.\r\n", "\n.\r\n"), ("\r\n", "\r\n"),
    ])
    func `Content is kept octet for octet, and only CRLF ends a line`(text: String, sent: String) {
        let content = ServerContent(text)
        for limit in [1, 2, 3, 1_000] {
            var stream = ServerOutput([ServerOutput.Piece(role: .content, value: .stream(POP3ContentStream(content)))])
            var octets: [UInt8] = []
            while case let piece = stream.next(limit), !piece.isEmpty { octets += piece }
            #expect(String(decoding: octets, as: UTF8.self) == sent, "in pieces of \(limit)")
        }
        // Made in other pieces, it is the same.
        let all = Array(text.utf8)
        var stream = POP3ContentStream(.made(size: UInt64(all.count)) { Array(all[Int($0)...].prefix($1)) })
        var octets: [UInt8] = []
        while case let piece = stream.next(64), !piece.isEmpty { octets += piece }
        #expect(octets == Array(sent.utf8))
    }

    @Test func `A stuffed dot is found at every place of a long message`() {
        // Lines of all lengths put the dot at, before and behind the ends of pieces of 64 KiB.
        for length in 65_530..<65_542 {
            let text = String(repeating: "x", count: length) + "\r\n.dot\r\n"
            var stream = POP3ContentStream(ServerContent(text))
            var octets: [UInt8] = []
            while case let piece = stream.next(10_000), !piece.isEmpty { octets += piece }
            #expect(octets.suffix(9) == Array("\r\n..dot\r\n".utf8)[...], "\(length)")
            var top = POP3ContentStream(ServerContent("a: b\r\n\r\n" + text), bodyLines: 2)
            octets = []
            while case let piece = top.next(10_000), !piece.isEmpty { octets += piece }
            #expect(octets.count == length + 8 + 9 && octets.suffix(9) == Array("\r\n..dot\r\n".utf8)[...], "\(length)")
        }
    }

    @Test func `A message of a terabyte costs no memory, and is sent in small pieces`() {
        let line = [UInt8](repeating: UInt8(ascii: "a"), count: 70) + [13, 10]
        var talk = POP3Conversation {
            $0.messages["u"] = [POP3ServerMessage(uid: "1", content: .repeating(line, size: 1 << 40))]
        }
        talk.signIn()
        talk.say("RETR 1")
        #expect(talk.session.hasMore && talk.longestStep <= 64 * 1_024)
        #expect(talk.replies.hasPrefix("+OK 1099511627776 octets\naaa"))
        // What comes meanwhile waits.
        #expect(talk.session.received(Array("NOOP\r\n".utf8)).isEmpty)
    }

    @Test func `Content that is repeated or made has the octets that it says`() {
        #expect(ServerContent.repeating(Array("abc".utf8), size: 10).octets == Array("abcabcabca".utf8))
        #expect(ServerContent.repeating(Array("abc".utf8), size: 10).octets(from: 4, limit: 5) == Array("bcabc".utf8))
        #expect(ServerContent.repeating([], size: 3).octets == Array("   ".utf8))
        let made = ServerContent.made(size: 100_000) { offset, count in
            (0..<count).map { UInt8(truncatingIfNeeded: Int(offset) + $0) }
        }
        #expect(made.octets == (0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        #expect(ServerContent.made(size: 3) { _, _ in [1] }.octets == [1, 32, 32])
        #expect(ServerContent.made(size: 2) { _, _ in [1, 2, 3] }.octets == [1, 2])
        let long = ServerContent.repeating(Array("0123456".utf8), size: 200_000).octets
        #expect(long.count == 200_000 && long.enumerated().allSatisfy { Int($1) == 48 + $0 % 7 })
    }

    @Test func `Sizes, names and capabilities may be wrong`() {
        var talk = POP3Conversation {
            $0.messages["u"] = [
                POP3ServerMessage(uid: "same", content: ServerContent("a\r\n"), listedSize: 1_000),
                POP3ServerMessage(uid: "same", text: "b\r\n"),
            ]
            $0.changesUIDs = true
            $0.extensions.remove(.top)
            $0.hiddenExtensions = [.pipelining]
            $0.falseCapabilities = ["X-NOTHING"]
            $0.loginDelay = 3_600
        }
        talk.signIn()
        #expect(talk.say("LIST 1") == "+OK 1 1000\n" && talk.say("STAT") == "+OK 2 1003\n")
        #expect(talk.say("UIDL") == "+OK names follow\n1 same-1\n2 same-1\n.\n")
        #expect(talk.say("TOP 1 0") == "-ERR unknown command\n")
        #expect(
            talk.say("CAPA").split(separator: "\n").filter { !$0.hasPrefix("SASL") } == [
                "+OK Capability list follows", "UIDL", "USER", "RESP-CODES", "AUTH-RESP-CODE", "EXPIRE NEVER",
                "LOGIN-DELAY 3600", "UTF8", "LANG", "IMPLEMENTATION Posthorn-Test-Server", "X-NOTHING", ".",
            ]
        )
        talk.say("QUIT")
        var early = POP3Conversation(maildrops: talk.maildrops) { $0.loginDelay = 3_600 }
        #expect(early.say("USER u\nPASS p").contains("-ERR [LOGIN-DELAY] "))
        var next = POP3Conversation(maildrops: talk.maildrops) { $0.changesUIDs = true }
        next.signIn()
        #expect(next.say("UIDL 1") == "+OK 1 same-2\n")
    }

    @Test func `UTF8 and LANG`() {
        var talk = POP3Conversation { configuration in
            var message = POP3ServerMessage(uid: "1", text: "Subject: ü\r\n\r\n")
            message.requiresUTF8 = true
            configuration.messages["u"] = [message]
        }
        #expect(talk.say("LANG") == "+OK Language list follows\nde Deutsch\nen English\n.\n")
        #expect(talk.say("LANG DE").hasPrefix("+OK de ") && talk.say("LANG xx").hasPrefix("-ERR"))
        talk.signIn()
        #expect(talk.say("RETR 1") == "-ERR [UTF8] the message needs UTF8\n")
        #expect(talk.say("UTF8").hasPrefix("-ERR") && talk.violations == ["UTF8 after the sign-in"])
        talk.say("QUIT")
        var second = POP3Conversation(maildrops: talk.maildrops)
        #expect(second.say("UTF8").hasPrefix("+OK"))
        second.signIn()
        #expect(second.say("RETR 1").contains("Subject: ü"))
    }

    @Test(arguments: [
        ("STAT", "STAT before the sign-in"), ("PASS p", "PASS without USER"), ("X", "an unknown command"),
        ("USER u\nPASS p\nUSER u", "USER after the sign-in"),
        ("USER u\nPASS p\nRETR", "RETR without the number of a message"),
        ("USER u\nPASS p\nRETR 3", "RETR of a message that there is not"),
        ("USER u\nPASS p\nRETR 99999999999999999999", "RETR without the number of a message"),
        ("USER u\nPASS p\nDELE 1\nDELE 1", "DELE of a message that is marked as deleted"),
        ("USER u\nPASS p\nTOP 1", "TOP without a number of lines"), ("QUIT\nNOOP", "octets follow QUIT"),
        ("APOP u", "APOP without a name and a digest"),
        ("AUTH PLAIN\nx", "the client did not wait for the reply to AUTH"),
        ("USER " + String(repeating: "u", count: 300), "a command is longer than 255 octets"),
        ("USER " + String(repeating: "u", count: 70_000), "a line is longer than 65536 octets"),
    ])
    func `What is against the protocol is noted`(text: String, violation: String) {
        var talk = POP3Conversation()
        talk.say(text)
        #expect(talk.violations.first == violation)
    }

    @Test func `Lines must end with CRLF, and pipelining be announced`() {
        var talk = POP3Conversation { $0.extensions.remove(.pipelining) }
        #expect(talk.send(Array("CAPA\n".utf8)).hasPrefix("-ERR"))
        talk.say("CAPA\nCAPA")
        #expect(
            talk.violations == [
                "a line does not end with CRLF, or holds a lone CR or a NUL",
                "the client did not wait for the reply to CAPA",
            ]
        )
    }

    @Test func `Ten thousand messages are read in one flight`() {
        var talk = POP3Conversation { configuration in
            configuration.messages["u"] = (1...10_000).map {
                POP3ServerMessage(uid: "\($0)", text: "a: b\r\n\r\n\($0)\r\n")
            }
        }
        talk.signIn()
        let commands = (1...10_000).map { "RETR \($0)\nDELE \($0)" }.joined(separator: "\n")
        let replies = talk.say(commands + "\nQUIT")
        #expect(replies.split(separator: "\n").count { $0 == "." } == 10_000)
        #expect(replies.hasSuffix("10000\n.\n+OK message 10000 is marked\n+OK localhost closing the connection\n"))
        #expect(talk.left == [] && talk.violations == [] && talk.longestStep <= 64 * 1_024)
    }

    @Test func `However the input is cut, the conversation is the same`() {
        let words = [
            "USER u\r\n", "PASS p\r\n", "STAT\r\n", "LIST\r\n", "LIST 1\r\n", "UIDL\r\n", "RETR 1\r\n", "RETR 2\r\n",
            "TOP 1 1\r\n", "DELE 1\r\n", "RSET\r\n", "NOOP\r\n", "CAPA\r\n", "QUIT\r\n", "\r", "\n", "\0", "RETR ",
            "99999999999", "-1", "AUTH PLAIN\r\n", "AHUAcA==\r\n", "AUTH ", "=\r\n", "*\r\n", "ü", "LANG\r\n",
            "UTF8\r\n",
        ]
        var read = 0
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var octets = Array((seed % 2 == 0 ? "USER u\r\nPASS p\r\n" : "").utf8)
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                octets += Array((words.randomElement(using: &random) ?? "").utf8)
            }
            let faults: [POP3ServerFault] =
                seed % 3 == 0
                ? [.afterReceiving(90, .close), .afterSending(400, .cut), .at(.retr, .nth(2), .twice)] : []
            var whole = POP3Conversation {
                $0.timestamp = "<t>"
                $0.faults = faults
            }
            var cut = POP3Conversation {
                $0.timestamp = "<t>"
                $0.faults = faults
            }
            let expected = whole.send(octets)
            var replies = ""
            var rest = octets[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...7, using: &random)
                replies += cut.send(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(replies == expected && cut.left == whole.left && cut.ending == whole.ending, "seed \(seed)")
            #expect(cut.faults == whole.faults, "seed \(seed)")
            if expected.contains("..dot") { read += 1 }
        }
        #expect(read > 50, "the input must get as far as to messages")
    }
}
