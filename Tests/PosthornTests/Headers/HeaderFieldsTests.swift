import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct HeaderFieldsTests {
    @Test("Fields keep their order and may be asked for by name")
    func access() throws {
        var fields: HeaderFields = [HeaderField(.subject, .text("a"))]
        try fields.append("X-A", "1")
        try fields.append("X-B", "2")
        try fields.append("x-a", "3")
        let name = try HeaderName("X-A")
        #expect(fields[name] == "1")
        #expect(fields[values: name] == ["1", "3"])
        #expect(fields[fields: name].map(\.name.text) == ["X-A", "x-a"])
        fields.replace(HeaderField(name, .text("4")))
        #expect(fields.map(\.text) == ["a", "4", "2"])
        fields[.subject] = "b"
        fields[name] = nil
        fields.prepend(HeaderField(.from, .text("a@x.example")))
        #expect(fields.map(\.name.text) == ["From", "Subject", "X-B"])
        #expect(
            String(decoding: try fields.serialized(utf8: false), as: UTF8.self)
                == "From: a@x.example\r\nSubject: b\r\nX-B: 2\r\n"
        )
        #expect(fields.addresses(.from).addresses.map(\.domain) == ["x.example"])
        #expect(fields.contains(.from) && !fields.contains(.to))
    }

    @Test("An encoded comma does not separate addresses")
    func encodedComma() {
        let raw = HeaderField(.to, .raw(Array("=?utf-8?q?a=40b=2C_c?= <d@x.example>".utf8)))
        #expect(raw.value.addresses?.mailboxes.map(\.name) == ["a@b, c"])
    }

    @Test(
        "Dates are written in English and with their offset",
        arguments: [
            (Int64(0), 0, "Thu, 01 Jan 1970 00:00:00 +0000"), (1_795_461_883, 0, "Mon, 23 Nov 2026 19:24:43 +0000"),
            (1_795_461_883, 60, "Mon, 23 Nov 2026 20:24:43 +0100"),
            (951_782_400, -330, "Mon, 28 Feb 2000 18:30:00 -0530"),
            (951_782_400, 0, "Tue, 29 Feb 2000 00:00:00 +0000"), (-1, 0, "Wed, 31 Dec 1969 23:59:59 +0000"),
            (4_107_542_400, 0, "Mon, 01 Mar 2100 00:00:00 +0000"), (Int64.max, 0, "Fri, 31 Dec 9999 23:59:59 +0000"),
            (Int64.min, 0, "Mon, 01 Jan 1900 00:00:00 +0000"),
        ]
    )
    func dates(_ seconds: Int64, _ offset: Int, _ text: String) {
        #expect(DateField.format(secondsSinceEpoch: seconds, offsetMinutes: offset) == text)
    }

    @Test(
        "Times of other protocols are those of RFC 3339",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00Z"), (1_795_461_883, "2026-11-23T19:24:43Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-62_167_219_201, nil), (253_402_300_800, nil), (.min, nil), (.max, nil),
        ] as [(Int64, String?)]
    )
    func internetDates(_ seconds: Int64, _ text: String?) {
        #expect(DateField.internetDateTime(secondsSinceEpoch: seconds) == text)
    }

    @Test("Message identifiers are unique, ASCII and of the sender's domain")
    func messageIDs() throws {
        let ids = (0..<1_000).map { _ in MessageID.make(domain: "grüße.example") }
        #expect(Set(ids).count == 1_000)
        for id in ids {
            #expect(id.hasPrefix("<") && id.hasSuffix("@xn--gre-6ka8l.example>"))
            #expect(throws: Never.self) { try EmailAddress(String(id.dropFirst().dropLast())) }
        }
        #expect(MessageID.make(domain: "x\r\ny").hasSuffix("@localhost.invalid>"))
        #expect(MessageID.make(domain: "").hasSuffix("@localhost.invalid>"))
        #expect(MessageID.make(domain: "[127.0.0.1]").hasSuffix("@[127.0.0.1]>"))
    }
}
