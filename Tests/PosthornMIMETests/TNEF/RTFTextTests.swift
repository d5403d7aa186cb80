import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct RTFTextTests {
    private func html(_ rtf: String) -> String? {
        RTFText(Array(rtf.utf8)).html
    }

    private func plain(_ rtf: String) -> String? {
        RTFText(Array(rtf.utf8)).plain
    }

    /// Decodes so that the code page is seen.
    private func tracing(_ rtf: String) -> RTFText {
        RTFText(Array(rtf.utf8)[...]) { page, octets in "<\(page):\(String(decoding: octets, as: UTF8.self))>" }
    }

    @Test func `HTML comes back from the RTF that it was made to`() {
        let rtf = #"""
            {\rtf1\ANSI\ansicpg1251\fromhtml1 \deff0
            {\fonttbl {\f0\fmodern Courier New;}{\f1\fswiss Arial;}{\f2\fswiss\fcharset0 Arial;}}
            {\colortbl\red0\green0\blue0;\red0\green0\blue255;}
            {\*\htmltag64}
            \uc1\pard\plain\deftab360 \f0\fs24
            {\*\htmltag <HTML><head>\par
            <style>\par
            <!--\par
             /* Style Definitions */\par
            p.MsoNormal, li.MsoNormal \{font-family:Arial;\}\par
            -->\par
            </style>\par
            \tab <!-- This is a HTML comment.\par
            There is a horizontal tab (%x09) character before the comment, \par
            and some new line inside the comment. -->\par
            </head>\par
            <body>\par
            <p\par
            class="MsoNormal">}
            {\htmlrtf \f1 \htmlrtf0 Note the line break inside a P tag. {\*\htmltag <b>}{\htmlrtf \b \htmlrtf0
            This is bold text{\*\htmltag </b>}} \htmlrtf\par\htmlrtf0}
            \htmlrtf \par \htmlrtf0
            {\*\htmltag </p>\par
            <p class="MsoNormal">\par}
            {\htmlrtf \f1 \htmlrtf0 This is a normal text with a character references:
            {\*\htmltag &nbsp;}\htmlrtf \'a0\htmlrtf0 {\*\htmltag &lt;}\htmlrtf <\htmlrtf0}
            {\*\htmltag </body>\par
            </HTML>\par }}
            """#
        let text = RTFText(Array(rtf.utf8))
        #expect(text.origin == .html)
        #expect(text.plain == nil)
        let expected = """
            <HTML><head>
            <style>
            <!--
             /* Style Definitions */
            p.MsoNormal, li.MsoNormal {font-family:Arial;}
            -->
            </style>
            \t<!-- This is a HTML comment.
            There is a horizontal tab (%x09) character before the comment, \("")
            and some new line inside the comment. -->
            </head>
            <body>
            <p
            class="MsoNormal">Note the line break inside a P tag. <b>This is bold text</b> </p>
            <p class="MsoNormal">
            This is a normal text with a character references:&nbsp;&lt;</body>
            </HTML>

            """
        #expect(text.html?.replacing("\r\n", with: "\n") == expected)
    }

    @Test func `what is only RTF is left out, also across groups`() {
        #expect(html(#"{\rtf1\fromhtml1 a\htmlrtf b{c\htmlrtf0 d}e\htmlrtf0 f}"#) == "adf")
        #expect(html(#"{\rtf1\fromhtml1 a{\htmlrtf b}c\htmlrtf1 d\htmlrtf0 e}"#) == "ace")
        #expect(html(#"{\rtf1\fromhtml1 a\htmlrtf {\*\htmltag <x>}\htmlrtf0 {\*\htmltag <y>}}"#) == "a<y>")
    }

    @Test func `rewritten links and unknown destinations are left out`() {
        #expect(
            html(#"{\rtf1\fromhtml1 {\*\mhtmltag <a href="x">}{\*\htmltag84 <a href="y">}z{\*\new n{m}}}"#)
                == #"<a href="y">z"#
        )
        #expect(html(#"{\rtf1\fromhtml1 {\pntext\f3\'b7\tab}{\*\htmltag <li>}one}"#) == "<li>one")
    }

    @Test func `HTML is only what says so before any text`() {
        #expect(html(#"{\rtf1\ansi {\*\htmltag64 <p>}Hi}"#) == nil)
        #expect(plain(#"{\rtf1\ansi {\*\htmltag64 <p>}Hi}"#) == "Hi")
        #expect(html(#"{\rtf1\ansi Hi\fromhtml1 }"#) == nil)
        #expect(html(#"{\rtf1\fromhtml0 Hi}"#) == nil)
    }

    @Test func `plain text comes back from the RTF that it was made to`() {
        let text = RTFText(
            Array(#"{\rtf1\ansi\fromtext \fbidi {\fonttbl{\f0 Courier;}}a\tab b\par c\line \{d\\\} \'fc\'80}"#.utf8)
        )
        #expect(text.origin == .text)
        #expect(text.html == nil)
        #expect(text.plain == "a\tb\r\nc\r\n{d\\} ü€")
    }

    @Test func `any other RTF gives its text and not what is around it`() {
        let rtf =
            #"{\rtf1{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\stylesheet{\s0 Normal;}}{\info{\author Me}}"#
            + #"{\*\generator x;}{\header no}Hello \b bold\b0 !{\pict\wmetafile8 00ff}\par{\field{\*\fldinst HYPERLINK x}"#
            + #"{\fldrslt link}}{\pntext 1.\tab}item\cell\row}"#
        #expect(plain(rtf) == "Hello bold!\r\nlink1.\titem\t\r\n")
    }

    @Test func `characters have many spellings`() {
        #expect(plain(#"{\rtf1\u8364 ?\u-3913?x}"#) == "€\u{F0B7}x")
        #expect(plain(#"{\rtf1\uc0\u228 \u246b\uc2\u252 ab\u223\'00\'00.}"#) == "äöbüß.")
        #expect(plain(#"{\rtf1\u-10179?\u-8704?}"#) == "😀")
        #expect(plain(#"{\rtf1\u-10179?x}"#) == "\u{FFFD}x")
        #expect(plain(#"{\rtf1\u-8704?\u-10179?}"#) == "\u{FFFD}\u{FFFD}")
        #expect(plain(#"{\rtf1\u128512?}"#) == "😀")
        #expect(plain(#"{\rtf1\u99999999999999999999?x}"#) == "\u{FFFD}x")
        #expect(
            plain(#"{\rtf1\lquote a\rquote\ldblquote b\rdblquote\endash\emdash\bullet\~\_\-}"#)
                == "‘a’“b”–—•\u{A0}\u{2011}"
        )
        #expect(html(#"{\rtf1\fromhtml1 a\~b\_c\-d}"#) == "a&nbsp;b\u{2011}c\u{AD}d")
        #expect(plain(#"{\rtf1{\uc3 \u228 abc}\u246 d}e"#) == "äö")
        #expect(plain("{\\rtf1 a\\\r\nb\r\nc}") == "a\r\nbc")
        #expect(plain(#"{\rtf1 a\'zz b\'4}"#) == "azz b4")
    }

    @Test func `what stands in for a character ends with its group`() {
        #expect(plain(#"{\rtf1{\u228}bc}"#) == "äbc")
        #expect(plain(#"{\rtf1\u228{b}c}"#) == "äbc")
        #expect(plain(#"{\rtf1\u228\par c}"#) == "äc")
    }

    @Test func `octets are read in the code page of their font, and those of a tag in that of the text`() {
        let rtf =
            #"{\rtf1\ansi\ansicpg1250\deff1{\fonttbl{\f0\fcharset204 A;}{\f1\fcharset128 B;}{\f2\cpg850 C;}{\f3\fcharset1 D;}}"#
        #expect(tracing(rtf + #"a\f0 b\f2 c\f3 d\plain e}"#).plain == "<932:a><1251:b><850:c><1250:d><932:e>")
        #expect(tracing(rtf + #"\f0 a{\f1 b}c}"#).plain == "<1251:a><932:b><1251:c>")
        let html = rtf.replacing("\\deff1", with: "\\fromhtml1\\deff1")
        #expect(tracing(html + #"\f0 a{\*\htmltag <p>}b}"#).html == "<1251:a><1250:<p>><1251:b>")
        #expect(tracing(html + #"\htmlrtf\f0\htmlrtf0 a}"#).html == "<1251:a>")
        #expect(tracing(#"{\rtf1\mac a}"#).plain == "<10000:a>")
    }

    @Test func `a character of two octets stays in one piece`() {
        #expect(tracing(#"{\rtf1\ansicpg932 \'41B\'43\b D}"#).plain == "<932:ABCD>")
    }

    @Test func `binary octets are stepped over`() {
        #expect(plain(#"{\rtf1 a{\pict\bin5 }{\}{x}b}"#) == "ab")
        #expect(plain(#"{\rtf1 a\bin3 }}}b}"#) == "ab")
        #expect(plain(#"{\rtf1 a\bin-3 b}"#) == "ab")
        #expect(plain(#"{\rtf1 a\bin99999999 b}"#) == "a")
    }

    @Test func `the end of the first group is the end, and groups may lack their ends`() {
        #expect(plain(#"{\rtf1 a}b"#) == "a")
        #expect(plain(#"{\rtf1 a{b{c"#) == "abc")
        #expect(plain(#"}a{b}"#) == "ab")
        #expect(plain("") == "")
        #expect(plain("no RTF at all") == "no RTF at all")
        #expect(plain("{\\rtf1 a\\") == "a")
    }

    @Test func `a million groups need neither stack nor much memory`() {
        let depth = 1_000_000
        let rtf =
            #"{\rtf1 a"# + String(repeating: "{", count: depth) + "b" + String(repeating: "}", count: depth) + "c}d"
        #expect(plain(rtf) == "abc")
        #expect(plain(String(repeating: "{", count: depth)) == "")
        #expect(html(#"{\rtf1\fromhtml1 "# + String(repeating: #"{\*\htmltag "#, count: 100_000)) == "")
    }

    @Test func `a long word is none, and a long number is a number`() {
        #expect(plain(#"{\rtf1 a\abcdefghijklmnopqrstuvwxyzpar b}"#) == "ab")
        #expect(plain(#"{\rtf1 a\fs123456789012345678901234567890 b\par-7c}"#) == "ab\r\nc")
    }

    @Test func `every beginning of a text is read`() {
        let rtf = Array(
            #"{\rtf1\ansi\fromhtml1{\fonttbl{\f0\fcharset204 A;}}\f0\'e4\u228?{\*\htmltag84 <p>}x\htmlrtf y\htmlrtf0\bin2 ab}"#
                .utf8
        )
        for count in 0...rtf.count {
            let text = RTFText(Array(rtf.prefix(count)))
            #expect((text.html ?? text.plain) != nil)
        }
        for index in rtf.indices {
            for value: UInt8 in [0, 0x20, 0x2A, 0x30, 0x39, 0x5C, 0x7B, 0x7D, 0x80, 0xFF] {
                var changed = rtf
                changed[index] = value
                let text = RTFText(changed)
                #expect((text.html ?? text.plain) != nil)
            }
        }
    }
}
