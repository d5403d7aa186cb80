import PosthornTLS
import TestSupport
import Testing

@Suite(.computing) struct TLSServerNameTests {
    @Test(
        arguments: [
            ("mail.example.org", "mail.example.org", false), ("MAIL.example.org.", "mail.example.org", false),
            ("localhost", "localhost", false), ("a_b.example", "a_b.example", false),
            ("192.0.2.1", "192.0.2.1", true), ("[2001:DB8::1]", "2001:db8::1", true), ("::1", "::1", true),
            ("fe80::1%eth0", "fe80::1", true), ("1.2.3", "1.2.3", false),
        ])
    func `host names and addresses are told apart`(text: String, name: String, isAddress: Bool) throws {
        let server = try TLSServerName(text)
        #expect(server.description == name)
        #expect(server.isAddress == isAddress)
    }

    @Test(
        arguments: [
            "", ".", ".example.org", "a..b", "*.example.org", "müller.example", "a b", "a\u{0}.example", "a/b",
            "mail.example.org\r\n", String(repeating: "a", count: 64), "[::1", ":::", "a:25",
            Array(repeating: "abcdefgh", count: 29).joined(separator: "."),
        ])
    func `anything else is refused with its text`(text: String) {
        let error = catching { _ = try TLSServerName(text) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("neither a host name nor an IP address") == true)
        #expect(error?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
    }
}
