import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPQueueIDTests {
    @Test(arguments: [
        // Postfix and its likes
        ("2.0.0 Ok: queued as 4XyZ1b2c3dz9", "4XyZ1b2c3dz9"),
        ("2.0.0 Ok: queued as 9C1B2A0123", "9C1B2A0123"),
        ("Ok: queued as abc.def.", "abc.def"),
        ("2.6.0 message received\n2.0.0 Ok: queued as B5E12", "B5E12"),
        // Exim, GMX
        ("OK id=1tABCD-0000000001x-2yZZ", "1tABCD-0000000001x-2yZZ"),
        ("Requested mail action okay, completed: id=1MeCtJ-1sLfHq0nBb-00bXYZ", "1MeCtJ-1sLfHq0nBb-00bXYZ"),
        // Exchange
        (
            "2.6.0 <a@b> [InternalId=7610842120, Hostname=EX01.example.org] 1533 bytes in 0.1, 12 KB/sec Queued mail for delivery",
            "7610842120"
        ),
        // sendmail, OpenSMTPD
        ("2.0.0 4AB1cD2e003210 Message accepted for delivery", "4AB1cD2e003210"),
        ("2.0.0 2e1f00aa Message accepted for delivery", "2e1f00aa"),
        // qmail
        ("ok 1731961234 qp 20317", "20317"),
        // Gmail
        ("2.0.0 OK  1731961234 5b1f17b1804b1-432ac1f8d4dsi5678.12 - gsmtp", "5b1f17b1804b1-432ac1f8d4dsi5678.12"),
        // Dovecot
        ("2.0.0 <info@example.org> 8Ab3OTd9Z2fkAAAAxYz1Tw Saved", "8Ab3OTd9Z2fkAAAAxYz1Tw"),
    ])
    func `the habits of real servers are known`(_ text: String, _ id: String) {
        #expect(SMTPQueueID.find(in: reply(250, text)) == id)
    }

    @Test(arguments: [
        "", "OK", "2.0.0 OK", "2.0.0 Message accepted for delivery", "Message accepted for delivery", "Great success",
        "Queued (0.123 seconds)", "2.0.0 OK: queued", "queued as", "2.0.0 Ok: queued as ", "mail saved", "Saved",
        "Ok Message accepted", "id=", "gsmtp", "- gsmtp", "a - gsmtp", "queued as \u{1B}[2J", "queued as \u{7F}",
    ])
    func `where there is no name none is found`(_ text: String) {
        #expect(SMTPQueueID.find(in: reply(250, text)) == nil)
    }

    @Test func `a name is never longer than a hundred octets and never outside ASCII`() {
        #expect(SMTPQueueID.find(in: reply(250, "queued as " + String(repeating: "a", count: 101))) == nil)
        #expect(SMTPQueueID.find(in: reply(250, "queued as Ü1")) == nil)
        let huge = "x " + String(repeating: "queued ", count: 100_000)
        #expect(SMTPQueueID.find(in: reply(250, huge)) == nil)
    }

    @Test func `the last line counts`() {
        #expect(SMTPQueueID.find(in: reply(250, "queued as WRONG1\nqueued as RIGHT1")) == "RIGHT1")
    }
}
