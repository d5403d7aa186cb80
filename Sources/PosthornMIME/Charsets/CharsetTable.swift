/// The character sets and their labels: those of the Encoding Standard (encoding.spec.whatwg.org, section 4.2), the IANA
/// registry's that mail uses besides, and misspellings from real mail.
///
/// Labels are compared by their letters and digits only, without regard to case.
struct CharsetTable: Sendable {
    /// How octets of a character set become characters.
    enum Method: Hashable, Sendable {
        case utf8, undeclared, windows1252, userDefined, unknown
        case wide(Int, isBigEndian: Bool)
        /// One octet for each character, ASCII in the lower half. The names are the system converter's.
        case singleByte([String])
        case system([String], isDoubleByte: Bool)
        case escaped(EscapedOctets.Kind, [String])
    }

    private var sets: [String: TextCharset] = [:]

    static let shared = CharsetTable()

    /// Every character set once, by name.
    var all: [TextCharset] { Set(sets.values).sorted { $0.name < $1.name } }

    private init() {
        add("UTF-8", .utf8, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf8mb4 utf-8-sig utf8n")
        add("UTF-8", .utf8, "cp65001 65001 windows-65001 csutf8")
        add(TextCharset.usASCII, "ascii ansi_x3.4-1968 ansi_x3.4-1986 iso-ir-6 iso_646.irv:1991 iso646-us us ibm367")
        add(TextCharset.usASCII, "cp367 csascii us-ascii-1 20127 646 ansi7bit 7bit usascii7 iso-646")
        add(
            TextCharset.unspecified,
            "x-unknown unknown unknown-8bit x-unknown-8bit 8bit default none binary ansi x-ansi"
        )
        add(TextCharset.unspecified, "plain text x-default undefined csunknown8bit x-nonstandard us-ascii-8bit")
        add(
            TextCharset.windows1252,
            "cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso_8859-1:1987 l1 latin1"
        )
        add(
            TextCharset.windows1252,
            "x-cp1252 cp1252 1252 ms1252 win1252 ms-ansi x-ansi-1252 8859-1 28591 latin-1 latin"
        )
        add(TextCharset.windows1252, "iso-8859 iso8859 isolatin1 iso-latin-1 iso-8859-1-windows-3.1-latin-1 iso-1 csl1")
        add("x-user-defined", .userDefined, "user-defined")
        add("UTF-16BE", .wide(2, isBigEndian: true), "unicodefffe utf-16-be utf16be ucs-2be 1201 csutf16be")
        add("UTF-16BE", .wide(2, isBigEndian: true), "iso-10646-ucs-2 ucs-2 csunicode unicode-1-1 iso-10646-ucs-basic")
        add("UTF-16LE", .wide(2, isBigEndian: false), "utf-16 unicodefeff unicode ucs-2le utf-16-le 1200 csutf16")
        add("UTF-32BE", .wide(4, isBigEndian: true), "utf-32 iso-10646-ucs-4 ucs-4 ucs4be csutf32 csucs4")
        add("UTF-32LE", .wide(4, isBigEndian: false), "ucs4le utf-32-le")
        addLatin()
        addVendors()
        addEastAsian()
    }

    private mutating func addLatin() {
        latin(2, "csisolatin2 iso-ir-101 iso_8859-2:1987 l2 latin2 28592")
        latin(3, "csisolatin3 iso-ir-109 iso_8859-3:1988 l3 latin3 28593")
        latin(4, "csisolatin4 iso-ir-110 iso_8859-4:1988 l4 latin4 28594")
        latin(5, "csisolatincyrillic cyrillic iso-ir-144 iso_8859-5:1988 28595")
        latin(6, "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i 28596")
        latin(6, "iso-ir-127 iso_8859-6:1987")
        latin(7, "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso_8859-7:1987 sun_eu_greek 28597")
        latin(8, "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso_8859-8:1988 visual 28598")
        // The same octets; only the order of display differs, and that is not a matter of reading.
        add("ISO-8859-8-I", .singleByte(["ISO-8859-8"]), "csiso88598i logical 38598")
        latin(10, "csisolatin6 iso-ir-157 l6 latin6 iso_8859-10:1992")
        latin(13, "latin7 l7 iso-ir-179 28603")
        latin(14, "iso-ir-199 iso_8859-14:1998 iso-celtic latin8 l8")
        latin(15, "csisolatin9 l9 latin9 latin-9 latin0 iso-ir-203 28605")
        latin(16, "iso-ir-226 iso_8859-16:2001 latin10 l10")
    }

    private mutating func addVendors() {
        windows(1250, "x-cp1250 cswindows1250")
        windows(1251, "x-cp1251 cswindows1251 ansi-1251 win-cyrillic")
        windows(1253, "x-cp1253 cswindows1253")
        windows(1254, "x-cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso_8859-9:1989 l5 latin5 28599")
        windows(1255, "x-cp1255 cswindows1255")
        windows(1256, "x-cp1256 cswindows1256")
        windows(1257, "x-cp1257 cswindows1257")
        windows(1258, "x-cp1258 cswindows1258")
        add(
            "windows-874",
            .singleByte(["CP874", "TIS-620"]),
            "dos-874 iso-8859-11 tis-620 tis620.2533 cp874 874 x-cp874"
        )
        add("windows-874", .singleByte(["CP874", "TIS-620"]), "ibm874 cstis620 thai iso-ir-166")
        add("KOI8-R", .singleByte(["KOI8-R"]), "cskoi8r koi koi8 20866 cp878 koi-8-r koi8r-1")
        add("KOI8-U", .singleByte(["KOI8-U"]), "koi8-ru 21866 koi-8-u")
        add("macintosh", .singleByte(["MACINTOSH"]), "csmacintosh mac x-mac-roman mac-roman macroman 10000 apple-roman")
        add("x-mac-cyrillic", .singleByte(["MAC-UK", "MACUKRAINE"]), "x-mac-ukrainian mac-cyrillic maccyrillic 10007")
        add("x-mac-ce", .singleByte(["MAC-CENTRALEUROPE", "MACCENTRALEUROPE"]), "mac-ce x-mac-centraleurroman 10029")
        add("x-mac-ce", .singleByte(["MAC-CENTRALEUROPE", "MACCENTRALEUROPE"]), "mac-centraleurope mac-latin2")
        for page in [437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869] {
            // Every page has the same kinds of label.
            let system = page == 858 ? "CP858" : "IBM\(page)"
            add(
                "IBM\(page)",
                .singleByte([system, "CP\(page)"]),
                "cp\(page) \(page) csibm\(page) dos-\(page) cspc\(page) oem\(page) windows-\(page) x-cp\(page) ms\(page)"
            )
        }
        add("IBM850", .singleByte(["IBM850", "CP850"]), "cspc850multilingual ibm00850")
        add("IBM852", .singleByte(["IBM852", "CP852"]), "cspcp852")
        add("IBM858", .singleByte(["CP858"]), "ibm00858 ccsid00858 pc-multilingual-850+euro")
        add("IBM437", .singleByte(["IBM437", "CP437"]), "cspc8codepage437 pc8")
        add("IBM862", .singleByte(["IBM862", "CP862"]), "cspc862latinhebrew")
        add("hp-roman8", .singleByte(["HP-ROMAN8"]), "roman8 r8 cshproman8")
        add("ARMSCII-8", .singleByte(["ARMSCII-8"]), "")
        add("GEORGIAN-PS", .singleByte(["GEORGIAN-PS"]), "")
        add("PTCP154", .singleByte(["PT154"]), "csptcp154 pt154 cp154 cyrillic-asian")
        add("VISCII", .system(["VISCII"], isDoubleByte: false), "csviscii viscii1.1-1")
        add("TCVN", .system(["TCVN"], isDoubleByte: false), "tcvn-5712 tcvn5712-1 x-viet-tcvn5712")
        add("UTF-7", .system(["UTF-7"], isDoubleByte: false), "unicode-1-1-utf-7 x-unicode20utf7 csunicode11utf7 65000")
        add("UTF-7", .system(["UTF-7"], isDoubleByte: false), "unicode-2-0-utf-7 csutf7 cp65000")
    }

    private mutating func addEastAsian() {
        // What is declared as GB 2312 holds characters of its successors; those hold all of its own.
        add("GBK", .system(["GB18030", "GBK"], isDoubleByte: true), "chinese csgb2312 csiso58gb231280 gb2312 gb_2312")
        add(
            "GBK",
            .system(["GB18030", "GBK"], isDoubleByte: true),
            "gb_2312-80 iso-ir-58 x-gbk cp936 936 ms936 euc-cn"
        )
        add(
            "GBK",
            .system(["GB18030", "GBK"], isDoubleByte: true),
            "windows-936 x-euc-cn gb gb2312-80 x-gb cn-gb csgbk"
        )
        add("GBK", .system(["GB18030", "GBK"], isDoubleByte: true), "gb-2312 gb2312-1980 euc-gb2312 gb13000 x-gb2312")
        add("gb18030", .system(["GB18030"], isDoubleByte: true), "gb18030-2000 gb18030-2005 54936 csgb18030 gb-18030")
        add("HZ-GB-2312", .escaped(.hz, ["GB18030", "GBK"]), "hz hzgb2312 x-hz 52936 hz-gb")
        add("ISO-2022-CN", .system(["ISO-2022-CN"], isDoubleByte: false), "csiso2022cn iso-ir-2022cn")
        let big5 = ["BIG5-HKSCS", "BIG5HKSCS", "BIG5"]
        add("Big5", .system(big5, isDoubleByte: true), "big5-hkscs cn-big5 csbig5 x-x-big5 950 cp950 ms950 windows-950")
        add("Big5", .system(big5, isDoubleByte: true), "big5-eten big5hk x-big5 big-five bigfive csbig5hkscs big-5")
        add("EUC-TW", .system(["EUC-TW"], isDoubleByte: true), "x-euc-tw cns11643 euctw")
        let eucJP = ["EUC-JP-MS", "EUC-JP"]
        add("EUC-JP", .system(eucJP, isDoubleByte: true), "cseucpkdfmtjapanese x-euc-jp euc_jp x-euc ujis eucjp-ms")
        add("EUC-JP", .system(eucJP, isDoubleByte: true), "extended_unix_code_packed_format_for_japanese 51932 cp51932")
        add(
            "ISO-2022-JP",
            .escaped(.japanese, eucJP),
            "csiso2022jp iso-2022-jp-1 iso-2022-jp-ms cp50220 cp50221 cp50222"
        )
        add("ISO-2022-JP", .escaped(.japanese, eucJP), "50220 50221 50222 jis x-jis jis-encoding jis7 iso2022jp-kddi")
        add("ISO-2022-JP", .escaped(.japanese, eucJP), "_iso-2022-jp$esc csjisencoding x-iso-2022-jp iso-2022-7")
        add("ISO-2022-JP-2", .system(["ISO-2022-JP-2"], isDoubleByte: false), "csiso2022jp2")
        let shiftJIS = ["CP932", "SHIFT_JIS"]
        add("Shift_JIS", .system(shiftJIS, isDoubleByte: true), "csshiftjis ms_kanji sjis windows-31j x-sjis cp932 932")
        add(
            "Shift_JIS",
            .system(shiftJIS, isDoubleByte: true),
            "ms932 windows-932 x-ms-cp932 cswindows31j shift-jisx0213"
        )
        add("Shift_JIS", .system(shiftJIS, isDoubleByte: true), "x-shift-jis mskanji ibm943 cp943 shiftjis-2004")
        let korean = ["CP949", "UHC", "EUC-KR"]
        add("EUC-KR", .system(korean, isDoubleByte: true), "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 949")
        add(
            "EUC-KR",
            .system(korean, isDoubleByte: true),
            "ks_c_5601-1989 ksc5601 ksc_5601 windows-949 cp949 ms949 uhc"
        )
        add("EUC-KR", .system(korean, isDoubleByte: true), "ks_c_5601 x-windows-949 kse_c_5601 x-euc-kr ks-c-5601-1992")
        add("ISO-2022-KR", .escaped(.korean, korean), "csiso2022kr 50225")
        add("JOHAB", .system(["JOHAB"], isDoubleByte: true), "cp1361 1361 x-johab")
    }

    private mutating func latin(_ number: Int, _ labels: String) {
        add(
            "ISO-8859-\(number)",
            .singleByte(["ISO-8859-\(number)"]),
            "8859-\(number) iso-\(number) \(labels)"
        )
    }

    private mutating func windows(_ page: Int, _ labels: String) {
        add(
            "windows-\(page)",
            .singleByte(["CP\(page)"]),
            "cp\(page) \(page) ms\(page) win\(page) ibm\(page) ansi-\(page) microsoft-cp\(page) \(labels)"
        )
    }

    private mutating func add(_ name: String, _ method: Method, _ labels: String) {
        add(TextCharset(name: name, method: method), labels)
    }

    private mutating func add(_ charset: TextCharset, _ labels: String) {
        for label in [Substring(charset.name)] + labels.split(separator: " ") {
            let key = Self.key(label.utf8)
            if sets[key] == nil { sets[key] = charset }
        }
    }

    /// Letters and digits, in lower case.
    private static func key(_ label: some Sequence<UInt8>) -> String {
        var key: [UInt8] = []
        for octet in label {
            switch octet {
            case 0x30...0x39, 0x61...0x7A: key.append(octet)
            case 0x41...0x5A: key.append(octet | 0x20)
            default: continue
            }
        }
        return String(decoding: key, as: UTF8.self)
    }

    /// No label is longer than this.
    private static let longestLabel = 120

    /// The character set of a label as mail has it: in quotation marks, with a language (RFC 2231 section 5), with
    /// remains of an encoded word or of other parameters around it.
    func find(_ label: some Sequence<UInt8>) -> TextCharset? {
        let trimmed = Array(
            label.prefix(Self.longestLabel).drop { !Self.isAlphanumeric($0) && $0 != UInt8(ascii: "_") }
        )
        let stops = Array("*;,?\"'<>= \t\r\n".utf8)
        let first = trimmed.prefix { !stops.contains($0) }
        if let found = sets[Self.key(first)] { return found }
        if let found = sets[Self.key(trimmed)] { return found }
        // `charset=charset=utf-8`, `3Dutf-8` from quoted-printable, `iso-8859-1 (Western)`, `ISO-8859-1.html`.
        if let equals = trimmed.firstIndex(of: UInt8(ascii: "=")) {
            if let found = sets[Self.key(trimmed[(equals + 1)...].prefix { !stops.contains($0) })] { return found }
        }
        for prefix in ["3d", "x", "cs", "charset"] where Self.key(first).hasPrefix(prefix) {
            if let found = sets[String(Self.key(first).dropFirst(prefix.count))] { return found }
        }
        return nil
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20)
    }
}
