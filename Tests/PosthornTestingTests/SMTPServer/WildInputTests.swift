import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// Input that no client sends: nothing traps, and the way in which it is cut makes no difference.
@Suite(.computing) struct WildInputTests {
    private static let words = [
        "EHLO c\r\n", "LHLO c\r\n", "MAIL FROM:<a@example.org>", " SIZE=", "99999999999999999999", " BODY=BINARYMIME",
        "\r\n", "RCPT TO:<b@example.org>\r\n", "DATA\r\n", "\r\n.\r\n", ".\r\n", ".", "..", "\r", "\n", "\0",
        "BDAT 3\r\nabc", "BDAT 0 LAST\r\n", "BDAT 18446744073709551615\r\n", "BDAT 999999999999999999 LAST\r\n",
        "AUTH PLAIN\r\n", "AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9YWJj\r\n", "AUTH LOGIN\r\n", "dXNlcg==\r\n", "*\r\n",
        "=\r\n",
        "AUTH ", "\r\n", "RSET\r\n", "NOOP\r\n", "STARTTLS\r\n", "<", ">", "\"", "\\", "@", ":", "ü", "\u{1B}[31m",
        "QUIT\r\n",
    ]

    private func input(_ seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        // Some begin within a message, where most of the state is.
        let envelope = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n"
        let begin = ["", envelope, envelope + "DATA\r\n"][Int(seed % 3)]
        var octets = Array(((seed % 5 == 0 ? "LHLO c\r\n" : "EHLO c\r\n") + begin).utf8)
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            if Int.random(in: 0..<12, using: &random) == 0 {
                octets.append(UInt8.random(in: 0...255, using: &random))
            } else {
                octets += Array((Self.words.randomElement(using: &random) ?? "").utf8)
            }
        }
        return octets
    }

    @Test func `Wild input gives the same conversation however it is cut`() {
        var messages = 0
        for seed in 0..<1_000 as Range<UInt64> {
            let octets = input(seed)
            var whole = talk(isLMTP: seed % 5 == 0, faults(seed))
            let expected = whole.send(octets)
            var cut = talk(isLMTP: seed % 5 == 0, faults(seed))
            var random = SeededGenerator(seed: seed ^ 0xABCD)
            var rest = octets[...]
            var replies = ""
            while !rest.isEmpty {
                let count = Int.random(in: 1...7, using: &random)
                replies += cut.send(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(masked(replies) == masked(expected), "seed \(seed)")
            #expect(cut.messages.map(\.bytes) == whole.messages.map(\.bytes), "seed \(seed)")
            #expect(cut.faults == whole.faults && cut.ending == whole.ending, "seed \(seed)")
            #expect(cut.isClosed == whole.isClosed && cut.wantsTLS == whole.wantsTLS, "seed \(seed)")
            messages += whole.messages.count
        }
        #expect(messages > 50, "the input must get as far as to messages")
    }

    /// Every second conversation meets faults.
    private func faults(_ seed: UInt64) -> [SMTPServerFault] {
        guard seed % 2 == 1 else { return [] }
        return [
            .random(
                seed: seed,
                probability: 0.7,
                per: .message,
                of: [
                    .at(.rcpt, .first, .answer("452 4.2.2 full")), .at(.endOfMessage, .lose), .at(.bdat, .twice),
                    .at(.data, .answerAhead("250 2.0.0 Ok")), .afterReceiving(70, .reset), .afterReceiving(0, .silence),
                    .at(.anyReply, .from(6), .cut(after: 2, .cut)), .at(.endOfMessage, .answer("451 4.3.0 later")),
                ]
            ),
            .at(.ehlo, .announce(adding: ["X-ODD"], hiding: ["DSN"])), .at(.auth, .nth(2), .answer("454 4.7.0 later")),
            .afterReceiving(Int(seed), .reset).onConnection(.first), .at(.startTLS, .surplus("250 SIZE 1")),
        ]
    }

    private func talk(isLMTP: Bool, _ faults: [SMTPServerFault]) -> Conversation {
        Conversation {
            $0.faults = faults
            $0.users = ["user": "pencil"]
            $0.isLMTP = isLMTP
            $0.limits.message = 1_000
            $0.limits.line = 200
        }
    }

    /// Challenges hold random numbers.
    private func masked(_ replies: String) -> [String] {
        replies.split(separator: "\n").map { $0.hasPrefix("334 ") && $0.count > 30 ? "334 …" : String($0) }
    }
}
