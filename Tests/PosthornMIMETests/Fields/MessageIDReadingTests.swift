import Testing

@testable import PosthornMIME

struct MessageIDReadingTests {
    private func check(_ value: String, _ ids: [String], _ defects: ReadingDefects = []) {
        let reading = MessageIDReading.read(Array(value.utf8))
        #expect(reading.ids == ids, "\(value)")
        #expect(reading.defects == defects, "\(value)")
    }

    @Test func `Identifiers are read one by one`() {
        check(" <1234@local.machine.example>\r\n", ["<1234@local.machine.example>"])
        check("<a@b>\r\n\t<c@d> <e@[127.0.0.1]>", ["<a@b>", "<c@d>", "<e@[127.0.0.1]>"])
        check("<a@b><c@d>,<e@f>", ["<a@b>", "<c@d>", "<e@f>"])
        check("<a@b> (about <x@y>)", ["<a@b>"])
        check("<\"a>b\"@c>", ["<\"a>b\"@c>"])
        check("", [])
    }

    @Test func `Phrases of the obsolete form are no identifiers`() {
        check("Your message of Mon, 1 Jan <a@b>", ["<a@b>"])
        check("Message from \"a@b\" of today <c@d>", ["<c@d>"])
        check("no identifier here", [])
    }

    @Test func `Broken identifiers are mended`() {
        check("a@b", ["<a@b>"], .malformedIdentifier)
        check("a@b c@d", ["<a@b>", "<c@d>"], .malformedIdentifier)
        check("12223", ["<12223>"], .malformedIdentifier)
        check("<a@b", ["<a@b>"], .unclosed)
        check("<a@b <c@d>", ["<a@b>", "<c@d>"], [.unclosed, .malformedIdentifier])
        check("<<a@b>>", ["<a@b>"])
        check("<long\r\n -id@b>", ["<long-id@b>"], .malformedIdentifier)
        check("<>", [], .malformedIdentifier)
        check("<a\u{0}@b>", ["<a @b>"], .controlCharacters)
        check("<ä@b>", ["<ä@b>"])
    }

    @Test func `Huge lists take time in proportion`() {
        for piece in ["<a@b> ", "<", "(", "\"", "<a", "a@b,", ">", "\\", "<\"", "(<"] {
            let count = 60_000 / piece.utf8.count
            let reading = MessageIDReading.read(Array(String(repeating: piece, count: count).utf8))
            #expect(reading.ids.count <= count)
        }
    }

    @Test func `Changed and cut lists are always read`() {
        let good = Array("<a@b>\r\n (c <d>) <\"e\\\"f\"@[g]> h@i".utf8)
        for end in 0...good.count { _ = MessageIDReading.read(good[..<end]) }
        for index in good.indices {
            for octet in UInt8.min...255 {
                var changed = good
                changed[index] = octet
                for id in MessageIDReading.read(changed).ids { #expect(id.hasPrefix("<") && id.hasSuffix(">")) }
            }
        }
    }
}
