import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

@Suite(.computing) struct SMTPServerSessionTests {
    private let whole = """
        EHLO client.example
        MAIL FROM:<a@example.org> SIZE=40 BODY=8BITMIME RET=HDRS ENVID=Q+2B1
        RCPT TO:<b@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@example.org
        RCPT TO:<"odd one"@example.org>
        DATA
        Subject: dots

        ..
        ..two
        end
        .
        QUIT

        """

    @Test func `A message comes with all its parameters`() throws {
        var talk = Conversation()
        #expect(talk.replies == "220 localhost ESMTP Posthorn test server\n")
        let greeting = talk.say("EHLO client.example")
        #expect(greeting.hasPrefix("250-localhost at your service\n250-PIPELINING\n250-SIZE 268435456\n"))
        #expect(greeting.hasSuffix("\n250-DSN\n250-DELIVERBY\n250-FUTURERELEASE\n250-MT-PRIORITY\n250 RRVS\n"))
        #expect(talk.say("MAIL FROM:<a@example.org> BODY=8BITMIME RET=HDRS ENVID=Q+2B1") == "250 2.1.0 Ok\n")
        #expect(
            talk.say("RCPT TO:<b@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2B@example.org") == "250 2.1.5 Ok\n"
        )
        #expect(talk.say("DATA") == "354 end the message with a dot on a line of its own\n")
        #expect(talk.say("Subject: dots\n\n..\n..two\nend\n.") == "250 2.0.0 Ok: queued as T1-1\n")
        #expect(talk.say("QUIT").hasPrefix("221 2.0.0 "))
        #expect(talk.isClosed && talk.violations.isEmpty)
        let message = try #require(talk.messages.first)
        #expect(message.text == "Subject: dots\r\n\r\n.\r\n.two\r\nend\r\n")
        #expect(
            message.sender == "a@example.org" && message.envelopeID == "Q+1" && message.clientName == "client.example"
        )
        #expect(message.parameters["RET"] == "HDRS" && message.parameters["BODY"] == "8BITMIME")
        #expect(message.recipients[0].notify == ["SUCCESS", "FAILURE"])
        #expect(message.recipients[0].originalRecipient == "rfc822;b+@example.org")
        #expect(!message.isEncrypted && message.user == nil && !message.usedChunking)
    }

    @Test func `Every split of the octets gives the same conversation`() {
        let octets = Array(whole.replacing("\n", with: "\r\n").utf8)
        var atOnce = Conversation()
        atOnce.send(octets)
        let expected = atOnce.replies
        #expect(atOnce.messages.first?.text == "Subject: dots\r\n\r\n.\r\n.two\r\nend\r\n")
        #expect(atOnce.messages.first?.recipients.map(\.address) == ["b@example.org", "\"odd one\"@example.org"])
        for split in 1..<octets.count {
            var talk = Conversation()
            let first = talk.send(Array(octets[..<split]))
            #expect(first + talk.send(Array(octets[split...])) == expected)
            #expect(talk.messages.first?.bytes == atOnce.messages.first?.bytes)
        }
        var single = Conversation()
        var replies = ""
        for octet in octets { replies += single.send([octet]) }
        #expect(replies == expected && single.messages.first?.bytes == atOnce.messages.first?.bytes)
        #expect(single.violations.isEmpty && single.isClosed)
    }

    @Test(arguments: [
        ("a\n.\n", "lone LF"), ("a\r.\r", "lone CR"), ("a\r\n.\n", "lone LF"), ("a\n.\r\n", "lone LF"),
        ("a\r\n.\rb", "lone CR"), ("a\r\n.b", "not stuffed"), ("a\0b", "NUL"), ("\u{E4}", "8-bit"),
        (String(repeating: "x", count: 999), "998"), ("\r\r\n", "lone CR"),
    ])
    func `What only looks like an end is content, and is noted`(octets: String, word: String) throws {
        var talk = Conversation()
        talk.say("EHLO c")
        talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        talk.say("DATA")
        #expect(talk.send(Array(octets.utf8)) == "")
        #expect(talk.send(Array("\r\n.\r\n".utf8)).hasPrefix("250 "))
        let message = try #require(talk.messages.first)
        #expect(message.violations.contains { $0.contains(word) }, "\(message.violations)")
        #expect(talk.violations == message.violations)
        if word != "not stuffed", octets != "a\r\n.\rb" {
            let expected = octets.replacing("\r\n.\n", with: "\r\n\n") + "\r\n"
            #expect(word == "lone LF" && octets == "a\r\n.\n" || message.text == expected)
        }
    }

    @Test(arguments: [
        "\r\n", ".x\r\n.\r\n", "a\r\n\r\n..\r\n", "a\r\n..b\r\n...\r\n", "\r\n\r\n", "..\r\n..\r\n",
        "long\r\nlines\r\nhere\r\n",
    ])
    func `Stuffed content comes out as it was`(content: String) throws {
        var stuffed = content.replacing("\r\n.", with: "\r\n..")
        if stuffed.hasPrefix(".") { stuffed = "." + stuffed }
        for size in 1...4 {
            var talk = Conversation()
            talk.say("EHLO c")
            talk.say("MAIL FROM:<>\nRCPT TO:<b@example.org>")
            talk.say("DATA")
            var rest = Array((stuffed + ".\r\n").utf8)[...]
            while !rest.isEmpty {
                talk.send(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(talk.messages.first?.text == content)
            #expect(talk.violations.isEmpty && talk.messages.first?.sender == nil)
        }
    }

    @Test func `BDAT takes counted octets, whatever they are`() throws {
        var talk = Conversation()
        talk.say("EHLO c")
        talk.say("MAIL FROM:<a@example.org> BODY=BINARYMIME\nRCPT TO:<b@example.org>")
        #expect(talk.send(Array("BDAT 7\r\n\r\n.\r\n\0\n".utf8)) == "250 2.0.0 7 octets so far\n")
        #expect(talk.send(Array("BDAT 3 LAST\r\nQUITQUIT\r\n".utf8)).hasPrefix("250 2.0.0 Ok: queued as T1-1\n500 "))
        #expect(talk.messages.first?.bytes == Array("\r\n.\r\n\0\nQUI".utf8))
        #expect(talk.messages.first?.usedChunking == true && talk.messages.first?.violations == [])
    }

    @Test func `BDAT without recipients eats its octets and fails`() {
        var talk = Conversation()
        talk.say("EHLO c")
        talk.say("MAIL FROM:<a@example.org>")
        #expect(
            talk.send(Array("BDAT 6 LAST\r\nRSET\r\nNOOP\r\n".utf8))
                == "503 5.5.1 say MAIL and RCPT first\n250 2.0.0 Ok\n"
        )
        #expect(talk.say("BDAT -1").hasPrefix("501 "))
        #expect(talk.isClosed)
    }

    @Test func `LMTP answers for every recipient`() throws {
        var talk = Conversation {
            $0.isLMTP = true
            $0.rules.onMessage = { _, recipient in recipient == "full@example.org" ? "452 4.2.2 Mailbox full" : nil }
        }
        #expect(talk.say("EHLO c").hasPrefix("500 "))
        #expect(talk.say("LHLO c").hasPrefix("250-"))
        talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<full@example.org>\nRCPT TO:<b@example.org>")
        talk.say("DATA")
        #expect(talk.say("x\n.") == "452 4.2.2 Mailbox full\n250 2.0.0 Ok: queued as T1-1\n")
        #expect(talk.messages.first?.recipients.map(\.address) == ["b@example.org"])
    }

    @Test(arguments: [
        ("MAIL FROM:<a@example.org> FOO=1", 555), ("MAIL FROM:a@example.org", 501), ("MAIL FROM:<a@example.org", 501),
        ("MAIL FROM:<a\tb@example.org>", 501), ("MAIL FROM:<@>", 553), ("MAIL FROM:<a..b@example.org>", 553),
        ("MAIL FROM:<a@example.org> SIZE=99999999999999999999999", 501),
        ("MAIL FROM:<a@example.org> SIZE=268435457", 552),
        ("MAIL FROM:<a@example.org> BODY=9BIT", 501), ("MAIL FROM:<a@example.org> SIZE=1 SIZE=2", 501),
        ("MAIL FROM:<ä@example.org>", 553), ("MAIL FROM:<ä@example.org> SMTPUTF8", 250), ("MAIL FROM:<>", 250),
        ("MAIL FROM:<@relay.example:a@example.org>", 250), ("MAIL FROM:<\"a>b\\\"c\"@example.org>", 250),
        ("MAIL FROM:<a@[127.0.0.1]>", 250), ("RCPT TO:<b@example.org>", 503), ("DATA", 503), ("BREW coffee", 500),
        ("MAIL FROM:<a@example.org> ENVID=a+b", 501), ("STARTTLS", 502), ("AUTH PLAIN", 504), ("VRFY x", 252),
    ])
    func `Commands are judged by the grammar`(line: String, code: Int) {
        var talk = Conversation()
        talk.say("EHLO client.example")
        let reply = talk.say(line)
        #expect(reply.hasPrefix("\(code) "), "\(reply)")
    }

    @Test(arguments: [
        ("2026-11-23T19:24:43Z", 250), ("2026-11-23t19:24:43.5+01:00;c", 250), ("2026-11-23T19:24:43Z;R", 250),
        ("2026-11-23T19:24:43", 501), ("2026-11-23", 501), ("2026-11-23T19:24:43Z;X", 501), ("", 501),
    ])
    func `The time since which a mailbox must be valid is judged by the grammar`(value: String, code: Int) {
        var talk = Conversation()
        talk.say("EHLO c")
        talk.say("MAIL FROM:<a@example.org>")
        #expect(talk.say("RCPT TO:<b@example.org> RRVS=\(value)").hasPrefix("\(code) "))
    }

    @Test func `Rules refuse senders, recipients and messages`() {
        var talk = Conversation {
            $0.rules.refuseSender("bad@example.org")
            $0.rules.refuseRecipient("gone@example.org")
            $0.rules.refuseRecipient("busy@example.org", with: "450 4.2.1 Busy\nplease wait")
            $0.rules.refuseMessages(with: "554 5.7.1 No")
            $0.limits.recipients = 1
        }
        talk.say("EHLO c")
        #expect(talk.say("MAIL FROM:<bad@example.org>") == "550 5.7.1 Sender refused\n")
        talk.say("MAIL FROM:<a@example.org>")
        #expect(talk.say("RCPT TO:<gone@example.org>") == "550 5.1.1 No such mailbox here\n")
        #expect(talk.say("RCPT TO:<busy@example.org>") == "450-4.2.1 Busy\nplease wait\n")
        #expect(talk.say("RCPT TO:<b@example.org>") == "250 2.1.5 Ok\n")
        #expect(talk.say("RCPT TO:<c@example.org>").hasPrefix("452 4.5.3"))
        talk.say("DATA")
        #expect(talk.say("x\n.") == "554 5.7.1 No\n")
        #expect(talk.messages.isEmpty)
    }

    @Test func `Extensions can be removed, hidden and made up`() {
        var talk = Conversation {
            $0.extensions = [.size, .eightBitMIME]
            $0.hiddenExtensions = [.eightBitMIME]
            $0.falseCapabilities = ["CHUNKING", "X-LIE 1"]
            $0.limits.message = 1_000
        }
        #expect(talk.say("EHLO c") == "250-localhost at your service\n250-SIZE 1000\n250-CHUNKING\n250 X-LIE 1\n")
        #expect(talk.say("MAIL FROM:<a@example.org> BODY=8BITMIME") == "250 Ok\n")
        #expect(talk.say("BDAT 1").hasPrefix("502 "))
        #expect(talk.say("RCPT TO:<b@example.org> NOTIFY=NEVER").hasPrefix("555 "))
        #expect(talk.violations.isEmpty)
        talk.say("NOOP\nNOOP")
        #expect(talk.violations == ["the client did not wait for the reply to NOOP"])
    }

    @Test func `A message beyond the limit is refused and not kept`() {
        var talk = Conversation { $0.limits.message = 10 }
        talk.say("EHLO c")
        talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        talk.say("DATA")
        #expect(talk.say("0123456789\n.").hasPrefix("552 5.3.4"))
        #expect(talk.messages.isEmpty)
        #expect(talk.say("MAIL FROM:<a@example.org>") == "250 2.1.0 Ok\n")
    }

    @Test func `Octets beyond the kept ones are counted`() {
        var talk = Conversation { $0.limits.keptPerMessage = 4 }
        talk.say("EHLO c")
        talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        talk.say("DATA")
        talk.say("0123456789\n.")
        #expect(talk.messages.first?.text == "0123" && talk.messages.first?.size == 12)
    }

    @Test func `Endless lines are refused without being kept`() {
        var talk = Conversation { $0.limits.line = 1_000 }
        for _ in 0..<100 { #expect(talk.send([UInt8](repeating: 65, count: 1_000)) == "") }
        #expect(talk.say("") == "500 the line is too long\n")
        #expect(talk.say("NOOP") == "250 Ok\n")
    }

    @Test func `Lines that end with a lone LF are refused`() {
        var talk = Conversation()
        #expect(talk.send(Array("NOOP\n".utf8)).hasPrefix("500 "))
        #expect(talk.send(Array("NO\rOP\r\n".utf8)).hasPrefix("500 "))
        #expect(talk.violations.count == 2)
    }

    @Test func `Octets after STARTTLS are dropped, and all is forgotten`() {
        var talk = Conversation { $0.security = .startTLS }
        #expect(talk.say("EHLO c").contains("250 STARTTLS\n"))
        talk.say("MAIL FROM:<a@example.org>")
        #expect(talk.say("STARTTLS\nRCPT TO:<injected@example.org>") == "220 2.0.0 go ahead\n")
        #expect(talk.wantsTLS && talk.violations.count == 1)
        talk.established(ServerEncryption())
        #expect(talk.say("MAIL FROM:<a@example.org>") == "503 say EHLO first\n")
        #expect(!talk.say("EHLO c").contains("STARTTLS"))
        #expect(talk.say("RCPT TO:<b@example.org>").hasPrefix("503 "))
        #expect(talk.say("STARTTLS").hasPrefix("503 "))
    }

    @Test func `A greeting of one's own and a refused connection`() {
        var talk = Conversation { $0.greeting = "220 one\n220 two\n220 three" }
        #expect(talk.replies == "220-one\n220-two\n220 three\n")
        talk = Conversation { $0.rules.onConnection = { "554 5.7.1 go away" } }
        #expect(talk.replies == "554 5.7.1 go away\n" && talk.isClosed)
    }
}
