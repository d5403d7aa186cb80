import Posthorn
import PosthornNet
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPReplyParserTests {
    @Test(arguments: [
        ("250 OK\r\n", 250, "OK"),
        ("250\r\n", 250, ""),
        ("250 \r\n", 250, ""),
        ("354 go\n", 354, "go"),
        ("250-a\r\n250-b\r\n250 c\r\n", 250, "a\nb\nc"),
        ("250-a\r\n250\r\n", 250, "a\n"),
        ("250-\r\n250-\r\n250 \r\n", 250, "\n\n"),
        ("250-a\n250 b\r\n", 250, "a\nb"),
        ("599 x\r\n", 599, "x"),
        ("200 x\r\n", 200, "x"),
        ("250  two spaces\r\n", 250, " two spaces"),
        ("250 tail \r\n", 250, "tail "),
        ("250 a\rb\r\n", 250, "a\rb"),
        ("250-250 not a code\r\n250 b\r\n", 250, "250 not a code\nb"),
    ])
    func `every valid form is read`(_ text: String, _ code: Int, _ expected: String) throws {
        let replies = try parseReplies(Array(text.utf8))
        #expect(replies == [reply(code, expected)])
    }

    @Test func `replies that are split at every octet give the same`() throws {
        let text = Array(
            "220-mail.example.org ESMTP\r\n220 ready\r\n250-a\r\n250-SIZE 1000\n250 \r\n354\r\n550 5.1.1 no\r\n".utf8
        )
        let whole = try parseReplies(text)
        #expect(whole.count == 4)
        for split in 0...text.count {
            #expect(try parseReplies(pieces: [Array(text[..<split]), Array(text[split...])]) == whole)
        }
        #expect(try parseReplies(pieces: text.map { [$0] }) == whole)
    }

    @Test(arguments: [
        "250", "25", "250-", "250 OK", "250 OK\r", "250-a\r\n", "250-a\r\n250", "250-a\r\n250 b\r", "250-a\r\n250-\r\n",
    ])
    func `a reply that is cut off is no reply`(_ text: String) throws {
        #expect(try parseReplies(Array(text.utf8)).isEmpty)
    }

    @Test(arguments: [
        "2500 OK\r\n", "25 OK\r\n", "2\r\n", "\r\n", "\n", "OK\r\n", "150 x\r\n", "650 x\r\n", "050 x\r\n",
        "2a0 x\r\n", "25O x\r\n", " 250 x\r\n", "250\tx\r\n", "250_x\r\n", "250+x\r\n", "-250 x\r\n", "250\u{0}x\r\n",
        "250-a\r\n251 b\r\n", "250-a\r\n550 b\r\n", "250-a\r\nb\r\n", "250-a\r\n\r\n", "250\r250 x\r\n",
        "HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "* OK IMAP4rev1\r\n", "+OK POP3\r\n",
        "\u{FEFF}250 x\r\n",
    ])
    func `whatever is no reply is a violation`(_ text: String) throws {
        let error = mailError { _ = try parseReplies(Array(text.utf8)) }
        #expect(error?.code == .protocolViolation)
        #expect(error?.certainty == .notTaken)
    }

    @Test func `the codes of a mixed reply are named`() throws {
        let error = mailError { _ = try parseReplies(Array("250-a\r\n451 b\r\n".utf8)) }
        #expect(error?.message.contains("250 and 451") == true)
    }

    @Test func `a line of 64 KiB is read and a longer one is not`() throws {
        let longest = Array("250 ".utf8) + Array(repeating: UInt8(ascii: "x"), count: SMTPReplyParser.lineLimit - 5)
        #expect(try parseReplies(longest + [13, 10]).first?.text.count == longest.count - 4)
        let longer = longest + [UInt8](repeating: UInt8(ascii: "x"), count: 8)
        #expect(mailError { _ = try parseReplies(longer + [13, 10]) }?.code == .protocolViolation)
    }

    @Test func `an endless line ends long before ten megabytes`() throws {
        var parser = SMTPReplyParser()
        var buffer = ReceiveBuffer()
        let piece = [UInt8](repeating: UInt8(ascii: "2"), count: 4_096)
        var given = 0
        let error = mailError {
            while given < 10_000_000 {
                buffer.append(piece)
                given += piece.count
                _ = try parser.next(from: &buffer)
            }
        }
        #expect(error?.code == .protocolViolation)
        #expect(given <= SMTPReplyParser.lineLimit + 2 * piece.count)
    }

    @Test(arguments: ["250-\r\n", "250-0123456789\r\n", "250-\n"])
    func `an endless reply ends`(_ line: String) throws {
        var parser = SMTPReplyParser()
        var buffer = ReceiveBuffer()
        var given = 0
        let error = mailError {
            while given < 20_000_000 {
                buffer.append(Array(line.utf8))
                given += line.utf8.count
                _ = try parser.next(from: &buffer)
            }
        }
        #expect(error?.code == .protocolViolation)
        #expect(given < 3 * SMTPReplyParser.replyLimit)
    }

    @Test func `after an error text nothing of the peer drives a terminal`() throws {
        let error = mailError { _ = try parseReplies(Array("\u{1B}[31mred\u{0}\u{7}\r\n".utf8)) }
        let text = try #require(error).detailedDescription()
        #expect(text.contains("\\x1B[31mred\\x00\\x07"))
        #expect(!text.utf8.contains(0x1B) && !text.utf8.contains(0))
    }

    @Test func `controls and 8-bit octets in a text are escaped in the value`() throws {
        let octets: [UInt8] =
            Array("550 5.1.1 a".utf8) + [0, 0x1B, 0x7F, 0x85, 0xFF, 0xC2, 0x9B] + Array("\r\r\n".utf8)
        let value = try #require(try parseReplies(octets).first).value
        #expect(value.code == 550)
        #expect(value.enhancedStatus == EnhancedStatus(5, 1, 1))
        #expect(value.text == "a\\x00\\x1B\\x7F\u{FFFD}\u{FFFD}\\x9B\\x0D")
    }

    @Test func `the value joins the lines and drops the repeated codes`() throws {
        let value = reply(550, "5.7.1 one\n5.7.1 two\n\n5.7.1 three").value
        #expect(value.text == "one two  three" || value.text == "one two three")
        #expect(value.description.hasPrefix("550 5.7.1 one two"))
    }

    @Test(
        arguments: [
            ("5.1.1 x", 550, EnhancedStatus(5, 1, 1)), ("5.1.1", 550, EnhancedStatus(5, 1, 1)),
            ("2.0.0 x", 250, EnhancedStatus(2, 0, 0)), ("4.999.999 x", 450, EnhancedStatus(4, 999, 999)),
            ("2.1.5 x", 550, nil), ("5.1 x", 550, nil), ("5.1.1x", 550, nil), ("5.1.1000 x", 550, nil), ("", 550, nil),
            ("5..1 x", 550, nil), ("5.1.", 550, nil), ("a5.1.1 x", 550, nil),
        ] as [(String, Int, EnhancedStatus?)]
    )
    func `enhanced status codes are read only where they are right`(
        _ text: String,
        _ code: Int,
        _ status: EnhancedStatus?
    ) {
        #expect(reply(code, text).enhancedStatus == status)
        #expect(reply(code, text).value.enhancedStatus == status)
    }

    @Test func `twenty thousand random inputs are read or refused, whole and in pieces alike`() throws {
        var random = SeededGenerator(seed: 0x5348_4F52)
        let words = [
            "250", "250 ", "250-", "550", "\r\n", "\n", "\r", "354", "421 4.3.2 bye", "OK", "\0", "\u{1B}[2J", "2",
            "5.1.1 ",
            "ü", " ", "-", "220-x\r\n220 y\r\n",
        ]
        var outcomes = (replies: 0, errors: 0, different: 0, unescaped: 0)
        for _ in 0..<20_000 {
            var input: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                if Bool.random(using: &random), let word = words.randomElement(using: &random) {
                    input += Array(word.utf8)
                } else {
                    input.append(UInt8.random(in: 0...255, using: &random))
                }
            }
            let whole = outcome { try parseReplies(input) }
            let cut = Int.random(in: 0...input.count, using: &random)
            let parts = outcome { try parseReplies(pieces: [Array(input[..<cut]), Array(input[cut...])]) }
            let single = outcome { try parseReplies(pieces: input.map { [$0] }) }
            // Replies before an error are lost to the helper in both ways alike.
            if whole != parts || whole != single { outcomes.different += 1 }
            switch whole {
            case .replies(let replies): outcomes.replies += replies.count
            case .error(let text):
                outcomes.errors += 1
                if !text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { outcomes.unescaped += 1 }
            }
        }
        #expect(outcomes.different == 0 && outcomes.unescaped == 0)
        #expect(outcomes.replies > 500 && outcomes.errors > 5_000)
    }

    private enum Outcome: Equatable {
        case replies([SMTPReply])
        case error(String)
    }

    private func outcome(_ body: () throws -> [SMTPReply]) -> Outcome {
        do {
            return .replies(try body())
        } catch let error as MailError {
            return .error(error.code == .protocolViolation ? error.message : "\u{0} a wrong code")
        } catch {
            return .error("\u{0} another error")
        }
    }
}
