import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct MAPIPropertyTests {
    private typealias W = TNEFWriter

    private func message(_ list: [[UInt8]], count: UInt32? = nil, rest: [UInt8] = []) -> TNEFMessage {
        var writer = TNEFWriter()
        let octets = W.list(list) + rest
        writer.add(0x0006_9003, (count.map { W.little($0) } ?? Array(octets.prefix(4))) + octets.dropFirst(4))
        return TNEFDecoder.decode(writer.octets)
    }

    private func property(_ octets: [UInt8]) throws -> MAPIProperty {
        let message = message([octets, W.integer(0x0017_0003, 1)])
        #expect(message.defects.isEmpty)
        // The one behind is found only if the length was right.
        #expect(message.properties[.importance]?.integer == 1)
        return try #require(message.properties.first)
    }

    @Test func `numbers of all types are read`() throws {
        #expect(try property(W.fixed(0x3000_0002, [0xFE, 0xFF, 0, 0])).integer == -2)
        #expect(try property(W.integer(0x3000_0003, -70_000)).integer == -70_000)
        #expect(try property(W.fixed(0x3000_0014, W.little(Int64.min))).integer == .min)
        #expect(try property(W.fixed(0x3000_000A, [5, 0, 4, 0x80])).integer == -2_147_221_499)
        #expect(try property(W.fixed(0x3000_0004, W.little(Float(1.5).bitPattern))).number == 1.5)
        #expect(try property(W.fixed(0x3000_0005, W.little((-2.25).bitPattern))).number == -2.25)
        #expect(try property(W.fixed(0x3000_0006, W.little(Int64(12_500)))).number == 1.25)
        #expect(try property(W.fixed(0x3000_0006, W.little(Int64(12_500)))).integer == 12_500)
        #expect(try property(W.boolean(0x3000_000B, true)).boolean == true)
        #expect(try property(W.boolean(0x3000_000B, false)).boolean == false)
        #expect(try property(W.integer(0x3000_0003, 3)).number == 3)
        #expect(try property(W.integer(0x3000_0003, 3)).boolean == nil)
    }

    @Test func `times, identifiers and nothing are read`() throws {
        let epoch = UInt64(116_444_736_000_000_000)
        #expect(
            try property(W.fixed(0x3000_0040, W.little(epoch + 15_000_001))).date
                == TNEFDate(secondsSinceEpoch: 1, nanoseconds: 500_000_100)
        )
        #expect(
            try property(W.fixed(0x3000_0007, W.little(25_570.25.bitPattern))).date
                == TNEFDate(secondsSinceEpoch: 108_000, isUTC: false)
        )
        #expect(
            try property(W.fixed(0x3000_0007, W.little((-1.25).bitPattern))).date
                == TNEFDate(secondsSinceEpoch: -25_570 * 86_400 + 21_600, isUTC: false)
        )
        let guid = try property(W.fixed(0x3000_0048, Array(1...16))).guid
        #expect(guid?.description == "04030201-0605-0807-090A-0B0C0D0E0F10")
        #expect(try property(W.fixed(0x3000_0001, [])).values.count == 1)
    }

    @Test func `a time beyond all calendars is none, and noted`() {
        for value in [UInt64.max, 1 << 63] {
            let message = message([W.fixed(0x3000_0040, W.little(value))])
            #expect(message.properties.first?.date == nil)
            #expect(message.defects.map(\.kind) == [.invalidDate])
        }
        for value in [Double.nan, .infinity, -1e300, 1e300] {
            #expect(message([W.fixed(0x3000_0007, W.little(value.bitPattern))]).properties.first?.date == nil)
        }
    }

    @Test func `texts lose the zeros that end them and octets keep theirs`() throws {
        #expect(try property(W.text(0x3000_001F, "Ä😀")).text == "Ä😀")
        #expect(try property(W.counted(0x3000_001E, [[0x80, 0, 0, 0]])).text == "€")
        #expect(try property(W.counted(0x3000_001F, [[0x41, 0, 0x42]])).text == "A\u{FFFD}")
        #expect(try property(W.counted(0x3000_001F, [[0x41, 0, 0]])).text == "A")
        #expect(try property(W.counted(0x3000_001F, [[0x00, 0xD8]])).text == "\u{FFFD}")
        #expect(try property(W.binary(0x3000_0102, [1, 0, 0])).octets.map { Array($0) } == [1, 0, 0])
        #expect(try property(W.binary(0x3000_0102, [])).octets.map { Array($0) } == [])
        #expect(try property(W.binary(0x3000_00FB, [1])).octets.map { Array($0) } == [1])
    }

    @Test func `lists of all types are read`() throws {
        let texts = try property(W.counted(0x3000_101F, [W.wide("a"), W.wide("bcd") + [0, 0], []]))
        #expect(texts.texts == ["a", "bcd", ""])
        #expect(texts.tag.type.isMultiple)
        #expect(texts.tag.type.single == .string)
        let octets = try property(W.counted(0x3000_1102, [[1], [2, 3, 4, 5, 6]]))
        #expect(octets.values.map { Array($0) } == [[1], [2, 3, 4, 5, 6]])
        let numbers = try property(W.fixed(0x3000_1003, W.little(UInt32(3)) + [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]))
        #expect(numbers.values.map { $0.first } == [1, 2, 3])
        let short = try property(W.fixed(0x3000_1002, W.little(UInt32(2)) + [1, 0, 0, 0, 2, 0, 0, 0]))
        #expect(short.values.count == 2)
        #expect(short.integer == 1)
        let times = try property(W.fixed(0x3000_1040, W.little(UInt32(1)) + W.little(UInt64(116_444_736_000_000_000))))
        #expect(times.date?.secondsSinceEpoch == 0)
        #expect(try property(W.fixed(0x3000_1003, W.little(UInt32(0)))).values.isEmpty)
    }

    @Test func `properties are found by their names`() throws {
        let list = [
            W.named(W.text(0x8001_001F, "odd"), set: W.publicStrings, text: "Keywords"),
            W.named(W.integer(0x8002_0003, 5), set: W.publicStrings, number: 0x8503), W.integer(0x0017_0003, 1),
        ]
        let message = message(list)
        #expect(message.defects.isEmpty)
        #expect(message.properties.count == 3)
        #expect(message.properties[MAPIPropertyName(set: .publicStrings, text: "Keywords")]?.text == "odd")
        #expect(message.properties[MAPIPropertyName(set: .publicStrings, number: 0x8503)]?.integer == 5)
        #expect(message.properties[MAPIPropertyName(set: .common, number: 0x8503)] == nil)
        #expect(message.properties[MAPIPropertyTag(.importance, .integer32)]?.integer == 1)
        #expect(message.properties[MAPIPropertyTag(.importance, .string)] == nil)
        #expect(message.properties[2].name == nil)
    }

    @Test func `known property sets have the identifiers that Microsoft gave them`() {
        #expect(MAPIGUID.publicStrings.description == "00020329-0000-0000-C000-000000000046")
        #expect(MAPIGUID.internetHeaders.description == "00020386-0000-0000-C000-000000000046")
        #expect(MAPIGUID.appointment.description == "00062002-0000-0000-C000-000000000046")
        #expect(MAPIGUID.task.description == "00062003-0000-0000-C000-000000000046")
        #expect(MAPIGUID.address.description == "00062004-0000-0000-C000-000000000046")
        #expect(MAPIGUID.common.description == "00062008-0000-0000-C000-000000000046")
        #expect(MAPIGUID.meeting.description == "6ED8DA90-450B-101B-98DA-00AA003F1305")
        #expect(MAPIGUID(W.messageInterface[...]) == .messageInterface)
        #expect(MAPIGUID(W.storageInterface[...]) == .storageInterface)
    }

    @Test func `a type of unknown length ends the list and is noted`() {
        let message = message([
            W.integer(0x0017_0003, 1), W.fixed(0x3000_0099, [1, 2, 3, 4]), W.text(0x0037_001F, "x"),
        ])
        #expect(message.properties.count == 1)
        #expect(message.defects.map(\.kind) == [.unknownPropertyType])
    }

    @Test func `a value that is cut off keeps what there is of it`() {
        var octets = W.binary(0x3000_0102, [1, 2, 3, 4])
        octets[8] = 200
        let message = message([octets])
        #expect(message.properties.first?.octets.map { Array($0) } == [1, 2, 3, 4])
        #expect(message.defects.map(\.kind) == [.truncated])
        let fixed = self.message([W.fixed(0x3000_0014, [1, 2])])
        #expect(fixed.properties.isEmpty)
        #expect(fixed.defects.map(\.kind) == [.truncated])
    }

    @Test func `counts that cannot be true take no memory`() {
        let message = message([W.integer(0x0017_0003, 1)], count: .max)
        #expect(message.properties.count == 1)
        #expect(message.defects.map(\.kind) == [.impossibleCount])
        for tag: UInt32 in [0x3000_1003, 0x3000_101F, 0x3000_0102, 0x3000_1001, 0x3000_1048] {
            let message = self.message([W.fixed(tag, W.little(UInt32.max) + [1, 0, 0, 0, 0, 0, 0, 0])])
            #expect((message.properties.first?.values.count ?? 0) <= 3)
        }
        var writer = TNEFWriter()
        writer.add(0x0006_9004, W.little(UInt32.max) + W.list([W.text(0x3001_001F, "Anna")]))
        let table = TNEFDecoder.decode(writer.octets)
        #expect(table.recipients.map(\.address.name) == ["Anna"])
        #expect(table.defects.map(\.kind).contains(.impossibleCount))
    }

    @Test func `what is behind a list is noted`() {
        #expect(message([W.integer(0x0017_0003, 1)], rest: [0, 0]).defects.map(\.kind) == [.trailingOctets])
    }

    @Test func `a recipient's type is in the lower bits, and an address of Exchange is none of the Internet`() {
        var writer = TNEFWriter()
        writer.recipients([
            [
                W.integer(0x0C15_0003, Int32(bitPattern: 0x8000_0003)), W.text(0x3001_001F, "Anna"),
                W.text(0x3002_001F, "EX"), W.text(0x3003_001F, "/O=X/CN=ANNA"),
            ],
            [W.text(0x3003_001F, "b@x.example")], [],
        ])
        let message = TNEFDecoder.decode(writer.octets)
        #expect(message.recipients.map(\.kind) == [.bcc, .to, .to])
        #expect(message.recipients[0].address.smtpAddress == nil)
        #expect(message.recipients[0].address.address == "/O=X/CN=ANNA")
        #expect(message.recipients[1].address.smtpAddress == "b@x.example")
        #expect(message.recipients[0].properties.count == 4)
    }
}
