/// A control word of RTF: up to sixteen letters, packed so that they compare as numbers.
struct RTFWord: Hashable, ExpressibleByStringLiteral {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    init() {}

    init(stringLiteral text: String) {
        for octet in text.utf8 { append(octet) }
    }

    /// Appends a letter; a word with more than sixteen is none of those that matter.
    @inline(__always)
    mutating func append(_ letter: UInt8) {
        high = high << 8 | low >> 56
        low = low << 8 | UInt64(letter)
    }

    /// What a control word does.
    enum Action {
        /// A code page for the whole text; `nil`: the number says it.
        case codePage(Int?)
        case defaultFont
        case fontTable
        case font
        case charset
        case fontCodePage
        case fromHTML
        case fromText
        case htmlTag
        case htmlRTF
        case newline
        case tab
        case symbol(Unicode.Scalar)
        case unicode
        case unicodeSkip
        case binary
        case plain
        /// A group that is no text.
        case skip
        /// A group that is no text of HTML, but of a document.
        case skipInHTML
    }

    var action: Action? { Self.actions[self] }

    private static let actions: [RTFWord: Action] = [
        "ansi": .codePage(1252), "mac": .codePage(10000), "pc": .codePage(437), "pca": .codePage(850),
        "ansicpg": .codePage(nil), "deff": .defaultFont, "fonttbl": .fontTable, "f": .font, "fcharset": .charset,
        "cpg": .fontCodePage, "fromhtml": .fromHTML, "fromtext": .fromText, "htmltag": .htmlTag, "htmlrtf": .htmlRTF,
        "par": .newline, "line": .newline, "sect": .newline, "page": .newline, "row": .newline, "tab": .tab,
        "cell": .tab, "nestcell": .tab, "nestrow": .newline, "u": .unicode, "uc": .unicodeSkip, "bin": .binary,
        "plain": .plain, "lquote": .symbol("\u{2018}"), "rquote": .symbol("\u{2019}"),
        "ldblquote": .symbol("\u{201C}"), "rdblquote": .symbol("\u{201D}"), "bullet": .symbol("\u{2022}"),
        "endash": .symbol("\u{2013}"), "emdash": .symbol("\u{2014}"), "enspace": .symbol("\u{2002}"),
        "emspace": .symbol("\u{2003}"), "qmspace": .symbol("\u{2005}"), "zwj": .symbol("\u{200D}"),
        "zwnj": .symbol("\u{200C}"), "zwbo": .symbol("\u{200B}"), "ltrmark": .symbol("\u{200E}"),
        "rtlmark": .symbol("\u{200F}"), "mhtmltag": .skip, "colortbl": .skip, "stylesheet": .skip, "info": .skip,
        "pict": .skip, "objdata": .skip, "objclass": .skip, "header": .skip, "headerl": .skip, "headerr": .skip,
        "headerf": .skip, "footer": .skip, "footerl": .skip, "footerr": .skip, "footerf": .skip, "fldinst": .skip,
        "filetbl": .skip, "listtable": .skip, "revtbl": .skip, "rsidtbl": .skip, "generator": .skip, "xe": .skip,
        "tc": .skip, "rxe": .skip, "bkmkstart": .skip, "bkmkend": .skip, "pntext": .skipInHTML, "pntxta": .skip,
        "pntxtb": .skip, "nonshppict": .skip, "themedata": .skip, "listtext": .skipInHTML,
    ]

    /// The code page of a font's character set ([MSFT-RTF], `\fcharset`); `nil` if the document's counts.
    static func codePage(charset: Int) -> Int? {
        switch charset {
        case 0: 1252
        case 77: 10000
        case 128: 932
        case 129: 949
        case 130: 1361
        case 134: 936
        case 136: 950
        case 161: 1253
        case 162: 1254
        case 163: 1258
        case 177: 1255
        case 178: 1256
        case 186: 1257
        case 204: 1251
        case 222: 874
        case 238: 1250
        case 254: 437
        case 255: 850
        default: nil
        }
    }
}
