import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct AddressListTests {
    @Test(
        "Mailboxes are read as mail programs and header fields write them",
        arguments: [
            ("orders@supplier.example", nil, "orders@supplier.example"),
            ("<orders@supplier.example>", nil, "orders@supplier.example"),
            ("Supplier <orders@supplier.example>", "Supplier", "orders@supplier.example"),
            ("Küchenstudio Muster <info@kuechen-muster.example>", "Küchenstudio Muster", "info@kuechen-muster.example"),
            ("\"Muster, Anna\" <a@example.org>", "Muster, Anna", "a@example.org"),
            ("\"Joe \\\"Q\\\" Public\" <j@example.org>", "Joe \"Q\" Public", "j@example.org"),
            ("John Q. Public <j@example.org>", "John Q. Public", "j@example.org"),
            ("  A   B  <a@example.org>  ", "A B", "a@example.org"),
            ("a@example.org (Anna Muster)", "Anna Muster", "a@example.org"),
            ("(note) a@example.org", nil, "a@example.org"),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete", "pete@silly.test"),
            ("=?utf-8?q?K=C3=BCche?= <a@example.org>", "Küche", "a@example.org"),
            ("=?iso-8859-1?q?Andr=E9?= Pirard <a@example.org>", "André Pirard", "a@example.org"),
            ("\"=?utf-8?b?R3LDvMOfZQ==?=\" <a@example.org>", "Grüße", "a@example.org"),
            ("<@relay.example,@other.example:a@example.org>", nil, "a@example.org"),
            ("a . b @ example . org", nil, "a.b@example.org"),
            ("\"a b\"@example.org", nil, "\"a b\"@example.org"),
            ("X <\"a b\"@[192.0.2.1]>", "X", "\"a b\"@[192.0.2.1]"),
            ("=?utf-8?q?M=C3=BCller,_A:?= <a@example.org>", "Müller, A:", "a@example.org"),
            ("=?utf-8?q?a=0D=0ABcc:_x?= <a@example.org>", "a  Bcc: x", "a@example.org"),
        ] as [(String, String?, String)]
    )
    func mailbox(_ text: String, _ name: String?, _ address: String) throws {
        let mailbox = try Mailbox(text)
        #expect(mailbox.name == name)
        #expect(mailbox.address.description == address)
        // What is shown can be read again.
        #expect(try Mailbox(mailbox.description) == mailbox)
    }

    @Test(
        "What is no mailbox is refused with the reason",
        arguments: [
            ("", "exactly one"), ("a@example.org, b@example.org", "exactly one"), ("Anna", "no '@'"),
            ("Anna <>", "no address within"), ("Anna <anna>", "'@' within"), ("Anna <a@example.org", "'>'"),
            ("Anna <a@example.org> x", "comma"), ("Anna\r\nBcc: x@y <a@example.org>", "line break"),
            ("Anna\u{0} <a@example.org>", "NUL"), ("\"Anna <a@example.org>", "quotation mark"),
            ("Anna (x <a@example.org>", "')'"), ("group: a@b;", "exactly one"), ("a b@example.org", "space"),
            ("Anna <a@example.org>>", "comma"), ("]", "not allowed"), ("a@[1.2.3.4", "']'"),
        ]
    )
    func noMailbox(_ text: String, _ reason: String) {
        let error = #expect(throws: MailError.self) { try Mailbox(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("Lists hold mailboxes and groups; empty entries are passed over")
    func list() throws {
        let text =
            "Anna <a@x.example>, , b@x.example,Team: c@x.example, Dora <d@x.example>; , nobody:;, \"e, f\" <e@x.example>"
        let list = try AddressList.parse(text)
        #expect(list.entries.count == 5)
        #expect(list.addresses.map(\.localPart) == ["a", "b", "c", "d", "e"])
        #expect(list.entries[3] == .group(AddressGroup(name: "nobody")))
        #expect(try AddressList.parse(list.description) == list)
        #expect(try AddressList.parse("").isEmpty)
        #expect(try AddressList.parse("a@x.example; b@x.example").addresses.count == 2)
        #expect(try AddressList.parse("Open: a@x.example").mailboxes.count == 1)
        #expect(throws: MailError.self) { try AddressList.parse("a: b: c@x.example;;") }
    }

    @Test("Comments nest, but not without end")
    func nesting() throws {
        #expect(try Mailbox("a@x.example (b (c (d)))").name == "b (c (d))")
        let deep = String(repeating: "(", count: 100_000) + "a@x.example" + String(repeating: ")", count: 100_000)
        let error = #expect(throws: MailError.self) { try AddressList.parse(deep) }
        #expect(error?.message.contains("nest") == true)
    }

    @Test("A million commas and other long texts are read in one pass")
    func longTexts() throws {
        #expect(try AddressList.parse(String(repeating: ",", count: 1_000_000)).isEmpty)
        let many = String(repeating: "a@x.example,", count: 20_000)
        #expect(try AddressList.parse(many).entries.count == 20_000)
        for piece in ["a ", "\"", "(a)", "<", "a@", ":", "=?utf-8?q?", "=?utf-8?q?a?= ", "a.", "@a,", "\\"] {
            let text = String(repeating: piece, count: 200_000 / piece.count)
            do {
                _ = try AddressList.parse(text)
            } catch let error as MailError {
                #expect(error.code == .invalidAddress)
                #expect(error.message.utf8.count < 4_000)
            }
        }
    }

    @Test("Random input never crashes, and what is accepted holds no line break")
    func fuzz() {
        var generator = SeededGenerator(seed: 4_711)
        let pieces = [
            "a", "b.c", "@", "<", ">", ",", ";", ":", "\"", "\\", "(", ")", " ", "\t", ".", "[", "]", "[127.0.0.1]",
            "\r\n",
            "\u{0}", "ä", "👩‍👩‍👧", "\u{301}", "=?utf-8?q?x=0Ay?=", "=?utf-8?b?DQo=?=", "example.org", "IPv6:", "::1",
            "\u{202E}", "xn--",
        ]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...14, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            for mailbox in (try? AddressList.parse(text))?.mailboxes ?? [] {
                let shown = mailbox.description + mailbox.address.wireText + (mailbox.name ?? "")
                #expect(!shown.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
                #expect((try? EmailAddress(mailbox.address.wireText)) == mailbox.address)
                let field = HeaderField(.to, .mailbox(mailbox))
                #expect(throws: Never.self) { try field.serialized(utf8: true) }
            }
            if let address = try? EmailAddress(text) {
                #expect((try? EmailAddress(address.wireText)) == address)
                _ = try? address.withASCIIDomain()
            }
        }
    }
}
