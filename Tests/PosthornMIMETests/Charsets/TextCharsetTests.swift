import Testing

@testable import PosthornMIME

struct TextCharsetTests {
    static let samples: [(label: String, hex: String, text: String)] = [
        ("ISO-8859-2", "ae6c75bb6f75e86bfd", "Žluťoučký"), ("ISO-8859-4", "b1e8ea", "ąčę"),
        ("ISO-8859-5", "bfe0d8d2d5e2", "Привет"), ("ISO-8859-7", "c5ebebdce4e1", "Ελλάδα"),
        ("ISO-8859-8", "f9ece5ed", "שלום"), ("iso-8859-8-i", "f9ece5ed", "שלום"), ("ISO-8859-9", "ddf0fe", "İğş"),
        ("ISO-8859-13", "e0e8e6", "ąčę"), ("ISO-8859-15", "a420bd", "€ œ"), ("windows-1250", "8e6c759d", "Žluť"),
        ("windows-1251", "cff0e8e2e5f2", "Привет"), ("windows-1253", "c5ebebdce4e1", "Ελλάδα"),
        ("windows-1254", "ddf0fe", "İğş"), ("windows-1255", "f9ece5ed", "שלום"), ("windows-1256", "d3e1c7e3", "سلام"),
        ("windows-1257", "e0e8e6", "ąčę"), ("cp1258", "d0f5", "Đơ"), ("KOI8-R", "f0d2c9d7c5d4", "Привет"),
        ("KOI8-U", "b7d6c1cb", "Їжак"), ("cp437", "8eb382", "Ä│é"), ("cp850", "8e99e1", "ÄÖß"),
        ("cp858", "d5", "€"), ("cp866", "8fe0a8a2a5e2", "Привет"), ("macintosh", "808ea0", "Äé†"),
        ("x-mac-cyrillic", "8ff0e8e2e5f2", "Привет"), ("tis-620", "cac7d1cab4d5", "สวัสดี"),
        ("gb2312", "d6d0cec4", "中文"), ("gb2312", "d6d087f8", "中國"), ("gbk", "80", "€"),
        ("gb18030", "d6d08139ee39", "中㐀"), ("hz-gb-2312", "7e7b56504e447e7d20617e7e", "中文 a~"),
        ("Big5", "a4a4a4e5", "中文"), ("EUC-JP", "c6fccbdcb8ec", "日本語"), ("EUC-JP", "ada1", "①"),
        ("ISO-2022-JP", "1b2442467c4b5c386c1b28422061", "日本語 a"), ("ISO-2022-JP", "1b24422d211b2842", "①"),
        ("ISO-2022-JP", "1b2849431b284a61", "ﾃa"), ("iso-2022-jp-1", "1b2428443021", "丂"),
        ("Shift_JIS", "93fa967b8ceac38740", "日本語ﾃ①"), ("ks_c_5601-1987", "c7d1b1b9beee", "한국어"),
        ("ks_c_5601-1987", "8c63b9e6", "똠방"), ("ISO-2022-KR", "1b2429430e475131390f2061", "한국 a"),
        ("ISO-2022-KR", "0e475131390f", "한국"), ("johab", "d0658a82b4e1", "한국어"),
        ("utf-7", "47722b4150774133772d65202b5a65566e4c412d", "Grüße 日本"),
        ("unicode-1-1-utf-7", "2b4150772d", "ü"), ("utf-16", "fffe6100e900e565", "aé日"),
        ("utf-16", "feff00e9", "é"), ("utf-16be", "00e9d834dd1e", "é𝄞"), ("utf-16le", "e90034d81edd", "é𝄞"),
        ("utf-32be", "000000e90001d11e", "é𝄞"), ("utf-32", "fffe0000e9000000", "é"),
        ("iso-8859-1", "e9809f", "é€Ÿ"), ("x-user-defined", "8061", "\u{F780}a"),
    ]

    static func octets(_ hex: String) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = hex[...]
        while rest.count >= 2 {
            octets.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return octets
    }

    @Test(arguments: samples.indices)
    func `A sample of every kind of character set is read`(_ index: Int) throws {
        let sample = Self.samples[index]
        let charset = try #require(TextCharset(label: sample.label))
        let decoded = charset.decode(Self.octets(sample.hex))
        #expect(decoded == DecodedText(sample.text), "\(sample.label)")
    }

    @Test(arguments: samples.indices)
    func `Text in pieces of one and of three octets is the same text`(_ index: Int) throws {
        let sample = Self.samples[index]
        let charset = try #require(TextCharset(label: sample.label))
        let octets = Self.octets(sample.hex)
        for size in [1, 3] {
            var output: [UInt8] = []
            var decoder = CharsetDecoder(charset)
            for start in stride(from: 0, to: octets.count, by: size) {
                decoder.decode(octets[start..<min(octets.count, start + size)], into: &output)
            }
            decoder.finish(into: &output)
            #expect(String(decoding: output, as: UTF8.self) == sample.text, "\(sample.label)")
            #expect(decoder.replacements == 0)
        }
    }

    @Test func `Labels are found in all the forms that mail has`() {
        let labels = [
            "UTF-8": [
                "utf-8", "UTF8", "\"utf-8\"", " 'utf-8' ", "utf-8;", "utf-8; format=flowed", "utf_8", "UTF-8*de",
                "=?utf-8?Q", "charset=utf-8", "3Dutf-8", "cp65001", "utf-8 (Unicode)", "unicode-1-1-utf-8",
            ],
            "windows-1252": [
                "iso-8859-1", "ISO8859-1", "iso_8859-1:1987", "latin1", "cp-1252", "x-cp1252", "l1", "1252",
            ],
            "US-ASCII": ["us-ascii", "ANSI_X3.4-1968", "ascii", "iso646-us", "646"],
            "unknown-8bit": ["x-unknown", "unknown-8bit", "8bit", "default"],
            "ISO-8859-2": ["latin2", "iso-ir-101", "csISOLatin2", "8859-2", "iso8859_2"],
            "windows-1254": ["iso-8859-9", "latin5", "cp1254"],
            "windows-1251": ["win-1251", "cp1251", "microsoft-cp1251", "windows1251"],
            "windows-874": ["tis-620", "iso-8859-11", "dos-874"],
            "GBK": ["gb2312", "GB_2312-80", "x-gbk", "cp936", "chinese", "euc-cn"],
            "EUC-KR": ["ks_c_5601-1987", "KSC5601", "cp949", "windows-949", "korean"],
            "Shift_JIS": ["shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji", "cp932"],
            "ISO-2022-JP": ["iso-2022-jp", "_iso-2022-jp$ESC", "csISO2022JP", "cp50220"],
            "Big5": ["big5", "cn-big5", "x-x-big5", "big5-hkscs", "cp950"],
            "IBM850": ["cp850", "ibm850", "850", "cp-850", "cspc850multilingual"],
            "IBM437": ["cp437", "437", "cspc8codepage437"], "macintosh": ["x-mac-roman", "mac", "MacRoman"],
            "KOI8-R": ["koi8-r", "koi8", "cskoi8r"], "KOI8-U": ["koi8-u", "koi8-ru"],
            "ISO-8859-8-I": ["iso-8859-8-i", "logical"], "UTF-16LE": ["utf-16", "ucs-2le"], "UTF-7": ["utf-7"],
        ]
        for (name, forms) in labels {
            for form in forms { #expect(TextCharset(label: form)?.name == name, "\(form)") }
        }
        for label in ["", " ", "klingon", "?", "\"\"", "iso-8859-99", String(repeating: "x", count: 100_000)] {
            #expect(TextCharset(label: label) == nil, "\(label.prefix(20))")
        }
    }

    @Test func `Every character set in the table can be converted here`() {
        for charset in CharsetTable.shared.all {
            let decoded = charset.decode(Array("abc 123".utf8))
            guard !charset.name.hasPrefix("UTF-16"), !charset.name.hasPrefix("UTF-32") else { continue }
            #expect(decoded == DecodedText("abc 123"), "\(charset.name)")
        }
    }

    @Test func `What is declared decides, and what is not declared is ASCII`() {
        #expect(TextCharset.declared(nil) == .usASCII)
        #expect(TextCharset.declared("\"\"") == .usASCII)
        #expect(TextCharset.declared("koi8-r").name == "KOI8-R")
        #expect(TextCharset.declared("klingon") == .unknown)
    }

    @Test func `ASCII with other octets is UTF-8 if it can be and windows-1252 if not`() {
        #expect(TextCharset.usASCII.decode(Array("plain".utf8)) == DecodedText("plain"))
        #expect(TextCharset.usASCII.decode(Array("Grüße".utf8)) == DecodedText("Grüße", defects: .undeclaredOctets))
        #expect(
            TextCharset.usASCII.decode([0x47, 0xFC, 0xC3, 0xA9, 0x80])
                == DecodedText("GüÃ©€", defects: .undeclaredOctets)
        )
    }

    @Test func `An unknown character set shows its ASCII and one mark for each run of others`() {
        let decoded = TextCharset.unknown.decode([0x61, 0xE4, 0xF6, 0x62, 0xFF])
        #expect(decoded == DecodedText("a\u{FFFD}b\u{FFFD}", replacements: 2, defects: .unknownCharset))
    }

    @Test func `Ill-formed UTF-8 becomes one mark for each maximal part`() {
        // Unicode Standard, section 3.9, tables 3-8 to 3-11.
        let cases: [([UInt8], String, Int)] = [
            (
                [0xC0, 0xAF, 0xE0, 0x80, 0xBF, 0xF0, 0x81, 0x82, 0x41],
                "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A", 8
            ),
            ([0xED, 0xA0, 0x80, 0x41], "\u{FFFD}\u{FFFD}\u{FFFD}A", 3),
            (
                [0xF4, 0x91, 0x92, 0x93, 0xFF, 0x41, 0x80, 0xBF, 0x42],
                "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A\u{FFFD}\u{FFFD}B", 7
            ),
            ([0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A", 4),
            ([0x61, 0xE2, 0x82], "a\u{FFFD}", 1),
        ]
        for (octets, text, count) in cases {
            #expect(TextCharset.utf8.decode(octets) == DecodedText(text, replacements: count, defects: .invalidOctets))
            #expect(String(decoding: octets, as: UTF8.self) == text)
        }
    }

    @Test func `A character U+FFFD that was sent is no replacement`() {
        #expect(TextCharset.utf8.decode(Array("a\u{FFFD}b".utf8)) == DecodedText("a\u{FFFD}b"))
    }

    @Test func `Octets that are no characters become marks and take no ASCII with them`() {
        let gbk = TextCharset.declared("gbk").decode([0x61, 0xFE, 0x21, 0xD6, 0xD0])
        #expect(gbk.text == "a\u{FFFD}!中")
        #expect(gbk.replacements == 1)
        #expect(TextCharset.declared("shift_jis").decode([0x93, 0xFA, 0x93]).text == "日\u{FFFD}")
        #expect(TextCharset.declared("iso-2022-jp").decode(Array("\u{1B}$BF|Kx\u{1B}(B!".utf8)).replacements == 0)
        #expect(TextCharset.declared("iso-2022-jp").decode(Array("\u{1B}$BF".utf8)).text == "\u{FFFD}")
        #expect(TextCharset.declared("iso-2022-jp").decode(Array("a\u{1B}%Gb".utf8)).text == "a\u{FFFD}%Gb")
        #expect(TextCharset.declared("iso-2022-jp").decode(Array("\u{1B}$BF|\nabc".utf8)).text == "日\nabc")
        #expect(TextCharset.declared("windows-1253").decode([0xC5, 0xD2]).text == "Ε\u{FFFD}")
        #expect(TextCharset.declared("utf-16le").decode([0x00, 0xD8, 0x61, 0x00]).text == "\u{FFFD}a")
        #expect(TextCharset.declared("utf-16le").decode([0x61, 0x00, 0x62]).text == "a\u{FFFD}")
        #expect(TextCharset.declared("utf-32be").decode([0x7F, 0xFF, 0xFF, 0xFF]).text == "\u{FFFD}")
    }
}
