import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct EmailAddressTests {
    @Test(
        "Valid addresses are read and written as they were",
        arguments: [
            "orders@supplier.example", "a@b", "user+tag@example.org", "a.b.c@example.org", "o'brien@example.org",
            "!#$%&'*+-/=?^_`{|}~@example.org", "user@localhost", "user@xn--gre-6ka8l.example", "1@2.example",
            "\"with space\"@example.org", "\"a\\\"b\"@example.org", "\"a@b\"@example.org", "\"\"@example.org",
            "\"a..b\"@example.org", "\".a\"@example.org", "root@[127.0.0.1]", "root@[IPv6:2001:db8::1]",
            "root@[IPv6:::1]", "root@[IPv6:::]", "root@[IPv6:::ffff:192.0.2.1]", "root@[IPv6:1:2:3:4:5:6:7:8]",
            "käthe@grüße.example", "用户@例子.广告", "अजय@डाटा.भारत", "квіточка@пошта.укр", "user@pc_17.office.example",
        ]
    )
    func valid(_ text: String) throws {
        let address = try EmailAddress(text)
        #expect(address.description == text)
        #expect(address.wireText == text)
        #expect(try EmailAddress(address.wireText) == address)
    }

    @Test(
        "Invalid addresses are refused with the reason",
        arguments: [
            ("", "'@' is missing"), ("abc", "'@' is missing"), ("@example.org", "is empty"), ("a@", "domain"),
            ("a b@example.org", "space"), (" a@example.org", "space"), ("a@example.org ", "' '"),
            (".a@example.org", "dot too many"), ("a.@example.org", "dot too many"),
            ("a..b@example.org", "dot too many"),
            ("a@b@c", "quoting"), ("a@.example", "dot too many"), ("a@example.", "dot too many"),
            ("a@ex..ample", "dot too many"), ("a@-example.org", "hyphen"), ("a@example-.org", "hyphen"),
            ("<a@example.org>", "quoting"), ("a@example.org>", "'>'"), ("a@exa mple.org", "' '"),
            ("a@example.org\r\n", "\\x0D"), ("a\r\nRCPT TO:<x@y>@example.org", "control"),
            ("a\u{0}@example.org", "control"),
            ("\"a\r\nb\"@example.org", "control"), ("\"a\\\r\\\nb\"@example.org", "control"),
            ("\"a\u{0}b\"@example.org", "control"), ("\"a\u{7F}b\"@example.org", "control"),
            ("\"a\u{85}b\"@example.org", "control"), ("\"a\u{2028}b\"@example.org", "control"),
            ("\"a\tb\"@example.org", "control"), ("\"abc@example.org", "quotation mark"), ("\"abc", "quotation mark"),
            ("\"a\"b@example.org", "'@' must follow"), ("\"a\\", "quotation mark"),
            ("a@[127.0.0.256]", "address literal"), ("a@[127.0.0]", "address literal"), ("a@[]", "address literal"),
            ("a@[127.0.0.1", "']'"), ("a@[IPv6:1:2:3]", "address literal"), ("a@[IPv6:1::2::3]", "address literal"),
            ("a@[IPv6:1:2:3:4:5:6:7:8:9]", "address literal"), ("a@[IPv6::1]", "address literal"),
            ("a@[IPv6:12345::]", "address literal"), ("a@[1.2.3.4]\r\n", "']'"), ("a@[x\r\ny]", "address literal"),
            ("a@exam\u{200B}ple.org", "not allowed"), ("a@例子。广告", "not allowed"), ("a\u{2003}b@example.org", "space"),
            ("a@example.org,b@example.org", "quoting"), ("a@ex\u{202E}ample.org", "not allowed"),
        ]
    )
    func invalid(_ text: String, _ reason: String) {
        let error = #expect(throws: MailError.self) { try EmailAddress(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("\r") == false && error?.message.contains("\n") == false)
    }

    @Test("Lengths are limited to what RFC 5321 allows")
    func limits() throws {
        let local = String(repeating: "a", count: 64)
        #expect(try EmailAddress("\(local)@example.org").localPart == local)
        #expect(throws: MailError.self) { try EmailAddress("a\(local)@example.org") }
        let label = String(repeating: "b", count: 63)
        #expect(try EmailAddress("a@\(label).\(label).\(label)").domain.count == 191)
        #expect(throws: MailError.self) { try EmailAddress("a@b\(label).example") }
        #expect(throws: MailError.self) { try EmailAddress("a@\(label).\(label).\(label).\(label).c") }
        // 64 octets, not characters.
        #expect(throws: MailError.self) { try EmailAddress(String(repeating: "ä", count: 33) + "@example.org") }
    }

    @Test("Quotes are taken off and put on again where they are needed")
    func quotes() throws {
        #expect(try EmailAddress("\"abc\"@example.org").description == "abc@example.org")
        let spaced = try EmailAddress("\"a \\\\ b\"@example.org")
        #expect(spaced.localPart == "a \\ b")
        #expect(spaced.wireText == "\"a \\\\ b\"@example.org")
        #expect(try EmailAddress(localPart: "a\"b", domain: "x").wireText == "\"a\\\"b\"@x")
        #expect(throws: MailError.self) { try EmailAddress(localPart: "a\r\nb", domain: "x") }
        #expect(throws: MailError.self) { try EmailAddress(localPart: "a", domain: "x\r\ny") }
    }

    @Test("Domains are compared without regard to case, local parts octet by octet")
    func equality() throws {
        let address = try EmailAddress("Anna@Example.ORG")
        #expect(try EmailAddress("Anna@example.org") == address)
        #expect(try EmailAddress("anna@example.org") != address)
        #expect(Set([address, try EmailAddress("Anna@EXAMPLE.org")]).count == 1)
        // Canonically equivalent, yet two mailboxes.
        #expect(try EmailAddress("e\u{301}@example.org") != EmailAddress("\u{E9}@example.org"))
    }

    @Test("Domains get A-labels where the way is ASCII only")
    func internationalDomains() throws {
        let address = try EmailAddress("info@grüße.example")
        #expect(!address.needsUTF8)
        #expect(try address.withASCIIDomain().wireText == "info@xn--gre-6ka8l.example")
        #expect(try EmailAddress("info@GRÜẞE.example").withASCIIDomain().domain.hasPrefix("xn--gr"))
        #expect(try EmailAddress("käthe@example.org").needsUTF8)
        #expect(try EmailAddress("a@Example.org").withASCIIDomain().domain == "Example.org")
        let tooLong = try EmailAddress("a@" + String(repeating: "ü", count: 60) + ".example")
        let error = #expect(throws: MailError.self) { try tooLong.withASCIIDomain() }
        #expect(error?.code == .invalidAddress)
    }
}
