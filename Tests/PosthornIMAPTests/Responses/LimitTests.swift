import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

/// What hostile servers send: typed errors, within the limits.
@Suite struct IMAPLimitTests {
    private func error(_ text: String, limits: IMAPLimits = IMAPLimits(), greeting: Bool = false) -> String? {
        var parser = IMAPResponseParser(limits: limits, expectsGreeting: greeting)
        var buffer = ReceiveBuffer(text.utf8)
        do {
            while try parser.next(from: &buffer) != nil {}
            return nil
        } catch let error as MailError {
            return error.code == .protocolViolation ? error.message : nil
        } catch {
            return nil
        }
    }

    @Test(arguments: [
        "* 1 FETCH (BODY[] {-1}\r\n", "* 1 FETCH (BODY[] {abc}\r\n", "* 1 FETCH (BODY[] {5+}\r\n",
        "* 1 FETCH (BODY[] {99999999999999999999999999}\r\n", "* 1 FETCH (BODY[] {4294967297}\r\n",
        "* 1 FETCH (ENVELOPE (NIL {1048577}\r\n", "* LIST () \"/\" {2000000}\r\n", "* 1 FETCH (UID 0)\r\n",
        "* 0 FETCH (UID 1)\r\n", "* 4294967296 EXISTS\r\n", "* 1 FETCH (UID 4294967296)\r\n", "* -1 EXISTS\r\n",
        "* 1 FETCH (MODSEQ (9223372036854775808))\r\n", "* 1 FETCH (UID 5\r\n", "* 1 FETCH (UID 5)) x\r\n",
        "* LIST () \"/\" \"a\u{0}b\"\r\n", "* LIST () \"/\" \"abc\r\n", "* LIST () \"//\" abc\r\n", "nonsense\r\n",
        "a001 HELLO\r\n", "a001\r\n", "* SEARCH 1 x\r\n", "* THREAD (1 2\r\n", "* THREAD 1\r\n", "* 0 EXPUNGE\r\n",
        "* \r\n", "* VANISHED 1:*\r\n",
    ]) func `a broken response is a typed error`(_ text: String) {
        #expect(error(text) != nil)
    }

    @Test func `a response without end is refused at the limit`() {
        let long = String(repeating: "x", count: 1 << 20)
        #expect(error("* LIST () \"/\" " + long)?.contains("more than 1048576 octets") == true)
        #expect(error("* SEARCH " + String(repeating: "1 ", count: 1 << 20)) == nil)
        #expect(error("* SEARCH " + String(repeating: "1 ", count: 9 << 20))?.contains("octets") == true)
        #expect(error(long + long, greeting: true) != nil)
    }

    @Test func `parentheses are counted`() {
        let deep = String(repeating: "(", count: 100)
        #expect(error("* 1 FETCH (BODYSTRUCTURE \(deep)\r\n")?.contains("more than 64 parentheses") == true)
        #expect(error("* THREAD \(deep)\r\n")?.contains("more than 64 parentheses") == true)
        #expect(error("* XUNKNOWN \(deep)\r\n")?.contains("more than 64 parentheses") == true)
        var limits = IMAPLimits()
        limits.depth = .max
        #expect(error("* XUNKNOWN " + String(repeating: "(", count: 200) + "\r\n", limits: limits) != nil)
    }

    @Test func `elements, parts, literals and response codes are counted`() {
        var limits = IMAPLimits()
        limits.elements = 3
        limits.parts = 2
        limits.responseCode = 10
        limits.literalsOfResponse = 6
        #expect(error("* FLAGS (a b c)\r\n", limits: limits) == nil)
        #expect(error("* FLAGS (a b c d)\r\n", limits: limits) != nil)
        #expect(error("* SEARCH 1 2 3 4\r\n", limits: limits) != nil)
        #expect(error("* VANISHED 1,3,5,7\r\n", limits: limits) != nil)
        #expect(error("* 1 FETCH (BODY ((\"a\" \"b\")(\"c\" \"d\") \"mixed\"))\r\n", limits: limits) != nil)
        #expect(error("* OK [ALERT12345 x] y\r\n", limits: limits) != nil)
        #expect(error("* ID (a {4}\r\nabcd b {3}\r\nabc)\r\n", limits: limits) != nil)
    }

    @Test func `the first line must be a greeting`() throws {
        #expect(error("220 mail.example ESMTP\r\n", greeting: true)?.contains("220 mail.example") == true)
        #expect(error("* CAPABILITY IMAP4rev1\r\n", greeting: true) != nil)
        #expect(
            try responses("* PREAUTH hi\r\n", greeting: true) == [.greeting(IMAPStatus(kind: .preauth, text: "hi"))]
        )
        #expect(try responses("* BYE [UNAVAILABLE] no\r\n", greeting: true).count == 1)
    }

    @Test func `an error shows neither secrets nor control characters`() throws {
        var parser = IMAPResponseParser(expectsGreeting: false)
        parser.mask = SecretMask([Secret("hunter2-hunter2")])
        var buffer = ReceiveBuffer("hunter2-hunter2 \u{1B}[2J\r\n".utf8)
        let error = #expect(throws: MailError.self) { try parser.next(from: &buffer) }
        #expect(error?.message.contains("hunter2") == false)
        #expect(error?.message.contains("\u{1B}") == false)
    }
}
