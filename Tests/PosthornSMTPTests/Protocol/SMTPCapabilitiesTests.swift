import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPCapabilitiesTests {
    @Test func `a usual reply is read`() {
        let capabilities = SMTPCapabilities(
            reply: reply(
                250,
                "mail.example.org greets you\nPIPELINING\nSIZE 10240000\nSTARTTLS\nAUTH PLAIN login SCRAM-SHA-256\n"
                    + "enhancedstatuscodes\n8BITMIME\nDSN\nSMTPUTF8\nCHUNKING"
            )
        )
        #expect(capabilities.serverName == "mail.example.org")
        #expect(capabilities.sizeLimit == 10_240_000)
        #expect(capabilities.mechanisms == ["PLAIN", "LOGIN", "SCRAM-SHA-256"])
        for word in ["PIPELINING", "SIZE", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8"] {
            #expect(capabilities.offers(word))
        }
        #expect(!capabilities.offers("XCLIENT"))
        #expect(capabilities.summary.hasPrefix("8BITMIME, AUTH PLAIN login SCRAM-SHA-256, CHUNKING"))
    }

    @Test func `what stands in the first line is a name and no offer`() {
        let capabilities = SMTPCapabilities(reply: reply(250, "STARTTLS AUTH PLAIN"))
        #expect(!capabilities.offers("STARTTLS") && !capabilities.offers("AUTH"))
    }

    @Test func `the old form of AUTH is understood, and each mechanism named once`() {
        let capabilities = SMTPCapabilities(reply: reply(250, "x\nAUTH=LOGIN PLAIN\nAUTH PLAIN CRAM-MD5\nauth login"))
        #expect(capabilities.mechanisms == ["LOGIN", "PLAIN", "CRAM-MD5"])
    }

    @Test(
        arguments: [
            ("SIZE", nil), ("SIZE 0", nil), ("SIZE -1", nil), ("SIZE 1000", 1_000), ("SIZE abc", nil),
            ("SIZE 18446744073709551615", UInt64.max), ("SIZE 18446744073709551616", nil), ("SIZE 10 20", 10),
            ("size 7", 7),
        ] as [(String, UInt64?)]
    )
    func `the limit of size`(_ line: String, _ limit: UInt64?) {
        #expect(SMTPCapabilities(reply: reply(250, "x\n" + line)).sizeLimit == limit)
    }

    @Test func `empty and odd lines do no harm`() {
        let capabilities = SMTPCapabilities(reply: reply(250, "\n\n   \n\u{1B}[2J\nAUTH\nDSN \n\u{FF}"))
        #expect(capabilities.offers("DSN") && capabilities.mechanisms.isEmpty)
        #expect(!capabilities.summary.utf8.contains(0x1B))
        #expect(SMTPCapabilities().summary.isEmpty)
    }

    @Test func `a flood of lines is bounded`() {
        let text = "x\n" + (0..<10_000).map { "X\($0)" }.joined(separator: "\n")
        #expect(SMTPCapabilities(reply: reply(250, text)).extensions.count <= 256)
    }
}
