/// Windows code pages, by which TNEF and RTF name the encodings of their texts.
enum TNEFCodePage {
    /// Text of octets in a code page. What cannot be read becomes U+FFFD.
    typealias Decoding = @Sendable (_ codePage: Int, _ octets: ArraySlice<UInt8>) -> String

    static let windows1252 = 1252
    static let utf8 = 65001
    static let utf16 = 1200

    /// The code pages without which there is no TNEF, 1252, UTF-8, UTF-16 and ISO 8859-1, and all that the system knows.
    ///
    /// Of others, the ASCII is read and the rest becomes U+FFFD.
    static let builtIn: Decoding = { codePage, octets in
        switch codePage {
        case utf8: String(decoding: octets, as: UTF8.self)
        case utf16: utf16Text(octets, low: 0)
        case 1201: utf16Text(octets, low: 1)
        case 0, windows1252: byTable(octets) { $0 < 0xA0 ? upper1252[Int($0 - 0x80)] : UInt16($0) }
        case 28591: byTable(octets) { UInt16($0) }
        case 20127: byTable(octets) { _ in 0xFFFD }
        default: (charset(codePage).flatMap { TextCharset(label: $0) } ?? .unknown).decode(octets).text
        }
    }

    /// The name of a code page in MIME (IANA); `nil` if there is none.
    static func charset(_ codePage: Int) -> String? {
        names[codePage]
    }

    /// What a string of single octets holds before the zeros that end it.
    static func withoutTerminator(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = octets.endIndex
        while end > octets.startIndex, octets[end - 1] == 0 { end -= 1 }
        return octets[..<end]
    }

    /// What a string of UTF-16 holds before the zeros that end it.
    static func withoutWideTerminator(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = octets.endIndex
        // A single octet at the end is no character. If it is zero, nothing is lost with it.
        if octets.count & 1 == 1, octets[end - 1] == 0 { end -= 1 }
        if (end - octets.startIndex) & 1 == 1 { return octets[..<end] }
        while end - octets.startIndex >= 2, octets[end - 1] == 0, octets[end - 2] == 0 { end -= 2 }
        return octets[..<end]
    }

    private static func utf16Text(_ octets: ArraySlice<UInt8>, low: Int) -> String {
        octets.withUnsafeBufferPointer { source in
            var units: [UInt16] = []
            units.reserveCapacity(source.count / 2 + 1)
            var index = 0
            while index + 1 < source.count {
                units.append(UInt16(source[index + low]) | UInt16(source[index + 1 - low]) << 8)
                index += 2
            }
            if index < source.count { units.append(0xFFFD) }
            return String(decoding: units, as: UTF16.self)
        }
    }

    /// ASCII as it is, and the upper half by a table.
    private static func byTable(_ octets: ArraySlice<UInt8>, _ upper: (UInt8) -> UInt16) -> String {
        if octets.allSatisfy({ $0 < 0x80 }) { return String(decoding: octets, as: UTF8.self) }
        var units: [UInt16] = []
        units.reserveCapacity(octets.count)
        for octet in octets { units.append(octet < 0x80 ? UInt16(octet) : upper(octet)) }
        return String(decoding: units, as: UTF16.self)
    }

    /// 0x80 to 0x9F of code page 1252; five octets have no meaning and stand for control characters, as in the web.
    private static let upper1252: [UInt16] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D,
        0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x009D, 0x017E, 0x0178,
    ]

    private static let names: [Int: String] = [
        437: "ibm437", 850: "ibm850", 852: "ibm852", 855: "ibm855", 857: "ibm857", 858: "ibm00858", 862: "ibm862",
        866: "ibm866", 874: "windows-874", 932: "shift_jis", 936: "gbk", 949: "ks_c_5601-1987", 950: "big5",
        1200: "utf-16le", 1201: "utf-16be", 1250: "windows-1250", 1251: "windows-1251", 1252: "windows-1252",
        1253: "windows-1253", 1254: "windows-1254", 1255: "windows-1255", 1256: "windows-1256", 1257: "windows-1257",
        1258: "windows-1258", 10000: "macintosh", 20127: "us-ascii", 20866: "koi8-r", 20932: "euc-jp", 20936: "gb2312",
        21866: "koi8-u", 28591: "iso-8859-1", 28592: "iso-8859-2", 28593: "iso-8859-3", 28594: "iso-8859-4",
        28595: "iso-8859-5", 28596: "iso-8859-6", 28597: "iso-8859-7", 28598: "iso-8859-8", 28599: "iso-8859-9",
        28603: "iso-8859-13", 28605: "iso-8859-15", 38598: "iso-8859-8-i", 50220: "iso-2022-jp", 50221: "iso-2022-jp",
        50222: "iso-2022-jp", 50225: "iso-2022-kr", 51932: "euc-jp", 51936: "gb2312", 51949: "euc-kr",
        52936: "hz-gb-2312", 54936: "gb18030", 65000: "utf-7", 65001: "utf-8",
    ]
}
