import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct PlainAddressesTests {
    private func plain(_ text: String) -> AddressList? {
        Array(text.utf8).withUnsafeBufferPointer { PlainAddresses.read($0) }
    }

    @Test(
        "The usual forms are read without the whole grammar",
        arguments: [
            "a@x.example", " a.b@x.example , c@y.example", "Anna Muster <a@x.example>",
            "\"Muster, Anna\" <a@x.example>",
            "<a@x.example>", "Anna <a@x.example>,Bert <b@x.example> ", "", "\"\" <a@x.example>", "J. Doe <j@x.example>",
        ]
    )
    func usual(_ text: String) throws {
        var parser = AddressParser(text)
        #expect(try plain(text) == parser.parse())
        #expect(plain(text) != nil)
    }

    @Test(
        "Whatever is not beyond doubt is left alone",
        arguments: [
            "a", "a@", "@x.example", "a b@x.example", "a..b@x.example", ".a@x.example", "a.@x.example", "a@x..example",
            "a@-x.example", "a@x_y.example", "a@[127.0.0.1]", "a@x.example (A)", "Team: a@x.example;", "a@x.example;",
            "=?utf-8?q?A?= <a@x.example>", "A  B <a@x.example>", "A\tB <a@x.example>", "\"a\\\"b\" <a@x.example>",
            "K\u{FC}che <a@x.example>", "A < a@x.example>", "A <a@x.example >", "A <a@x.example> b",
            "\"a\"b <a@x.example>",
            "a@x.example b@x.example", "A <a@x.example", "\"A <a@x.example>", "a@x.example\r\n", "a @x.example",
            "a@x. example",
            "a@" + String(repeating: "x", count: 64) + ".example", String(repeating: "a", count: 65) + "@x.example",
        ]
    )
    func unusual(_ text: String) {
        #expect(plain(text) == nil)
    }

    @Test("What it reads, the whole grammar reads the same")
    func fuzz() throws {
        var generator = SeededGenerator(seed: 5_321)
        let pieces = [
            "a", "b.c", "@", "x.example", "<", ">", ",", " ", "\"", ".", "Name", "-", "?", "=", "\t", "(", ";", ":",
            "\\",
            "a@x.example", "N <a@y.example>", ", ", "\"q, r\"",
        ]
        var read = 0
        for _ in 0..<60_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                text += pieces.randomElement(using: &generator) ?? ""
            }
            guard let list = plain(text) else { continue }
            read += 1
            var parser = AddressParser(text)
            #expect(try parser.parse() == list, "\(text.debugDescription)")
        }
        #expect(read > 1_000)
    }
}
