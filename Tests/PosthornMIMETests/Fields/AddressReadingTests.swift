import Posthorn
import Testing

@testable import PosthornMIME

struct AddressReadingTests {
    private func check(
        _ value: String,
        _ mailboxes: [(String?, String)],
        _ defects: ReadingDefects? = [],
        location: Testing.SourceLocation = #_sourceLocation
    ) {
        let reading = AddressReading.read(Array(value.utf8))
        #expect(
            reading.mailboxes.map { [$0.name ?? "-", $0.address] } == mailboxes.map { [$0.0 ?? "-", $0.1] },
            "\(value)",
            sourceLocation: location
        )
        if let defects { #expect(reading.defects == defects, "\(value)", sourceLocation: location) }
    }

    @Test func `Mailboxes of the standard are read`() {
        check("a@b.example", [(nil, "a@b.example")])
        check(
            " Anna Muster <a@b.example>,\r\n\tc@d.example\r\n",
            [("Anna Muster", "a@b.example"), (nil, "c@d.example")]
        )
        check("\"Muster, Anna\" <a@b>", [("Muster, Anna", "a@b")])
        check("\"Anna \\\"A\\\" M\" <a@b>", [("Anna \"A\" M", "a@b")])
        check("Joe Q. Public <john.q.public@example.com>", [("Joe Q. Public", "john.q.public@example.com")])
        check(
            "\"a b\"@c, x@[127.0.0.1], y@[IPv6:::1]",
            [(nil, "\"a b\"@c"), (nil, "x@[127.0.0.1]"), (nil, "y@[IPv6:::1]")]
        )
        check("<a@b>", [(nil, "a@b")])
        check("\"\" <a@b>", [(nil, "a@b")])
        check("", [])
        check("Käthe <käthe@grüße.example>", [("Käthe", "käthe@grüße.example")])
    }

    @Test func `Encoded words are decoded in names, with commas in them and in quotation marks`() {
        check("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= <a@b>", [("Grüße", "a@b")])
        check("\"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\" <a@b>", [("Grüße", "a@b")])
        check("=?utf-8?Q?Muster,_Anna;:?= <a@b>, c@d", [("Muster, Anna;:", "a@b"), (nil, "c@d")])
        check("=?utf-8?B?R3LD?= =?utf-8?B?vA==?= <a@b>", [("Grü", "a@b")])
        check("=?utf-8?Q?Muster, Anna?= <a@b>", [("Muster, Anna", "a@b")])
        check("a@b (=?utf-8?Q?Gr=C3=BC?=)", [("Grü", "a@b")])
        check("=?utf-8?Q?Anna <a@b>, Otto <c@d>?=", [("=?utf-8?Q?Anna", "a@b"), ("Otto", "c@d")], nil)
        check("=?utf-8?Q?x=0D=0A_Bcc:?= <a@b>", [("x   Bcc:", "a@b")], .controlCharacters)
    }

    @Test func `Comments are names where there is no other`() {
        check("a@b (Anna M)", [("Anna M", "a@b")])
        check("<a@b> (Anna)", [("Anna", "a@b")])
        check("Otto <a@b> (Anna)", [("Otto", "a@b")])
        check("a@b (An(n)a \\) M)", [("An(n)a ) M", "a@b")])
        check("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")], nil)
        check(
            "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
            [("Mary Smith", "mary@example.net"), (nil, "jdoe@test.example")]
        )
        check("John <john . doe @ example . com>", [("John", "john.doe@example.com")])
        check("john . doe @ example . com", [(nil, "john.doe@example.com")])
        check("<@a,@b:c@d>", [(nil, "c@d")])
    }

    @Test func `Groups are read, closed or not, with members or without`() {
        let reading = AddressReading.read(Array("x@y, A Group:Ed <e@f>,g@h;, undisclosed-recipients:;, i@j".utf8))
        #expect(reading.mailboxes.map(\.address) == ["x@y", "e@f", "g@h", "i@j"])
        #expect(reading.mailboxes.map(\.group) == [nil, "A Group", "A Group", nil])
        #expect(reading.groups.map(\.name) == ["A Group", "undisclosed-recipients"])
        #expect(reading.groups.map(\.members) == [1..<3, 3..<3])
        #expect(reading.defects == [])
        #expect(reading.addressList.description == "x@y, A Group: Ed <e@f>, g@h;, undisclosed-recipients:;, i@j")
        let open = AddressReading.read(Array("Friends: a@b, c@d".utf8))
        #expect(open.groups.map(\.name) == ["Friends"])
        #expect(open.mailboxes.map(\.group) == ["Friends", "Friends"])
        #expect(
            AddressReading.read(Array("undisclosed-recipients:".utf8)).groups.map(\.name) == ["undisclosed-recipients"]
        )
    }

    @Test func `Special characters in names without quotation marks are read`() {
        check("Dr. Müller: Praxis <a@b>", [("Dr. Müller: Praxis", "a@b")], nil)
        check("Smith, John <a@b>", [(nil, "Smith"), ("John", "a@b")], .invalidAddress)
        check("anna@home <a@b>", [("anna@home", "a@b")], .unquoted)
        check("[List] Name <a@b>", [("[List] Name", "a@b")])
        check("O'Neil & Sons! <a@b>", [("O'Neil & Sons!", "a@b")])
        check("a@b; c@d", [(nil, "a@b"), (nil, "c@d")])
    }

    @Test func `Octets that are not ASCII are read in names and addresses`() {
        let reading = AddressReading.read(Array("M".utf8) + [0xFC] + Array("ller <a@b>".utf8))
        #expect(reading.mailboxes == [ReadMailbox(name: "M\u{FFFD}ller", address: "a@b")])
        #expect(reading.defects == .undeclaredOctets)
    }

    @Test func `What is missing is named and costs no address`() {
        check("a@b c@d", [(nil, "a@b"), (nil, "c@d")], .missingSeparator)
        check("Anna <a@b> Otto <c@d>", [("Anna", "a@b"), ("Otto", "c@d")], .missingSeparator)
        check("<a@b> c@d", [(nil, "a@b"), (nil, "c@d")], .missingSeparator)
        check("Anna <a@b, Otto <c@d>", [("Anna", "a@b"), ("Otto", "c@d")], .unclosed)
        check("Anna <a@b", [("Anna", "a@b")], .unclosed)
        check("<<a@b>>", [(nil, "a@b")], .extraText)
        check("\"Anna <a@b>", [("\"Anna", "a@b")], .unclosed)
        check("Anna (A <a@b>", [("Anna (A", "a@b")], .unclosed)
        check("Anna <a@b> Muster", [("Anna", "a@b")], .extraText)
        check("<a@b> Anna", [("Anna", "a@b")], .extraText)
        check("Anna a@b", [("Anna", "a@b")], .extraText)
        check("<>", [(nil, "")], .invalidAddress)
        check("MAILER-DAEMON", [(nil, "MAILER-DAEMON")], .invalidAddress)
        check("a@b@c", [(nil, "a@b@c")], nil)
        check("@", [(nil, "@")], nil)
    }

    @Test func `Only valid addresses become mailboxes for use`() throws {
        let reading = AddressReading.read(Array("Anna <a@b.example>, <>, nobody, G: x@y.example, bad@@;".utf8))
        #expect(try reading.addressList.mailboxes == [Mailbox("Anna <a@b.example>"), Mailbox("x@y.example")])
        #expect(ReadMailbox(address: "a@b c").mailbox == nil)
        #expect(ReadMailbox(name: "N", address: "a@b.example").mailbox?.name == "N")
    }

    @Test func `Whatever the core writes is read as it was`() throws {
        let list = try AddressList.parse("\"Muster, Anna\" <a@b.example>, \"a b\"@c.example, G: x@y.example;, H:;")
        #expect(AddressReading.read(Array(list.description.utf8)).addressList == list)
    }

    @Test func `Much of anything takes time in proportion`() {
        for piece in [
            ",", "a,", "<", ">", "@", "a@", "(", ")", "\"", ":", "a:", ";", "a:;", "<a@b>,", "a@b ", "<a", "=?utf-8?q?",
            "=?a?q?<?=",
            "\\", "[", "@[", ".", " . ", "a <", "(\"", "<(", "<\"", "<@:", "x:<", "=", "a@b (c) ", "\"a\"@b ",
        ] {
            let count = 60_000 / piece.utf8.count
            let reading = AddressReading.read(Array(String(repeating: piece, count: count).utf8))
            #expect(reading.mailboxes.count <= 60_001)
        }
    }

    @Test func `A million commas are an empty list`() {
        let reading = AddressReading.read([UInt8](repeating: 0x2C, count: 1_000_000))
        #expect(reading.mailboxes.isEmpty && reading.groups.isEmpty && reading.defects.isEmpty)
    }

    @Test func `Changed and cut lists are always read, on one line`() {
        let good = Array("\"A, B\" <a@b>, =?utf-8?q?C?= (d) <@r:e@[f]>, G: \"h i\"@j;\r\n k <l@m n@o".utf8)
        for end in 0...good.count { _ = AddressReading.read(good[..<end]).addressList }
        for index in good.indices {
            for octet in UInt8.min...255 {
                var changed = good
                changed[index] = octet
                let reading = AddressReading.read(changed)
                for mailbox in reading.mailboxes {
                    let all = (mailbox.name ?? "") + mailbox.address + (mailbox.group ?? "")
                    #expect(all.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0.value == 9 })
                }
                _ = reading.addressList
            }
        }
    }
}
