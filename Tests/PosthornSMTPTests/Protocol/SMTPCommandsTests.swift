import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPCommandsTests {
    private static let everything =
        "8BITMIME\nSMTPUTF8\nSIZE 1000\nDSN\nPIPELINING"

    private func commands(_ offers: String, isLMTP: Bool = false) -> SMTPCommands {
        SMTPCommands(capabilities: SMTPCapabilities(reply: reply(250, "x\n" + offers)), isLMTP: isLMTP)
    }

    private func send(_ sender: String?, _ recipients: [String]) -> SendRequest {
        SendRequest(
            envelope: Envelope(sender: sender.map(address), recipients: recipients.map(address)),
            content: .text("x"),
            messageID: "<a@b>"
        )
    }

    private func facts(_ size: UInt64? = 100, _ transfer: ContentForm.Transfer = .sevenBit, utf8: Bool = false)
        -> ContentFacts
    {
        ContentFacts(size: size, transfer: transfer, needsUTF8Headers: utf8)
    }

    private func lines(_ request: SMTPTransaction.Request) -> [String] {
        request.ends.indices.map { number in
            String(decoding: request.commands(number..<number + 1).dropLast(2), as: UTF8.self)
        }
    }

    @Test func `a bare server gets bare commands`() throws {
        let request = try commands("").request(for: send("a@example.org", ["b@example.org"]), facts: facts())
        #expect(lines(request) == ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>"])
        #expect(!request.isPipelined && !request.isLMTP)
    }

    @Test func `the null reverse path`() throws {
        let request = try commands("").request(for: send(nil, ["b@example.org"]), facts: facts())
        #expect(lines(request)[0] == "MAIL FROM:<>")
    }

    @Test func `parameters are used where they are offered and needed`() throws {
        let all = commands(Self.everything)
        let plain = try all.request(for: send("a@example.org", ["b@example.org"]), facts: facts())
        #expect(lines(plain)[0] == "MAIL FROM:<a@example.org> SIZE=100")
        #expect(plain.isPipelined)
        let eight = try all.request(for: send("a@example.org", ["b@example.org"]), facts: facts(nil, .eightBit))
        #expect(lines(eight)[0] == "MAIL FROM:<a@example.org> BODY=8BITMIME")
        let international = try all.request(for: send("käthe@example.org", ["b@example.org"]), facts: facts())
        #expect(lines(international)[0] == "MAIL FROM:<käthe@example.org> SIZE=100 SMTPUTF8")
        let header = try all.request(
            for: send("a@example.org", ["b@example.org"]),
            facts: facts(5, .eightBit, utf8: true)
        )
        #expect(lines(header)[0] == "MAIL FROM:<a@example.org> SIZE=5 BODY=8BITMIME SMTPUTF8")
    }

    @Test func `domains travel as A-labels with and without SMTPUTF8`() throws {
        for offers in ["", Self.everything] {
            let request = try commands(offers).request(
                for: send("a@bücher.example", ["b@grüße.example", "\"odd one\"@straße.example"]),
                facts: facts(nil)
            )
            #expect(
                lines(request) == [
                    "MAIL FROM:<a@xn--bcher-kva.example>", "RCPT TO:<b@xn--gre-6ka8l.example>",
                    "RCPT TO:<\"odd one\"@xn--strae-oqa.example>",
                ]
            )
        }
    }

    @Test func `an address that needs SMTPUTF8 is refused by name where there is none`() throws {
        let error = mailError {
            _ = try commands("8BITMIME").request(
                for: send("a@example.org", ["b@example.org", "käthe@bücher.example"]),
                facts: facts()
            )
        }
        #expect(error?.code == .invalidAddress)
        #expect(error?.certainty == .notTaken)
        #expect(error?.message.contains("käthe@bücher.example") == true)
        #expect(error?.message.contains("SMTPUTF8") == true)
    }

    @Test func `the form is the narrowest that the server demands`() {
        let ascii = Envelope(sender: nil, recipients: [address("b@example.org")])
        let utf8 = Envelope(sender: nil, recipients: [address("bü@example.org")])
        #expect(commands("").form(for: utf8) == .sevenBit)
        #expect(commands("8BITMIME").form(for: ascii) == ContentForm(transfer: .eightBit, allowsUTF8Headers: false))
        #expect(commands(Self.everything).form(for: ascii).allowsUTF8Headers == false)
        #expect(commands(Self.everything).form(for: utf8).allowsUTF8Headers)
    }

    @Test func `what the server cannot carry is refused before anything is sent`() {
        let request = send("a@example.org", ["b@example.org"])
        func code(_ offers: String, _ facts: ContentFacts) -> MailError.Code? {
            mailError { _ = try commands(offers).request(for: request, facts: facts) }?.code
        }
        #expect(code("SIZE 1000", facts(1_001)) == .tooLarge)
        #expect(code("SIZE 1000", facts(1_000)) == nil)
        #expect(code("SIZE 0", facts(1_001)) == nil)
        #expect(code("SIZE 1000", facts(nil)) == nil)
        #expect(code("", facts(1, .eightBit)) == .unsupported)
        #expect(code(Self.everything, facts(1, .binary)) == .unsupported)
        #expect(code("8BITMIME", facts(1, .eightBit, utf8: true)) == .unsupported)
        let error = mailError { _ = try commands("").request(for: send(nil, []), facts: facts()) }
        #expect(error?.code == .invalidMessage)
    }

    @Test func `a message that is too large names both sizes and is refused for good`() throws {
        let error = mailError {
            _ = try commands("SIZE 1000").request(for: send(nil, ["b@example.org"]), facts: facts(2_000))
        }
        #expect(error?.message.contains("2000") == true && error?.message.contains("1000") == true)
        #expect(error?.certainty == .rejected)
    }

    @Test func `the parameters of delivery notifications`() throws {
        var request = send("a@example.org", ["b+c=d@example.org", "\"x y\"@bücher.example", "kä@example.org"])
        request.options[DeliveryNotification.self] = DeliveryNotification(
            on: [.success, .failure, .delay],
            returnsFullMessage: false,
            envelopeID: "order 4711+a=b"
        )
        #expect(
            lines(try commands(Self.everything).request(for: request, facts: facts(nil))) == [
                "MAIL FROM:<a@example.org> SMTPUTF8 RET=HDRS ENVID=order+204711+2Ba+3Db",
                "RCPT TO:<b+c=d@example.org> NOTIFY=DELAY,FAILURE,SUCCESS ORCPT=rfc822;b+2Bc+3Dd@example.org",
                "RCPT TO:<\"x y\"@xn--bcher-kva.example> NOTIFY=DELAY,FAILURE,SUCCESS "
                    + "ORCPT=rfc822;\"x+20y\"@xn--bcher-kva.example",
                "RCPT TO:<kä@example.org> NOTIFY=DELAY,FAILURE,SUCCESS",
            ]
        )
        request.options[DeliveryNotification.self] = DeliveryNotification(on: [], returnsFullMessage: true)
        let never = lines(try commands(Self.everything).request(for: request, facts: facts(nil)))
        #expect(never[0].hasSuffix(" RET=FULL") && never[1].contains(" NOTIFY=NEVER "))
        let without = lines(try commands("SMTPUTF8").request(for: request, facts: facts(nil)))
        #expect(without.allSatisfy { !$0.contains("NOTIFY") && !$0.contains("RET=") && !$0.contains("ORCPT") })
    }

    @Test(arguments: ["", "a\r\nRCPT TO:<x@y>", "a\nb", "a\u{0}b", "ü", String(repeating: "a", count: 101), "a\tb"])
    func `an envelope identifier that cannot travel is refused`(_ id: String) {
        var request = send("a@example.org", ["b@example.org"])
        request.options[DeliveryNotification.self] = DeliveryNotification(on: [.failure], envelopeID: id)
        let error = mailError { _ = try commands(Self.everything).request(for: request, facts: facts()) }
        #expect(error?.code == .invalidMessage)
    }

    @Test(arguments: [
        "a\r\nDATA@example.org", "a@example.org\r\nRCPT TO:<x@y>", "a\u{0}@example.org", "\"a\r\nb\"@example.org",
        "\"a\nb\"@example.org", "a@exam\rple.org", "a@example.org>", "a@example.org> SIZE=1", "<a@example.org>",
        "a b@example.org",
        "\"a\\\r\nb\"@example.org", "a@[1.2.3.4]\r\nX", "a@example.org NOTIFY=NEVER",
    ])
    func `an address cannot carry a command`(_ text: String) {
        // The type lets none of these exist; what is let through would still have to be one line here.
        #expect(throws: MailError.self) { try EmailAddress(text) }
    }

    @Test(arguments: ["a>b", "a<b>", "x> SIZE=1", "back\\slash", "quo\"te", "sp ace", "@", "a@b"])
    func `odd local parts stay inside their quotes`(_ localPart: String) throws {
        let odd = try EmailAddress(localPart: localPart, domain: "example.org")
        let request = try commands("").request(
            for: SendRequest(
                envelope: Envelope(sender: odd, recipients: [odd]),
                content: .text("x"),
                messageID: "<a@b>"
            ),
            facts: facts()
        )
        for line in lines(request) {
            #expect(line.hasSuffix("\"@example.org>") && line.contains("<\""))
            #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        }
    }

    @Test func `xtext leaves only what it may`() {
        let all = String(String.UnicodeScalarView((0x00...0x7F).compactMap { Unicode.Scalar($0) })) + "ü"
        let encoded = SMTPCommands.xtext(all)
        #expect(encoded.hasPrefix("+00+01") && encoded.hasSuffix("+7F+C3+BC"))
        #expect(encoded.contains("+20!") && encoded.contains("*+2B,") && encoded.contains("<+3D>"))
        #expect(encoded.utf8.allSatisfy { (0x21..<0x7F).contains($0) })
    }
}
