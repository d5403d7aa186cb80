import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// Input that no client sends: nothing traps, and the way in which it is cut makes no difference.
@Suite(.computing) struct IMAPWildInputTests {
    private static let words = [
        "FETCH 1:* (UID ENVELOPE BODYSTRUCTURE)\r\n", "FETCH 1 BODY[1.1.1]<0.99999999999>\r\n", "UID ", "STORE 1:3 ",
        "+FLAGS (\\Deleted)\r\n", "FLAGS.SILENT (a b)\r\n", "EXPUNGE\r\n", "SEARCH ", "NOT ", "OR ", "ALL",
        "TEXT {1}\r\nx",
        "RETURN (ALL) ", "\r\n", "APPEND INBOX (\\Seen) {3+}\r\nabc\r\n", "APPEND INBOX {2}\r\nab\r\n",
        "{9999999999+}\r\n",
        "{18446744073709551616}\r\n", "{-1}\r\n", "{", "}", "(", ")", "\"", "\\", "*", "%", "[", "]", "<", ">", "&AMQ-",
        "COPY 1:2 Sent\r\n", "MOVE * Sent\r\n", "IDLE\r\n", "DONE\r\n", "LIST \"\" *\r\n", "STATUS Sent (MESSAGES)\r\n",
        "RENAME INBOX x\r\n", "CREATE a/b/c\r\n", "DELETE Sent\r\n", "SELECT INBOX\r\n", "EXAMINE Sent\r\n",
        "CLOSE\r\n",
        "4294967295", "4294967296", "0", ",", ":", "$", " ", "\r", "\n", "\0", "ü", "AUTHENTICATE PLAIN\r\n", "*\r\n",
        "LOGIN u p\r\n", "LOGOUT\r\n",
    ]

    private func input(_ seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        var octets = Array((seed % 4 == 0 ? "" : "a LOGIN u p\r\nb SELECT INBOX\r\n").utf8)
        for number in 0..<Int.random(in: 1...40, using: &random) {
            if Int.random(in: 0..<12, using: &random) == 0 {
                octets.append(UInt8.random(in: 0...255, using: &random))
            } else {
                if octets.last == 10 { octets += Array("t\(number) ".utf8) }
                octets += Array((Self.words.randomElement(using: &random) ?? "").utf8)
            }
        }
        return octets
    }

    @Test func `Wild input gives the same conversation however it is cut`() {
        var fetched = 0
        for seed in 0..<1_000 as Range<UInt64> {
            let octets = input(seed)
            var whole = talk(seed)
            let expected = whole.send(octets)
            var cut = talk(seed)
            var random = SeededGenerator(seed: seed ^ 0xABCD)
            var rest = octets[...]
            var replies = ""
            while !rest.isEmpty {
                let count = Int.random(in: 1...7, using: &random)
                replies += cut.send(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(replies == expected, "seed \(seed)")
            #expect(cut.inbox == whole.inbox && cut.box("Sent") == whole.box("Sent"), "seed \(seed)")
            #expect(cut.faults == whole.faults && cut.ending == whole.ending, "seed \(seed)")
            #expect(cut.commands == whole.commands, "seed \(seed)")
            if expected.contains(" FETCH (") { fetched += 1 }
        }
        #expect(fetched > 50, "the input must get as far as to messages")
    }

    /// Every second conversation meets faults.
    private func talk(_ seed: UInt64) -> IMAPConversation {
        IMAPConversation { configuration in
            configuration.limits.line = 200
            configuration.limits.literal = 1_000
            guard seed % 2 == 1 else { return }
            configuration.faults = [
                .random(
                    seed: seed,
                    probability: 0.5,
                    per: .message,
                    of: [
                        .at(.fetch, .twice), .at(.append, .lose), .at(.anyReply, .retag("x")),
                        .at(.select, .answer(.no("x"))),
                        .at(.continuation, .answer(.bad("no"))), .at(.anyReply, .from(6), .cut(after: 2, .cut)),
                        .at(.fetch, .literalSize(1)), .at(.anyReply, .insert("* 1 EXPUNGE")),
                    ]
                ),
                .afterReceiving(Int(seed), .reset).onConnection(.first), .at(.idle, .nth(2), .end(.silence)),
                IMAPServerFault.at(.expunge, .endAfterReply(.close)).doing(false),
            ]
        }
    }
}
