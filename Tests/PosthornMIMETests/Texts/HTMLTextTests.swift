import PosthornMIME
import TestSupport
import Testing

@Suite(.computing) struct HTMLTextTests {
    private func text(_ html: String) -> String { HTMLText.plainText(from: html) }

    @Test func `Blocks are lines, paragraphs have empty lines between`() {
        #expect(text("<div>a</div><div>b</div>") == "a\nb")
        #expect(text("<p>a</p><p>b</p>") == "a\n\nb")
        #expect(text("<p>a<p>b<div>c") == "a\n\nb\n\nc")
        #expect(text("<h1>Title</h1>text<hr>more") == "Title\n\ntext\n---\nmore")
        #expect(text("a<br>b<br/><br />c</br>d") == "a\nb\n\nc\nd")
        #expect(text("<div>a</div><div><br></div><div>b</div>") == "a\n\nb")
        #expect(text("<div>a<br></div><div>b</div>") == "a\nb")
        #expect(text("<html><head><title>T</title></head><body>x</body></html>\n") == "x")
        #expect(
            text("<p class=MsoNormal>a</p><p class=\"MsoNormal x\">&nbsp;</p><p class='MsoNormal'>b</p>") == "a\n\nb"
        )
        #expect(text("<p style='margin:0'>a</p><p style='margin: 0'>b</p>") == "a\nb")
        #expect(text("") == "")
        #expect(text("<p></p><br><div> </div>") == "")
    }

    @Test func `White space collapses as in browsers`() {
        #expect(text("  a \n\t b  <b> c </b> d  ") == "a b c d")
        #expect(text("a<b> </b>b") == "a b")
        #expect(text("a <br> b") == "a\nb")
        #expect(text("a&nbsp;&nbsp; b") == "a   b")
        #expect(text("a\u{A0}b\u{A0}") == "a b")
        #expect(text("<div>&nbsp; a</div>") == "  a")
        #expect(text("x&#10;y&#32;&#32;z") == "x y z")
    }

    @Test func `Preformatted text stays`() {
        #expect(text("<pre>\n a\n\n  b\tc\n</pre>d") == " a\n\n  b\tc\n\nd")
        #expect(text("<pre>\r\na\r\nb</pre>") == "a\nb")
        #expect(text("<pre>\n\na</pre>") == "a")
        #expect(text("x<pre>\n\na</pre>") == "x\n\n\na")
        #expect(text("<div style=\"white-space: pre-wrap\">a\n  b</div>c d") == "a\n  b\nc d")
        #expect(text("<textarea>a\n<b> &amp;</textarea>") == "a\n<b> &")
        #expect(text("<xmp><b>&amp;</xmp>") == "<b>&amp;")
        #expect(text("a<plaintext><b></plaintext>") == "a\n\n<b></plaintext>")
    }

    @Test func `Lists have marks and numbers`() {
        #expect(text("<ul><li>a<li>b</ul>") == "- a\n- b")
        #expect(text("<ol><li>a</li><li value=7>b</li><li>c</li></ol>") == "1. a\n7. b\n8. c")
        #expect(text("<ol start=\"-1\"><li>a<li>b</ol>") == "-1. a\n0. b")
        #expect(text("<ul><li>a<ul><li>b<br>c</ul><li>d</ul>") == "- a\n  - b\n    c\n- d")
        #expect(text("<ul><li><p>a</p><p>b</p></ul>") == "- a\n\n  b")
        #expect(text("x<ul><li></li><li>a</li></ul>y") == "x\n\n- a\n\ny")
        #expect(text("<ul><li><ol><li>a</ol></ul>") == "- 1. a")
        #expect(text("<dl><dt>t<dd>d<dt>u<dd>e</dl>") == "t\n    d\nu\n    e")
        #expect(text("<li>a<li>b") == "- a\n- b")
        #expect(text("<ol start=99999999999999999999><li>a</ol>") == "1. a")
        #expect(text("<ol start=999999999999><li>a<li>b</ol>") == "1000000000. a\n1000000001. b")
    }

    @Test func `Quotes have a mark on each line`() {
        #expect(text("a<blockquote>b<br>c<p>d</blockquote>e") == "a\n\n> b\n> c\n>\n> d\n\ne")
        #expect(text("<blockquote>a<blockquote>b</blockquote>c</blockquote>") == "> a\n>\n> > b\n>\n> c")
        #expect(text("<blockquote><ul><li>a<li>b</ul></blockquote>") == "> - a\n> - b")
        #expect(text("<q>a</q>") == "\"a\"")
    }

    @Test func `Rows are lines, and cells are separated`() {
        #expect(text("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>") == "a\tb\nc\td")
        #expect(text("<table><tr><td>a<td><td>c</table>") == "a\t\tc")
        #expect(text("<table><tr><td><td>b<td></table>x") == "b\nx")
        #expect(text("<table><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><th>c</table>") == "a\tb\n\nc")
        let cell = "<td><p class=MsoNormal>x</p></td>"
        #expect(text("<table><tr>\(cell)\(cell)</tr><tr>\(cell)\(cell)</tr></table>") == "x\tx\nx\tx")
        #expect(text("<table><tr><td>a<br>b<td>c</table>") == "a\nb\nc")
        #expect(
            text("<table><tr><td>a</td><td><table><tr><td>b</td><td>c</td></tr></table></td></tr></table>") == "a\tb\tc"
        )
        #expect(text("<table><tr><td>a<td><ul><li>b<li>c</ul></table>") == "a\t- b\n- c")
        #expect(
            HTMLText.plainText(from: "<table><tr><td>a<td>b", options: .init(cellSeparator: " | ")) == "a | b"
        )
    }

    @Test func `What browsers do not show is left out`() {
        #expect(text("a<script>if (a < b) '<p>x</p>'</script>b<style>p { }</style>c") == "abc")
        #expect(text("a<!-- x > y -->b<!-->c<!--->d<!doctype html>e<?php x ?>f<!-- x --!>g") == "abcdefg")
        #expect(text("<!--[if mso]>x<![endif]-->a<![if !mso]>b<![endif]>") == "ab")
        #expect(text("a<div style='display:none'>x<div>y</div>z</div>b") == "ab")
        #expect(text("a<span style=\"color:red; DISPLAY : none !important\">x<span>y</span>z</span>b") == "ab")
        #expect(text("<p hidden>x<p>b") == "b")
        #expect(text("<template>x</template>a<xml><o:x>96</o:x></xml>") == "a")
        #expect(text("<span style='mso-hide:all'>x</span><i style='visibility:hidden'>y</i>z") == "z")
        #expect(HTMLText.plainText(from: "<b hidden>x</b>", options: .init(showsHidden: true)) == "x")
        #expect(text("<table><tr style='display:none'><td>x<tr><td>y</table>") == "y")
        #expect(text("<span style='display:none;display:inline'>x</span>") == "x")
        #expect(text("<i style='visibility:hidden;display:block'>x</i><i style='display:block' hidden>y</i>") == "y")
        #expect(text("<i hidden style='color:red'>x</i><i style='display:none' style='display:block'>y</i>") == "")
    }

    @Test func `Images have their text, and links their address if wanted`() {
        #expect(text("<img src=x alt=\"A &amp; B\"> c <img alt=''><img>") == "A & B c")
        #expect(HTMLText.plainText(from: "<img alt=x>y", options: .init(showsImages: false)) == "y")
        func links(_ html: String) -> String { HTMLText.plainText(from: html, options: .init(showsLinks: true)) }
        #expect(
            links("<a href=\"https://x.example/?a=1&amp;b=2&copy=3\">here</a>.")
                == "here <https://x.example/?a=1&b=2&copy=3>."
        )
        #expect(links("<a href='https://x.example/'>x.example</a>") == "x.example")
        #expect(links("<a href=mailto:a@x.example>a@x.example</a>") == "a@x.example")
        #expect(links("<a href='#top'>a</a> <a href='JavaScript:x()'>b</a> <a name=x>c</a>") == "a b c")
        #expect(links("<a href='http://a b<c>\n'> x </a>y") == "x <http://ab%3Cc%3E> y")
        #expect(links("<a href=http://x.example><img></a>") == "<http://x.example>")
        #expect(
            links("<a href=http://a.example>a<a href=http://b.example>b</a>")
                == "a <http://a.example>b <http://b.example>"
        )
        #expect(text("<a href=http://x.example>a</a>") == "a")
    }

    @Test func `Character references are read as in browsers`() {
        #expect(text("&lt;&gt;&amp;&quot;&apos;&auml;&Auml;&euro;&hellip;") == "<>&\"'äÄ€…")
        #expect(text("&#228;&#xe4;&#XE4;&#228 x&#228y") == "äää" + "ä xäy")
        #expect(
            text("&#128;&#x92;&#0;&#xD800;&#x110000;&#99999999999999999999;") == "€’\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"
        )
        #expect(text("&amp &ltx &notit; &notin; &nosuch; & &; &# &#x; &a") == "& <x ¬it; ∉ &nosuch; & &; &# &#x; &a")
        #expect(text("&CounterClockwiseContourIntegral;&NotEqualTilde;&fjlig;") == "∳≂̸fj")
        #expect(text("a\u{0}b") == "a\u{FFFD}b")
    }

    @Test func `Broken tags lose nothing`() {
        #expect(text("1 < 2 and <3 <> </> x") == "1 < 2 and <3 <> x")
        #expect(text("a <b") == "a <b")
        #expect(text("a <p class=\"x") == "a <p class=\"x")
        #expect(text("a<p class=\"x>b</p>c") == "a\n\nb\n\nc")
        #expect(text("a<!-- b <p>c") == "ac")
        #expect(text("a<style>b <p>c") == "a\n\nc")
        #expect(text("a</b>b</i></div>c") == "abc")
        #expect(text("<a title='>'>x</a><a title=a'b>y</a>") == "xy")
        #expect(text("<DIV>a</DIV ><dIv/>b") == "a\nb")
        #expect(text("a<" + String(repeating: "x", count: 500) + ">b") == "ab")
        #expect(text("a<!") == "a<!")
        #expect(text("a</") == "a</")
    }

    @Test func `Deep and endless nesting does no harm`() {
        for name in [
            "div", "blockquote", "ul><li", "table><tr><td", "a href=x", "span hidden", "pre", "ol", "p", "q", "dl><dd",
        ] {
            let html = "x" + String(repeating: "<\(name)>", count: 20_000) + "y"
            let result = HTMLText.plainText(from: html, options: .init(showsLinks: true))
            #expect(result.hasPrefix("x"))
            let name = name.split(separator: " ")[0]
            let closed = html + String(repeating: "</\(name.split(separator: ">")[0])>", count: 20_000) + "<p>z"
            #expect(HTMLText.plainText(from: closed).hasSuffix("z"))
        }
        // Those too deep are forgotten with the last that was not.
        let lists =
            String(repeating: "<table><tr><td>", count: 200) + "</table>" + String(repeating: "</table>", count: 200)
        #expect(text(lists + "<ul><li>a</ul>b") == "- a\n\nb")
        for piece in [
            "<!--", "<a b=\"", "<", "</", "<!", "<script>", "<title>", "&", "&#", "<br>x", "<x", "<td>x", "</p>",
            "<b hidden>",
        ] {
            let html = String(repeating: piece, count: 50_000)
            #expect(HTMLText.plainText(from: html).utf8.count <= 8 * html.utf8.count)
        }
    }

    @Test func `A text has a largest size`() {
        let html = String(repeating: "ä", count: 1_000)
        #expect(HTMLText.plainText(from: html, options: .init(largestSize: 5)) == "ää…")
        #expect(HTMLText.plainText(from: html, options: .init(largestSize: 0)) == "…")
        #expect(HTMLText.plainText(from: html, options: .init(largestSize: -1)) == "…")
        #expect(HTMLText.plainText(from: html, options: .init(largestSize: 2_000)) == html)
    }

    @Test func `A preview is one line`() {
        #expect(HTMLText.preview(of: "<p>Hello</p><p>Anna,  how\nare you</p>") == "Hello Anna, how are you")
        #expect(HTMLText.preview(of: "<p>Hello Anna</p>", limit: 7) == "Hello…")
        #expect(HTMLText.preview(of: "<p>Hello Anna</p>", limit: 10) == "Hello Anna")
        #expect(HTMLText.preview(of: "abc", limit: 1) == "…")
        #expect(HTMLText.preview(of: "abc", limit: 0) == "")
        #expect(HTMLText.preview(of: "abc", limit: -1) == "")
        #expect(HTMLText.preview(of: "abc", limit: .max) == "abc")
        let padding = String(repeating: "&zwnj;&nbsp;&#847; ", count: 100)
        #expect(HTMLText.preview(of: "<div style='display:none'>Sale\(padding)</div>Hi") == "Sale Hi")
        #expect(HTMLText.preview(ofPlainText: "a\r\n\r\n  b\t") == "a b")
        #expect(HTMLText.preview(ofPlainText: "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", limit: 2) == "👩‍👩‍👧‍👦…")
        let long = String(repeating: "a\u{301}\u{301}", count: 100_000)
        #expect(HTMLText.preview(ofPlainText: long, limit: 20).count <= 20)
        #expect(
            HTMLText.preview(ofPlainText: "a" + String(repeating: "\u{301}", count: 100_000), limit: 20).unicodeScalars
                .count < 1_000
        )
    }

    private static let sample = """
        <!DOCTYPE html><html><head><style>p { color: red }</style><title>T</title></head><body><!-- c -->
        <p class="MsoNormal" style='margin:0'>Hello &auml;&#228;&nbsp;x</p><ul><li>a<li><b>b</b></ul><ol start=3><li value=4>c</ol>
        <blockquote type=cite>q<pre>\n a\n b</pre></blockquote><table><tr><td>1<td>2</tr></table><img alt="i"><a href="http://x.example/?a=b&amp;c">l</a>
        <span style="display:none">h</span><script>x</script></body></html>
        """

    @Test func `Every beginning and every change of a document is read`() {
        let octets = Array(Self.sample.utf8)
        for count in 0...octets.count {
            _ = HTMLText.plainText(
                from: String(decoding: octets.prefix(count), as: UTF8.self),
                options: .init(showsLinks: true)
            )
        }
        var random = SeededGenerator(seed: 3)
        let wild = Array("<>/!-\"'=& ;#xpatdbr\u{0}".utf8)
        for index in octets.indices {
            for _ in 0..<4 {
                var changed = octets
                changed[index] = wild.randomElement(using: &random) ?? 0
                let other = Int.random(in: octets.indices, using: &random)
                changed[other] = wild.randomElement(using: &random) ?? 0
                let html = String(decoding: changed, as: UTF8.self)
                let result = HTMLText.plainText(from: html, options: .init(showsLinks: true))
                #expect(!result.contains("\r"))
                _ = HTMLText.preview(of: html, limit: 20)
            }
        }
    }

    @Test func `Random pieces of HTML are read`() {
        var random = SeededGenerator(seed: 5)
        let pieces = [
            "<p>", "</p>", "<div>", "</div>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<ul>", "<ol>",
            "<li>", "</li>",
            "</ul>", "</ol>", "<a href=x>", "</a>", "<b hidden>", "</b>", "<b>", "<blockquote>", "</blockquote>",
            "<pre>", "</pre>", "x",
            " ", "&nbsp;", "\n", "<br>", "<hr>", "<dd>", "<p hidden>", "<td hidden>", "<img alt=i>",
        ]
        for _ in 0..<3_000 {
            var html = ""
            for _ in 0..<60 { html += pieces.randomElement(using: &random) ?? "" }
            let all = HTMLText.plainText(from: html, options: .init(showsHidden: true))
            #expect(all.count { $0 == "x" } == html.count { $0 == "x" } - html.components("<a href=x>"))
            #expect(!all.hasSuffix("\n") && !all.hasPrefix("\n"))
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
