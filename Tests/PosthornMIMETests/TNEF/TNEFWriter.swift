/// Writes TNEF streams, right and wrong ones ([MS-OXTNEF]).
struct TNEFWriter {
    private(set) var octets: [UInt8]

    init(key: UInt16 = 0x1234, codePage: UInt32? = 1252) {
        octets = [0x78, 0x9F, 0x3E, 0x22] + Self.little(key)
        add(0x0008_9006, Self.little(UInt32(0x0001_0000)))
        if let codePage { add(0x0006_9007, Self.little(codePage) + Self.little(UInt32(0))) }
    }

    mutating func add(_ tag: UInt32, level: UInt8 = 1, _ data: [UInt8], checksum: UInt16? = nil) {
        octets.append(level)
        octets += Self.little(tag)
        octets += Self.little(UInt32(data.count))
        octets += data
        octets += Self.little(checksum ?? data.reduce(0) { $0 &+ UInt16($1) })
    }

    mutating func add(_ tag: UInt32, level: UInt8 = 1, text: String) {
        add(tag, level: level, Array(text.utf8) + [0])
    }

    mutating func append(_ rest: [UInt8]) {
        octets += rest
    }

    mutating func properties(_ list: [[UInt8]]) {
        add(0x0006_9003, Self.list(list))
    }

    mutating func recipients(_ rows: [[[UInt8]]]) {
        add(0x0006_9004, Self.little(UInt32(rows.count)) + rows.flatMap { Self.list($0) })
    }

    /// An attachment as Outlook writes it.
    mutating func attachment(title: String?, _ data: [UInt8]?, properties list: [[UInt8]] = [], isOLE: Bool = false) {
        let rendering: [UInt8] = [isOLE ? 2 : 1, 0, 0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 8)
        add(0x0006_9002, level: 2, rendering)
        if let data { add(0x0006_800F, level: 2, data) }
        if let title { add(0x0001_8010, level: 2, text: title) }
        if !list.isEmpty { add(0x0006_9005, level: 2, Self.list(list)) }
    }

    // MARK: Properties

    static func list(_ properties: [[UInt8]]) -> [UInt8] {
        little(UInt32(properties.count)) + properties.flatMap { $0 }
    }

    /// A property of a fixed width, already filled up.
    static func fixed(_ tag: UInt32, _ value: [UInt8]) -> [UInt8] {
        little(tag) + value
    }

    static func integer(_ tag: UInt32, _ value: Int32) -> [UInt8] {
        fixed(tag, little(value))
    }

    static func boolean(_ tag: UInt32, _ value: Bool) -> [UInt8] {
        fixed(tag, [value ? 1 : 0, 0, 0, 0])
    }

    /// A property with values that say how long they are.
    static func counted(_ tag: UInt32, _ values: [[UInt8]]) -> [UInt8] {
        little(tag) + little(UInt32(values.count)) + values.flatMap { little(UInt32($0.count)) + padded($0) }
    }

    static func text(_ tag: UInt32, _ text: String) -> [UInt8] {
        counted(tag, [tag & 0xFFFF == 0x001E ? Array(text.utf8) + [0] : wide(text) + [0, 0]])
    }

    static func binary(_ tag: UInt32, _ value: [UInt8]) -> [UInt8] {
        counted(tag, [value])
    }

    static func object(_ interface: [UInt8], _ value: [UInt8]) -> [UInt8] {
        counted(0x3701_000D, [interface + value])
    }

    /// A property with a name; its identifier is from 0x8000 on.
    static func named(_ property: [UInt8], set: [UInt8], number: UInt32) -> [UInt8] {
        Array(property.prefix(4)) + set + little(UInt32(0)) + little(number) + Array(property.dropFirst(4))
    }

    static func named(_ property: [UInt8], set: [UInt8], text: String) -> [UInt8] {
        let name = wide(text) + [0, 0]
        return Array(property.prefix(4)) + set + little(UInt32(1)) + little(UInt32(name.count)) + padded(name)
            + Array(property.dropFirst(4))
    }

    static let messageInterface: [UInt8] = [0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]
    static let storageInterface: [UInt8] = [0x0B, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]
    static let publicStrings: [UInt8] = [0x29, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]

    static func wide(_ text: String) -> [UInt8] {
        text.utf16.flatMap { little($0) }
    }

    static func padded(_ value: [UInt8]) -> [UInt8] {
        value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// RTF in the form that is not compressed.
    static func storedRTF(_ text: String) -> [UInt8] {
        let octets = Array(text.utf8)
        return little(UInt32(octets.count + 12)) + little(UInt32(octets.count)) + little(UInt32(0x414C_454D))
            + little(UInt32(0)) + octets
    }

    // MARK: Examples

    /// A message that has a bit of everything.
    static func everything() -> [UInt8] {
        var inner = TNEFWriter(key: 7)
        inner.add(0x0007_8008, text: "IPM.Note")
        inner.properties([text(0x0037_001F, "Inner"), text(0x1000_001F, "Inner body")])
        inner.attachment(title: "inner.txt", Array("inner".utf8))
        var writer = TNEFWriter()
        writer.add(0x0007_8008, text: "IPM.Microsoft Mail.Note")
        writer.add(0x0001_8004, text: "Old subject")
        writer.add(0x0003_8005, [0xD4, 7, 2, 0, 17, 0, 11, 0, 25, 0, 35, 0, 2, 0])
        writer.properties([
            text(0x0037_001F, "Grüße"), text(0x0C1A_001F, "Anna"), text(0x0C1E_001E, "SMTP"),
            text(0x0C1F_001E, "anna@muster.example"), integer(0x0017_0003, 2),
            named(text(0x8001_001F, "one"), set: publicStrings, text: "Keywords"),
            named(integer(0x8002_0003, 5), set: publicStrings, number: 0x8503),
            binary(0x1009_0102, storedRTF(#"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}Hi{\*\htmltag72 </p>}}"#)),
            counted(0x3A58_101F, [wide("a"), wide("bcd")]), fixed(0x0039_0040, little(UInt64(127_215_123_350_000_000))),
        ])
        writer.recipients([
            [integer(0x0C15_0003, 1), text(0x3001_001F, "Bert"), text(0x39FE_001F, "bert@muster.example")],
            [integer(0x0C15_0003, 2), text(0x3001_001F, "Cleo")],
        ])
        writer.attachment(
            title: "LONGNA~1.TXT",
            Array("content".utf8),
            properties: [text(0x3707_001F, "long name.txt")]
        )
        writer.attachment(
            title: nil,
            nil,
            properties: [object(messageInterface, inner.octets), integer(0x3705_0003, 5), text(0x3001_001F, "Inner")]
        )
        return writer.octets
    }
}
