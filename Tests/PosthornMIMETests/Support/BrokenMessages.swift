/// Messages as they should not be, and a few that are as they should.
enum BrokenMessages {
    static let texts: [String: String] = [
        "empty": "",
        "line end alone": "\n",
        "plain": "From: a@example.org\nSubject: x\n\nText\n",
        "no body": "From: a@example.org\nSubject: x\n",
        "no body, no line end": "From: a@example.org\nSubject: x",
        "no header": "Hello there\nThis is all.\n",
        "no header, empty line first": "\nText: not a field\n",
        "missing separator": "Subject: x\nThis is the text.\n\nMore\n",
        "mbox": "From a@example.org Mon Nov 23 10:00:00 2026\nSubject: x\n\nText\n",
        "stray continuation": " folded\nSubject: x\n\nText\n",
        "folded": "Subject: a\n b\n\tc\nTo: d@example.org\n\nText\n",
        "space before the colon": "Subject : x\n\nText\n",
        "two parts": """
        Content-Type: multipart/mixed; boundary="b"

        Preamble
        --b
        Content-Type: text/plain

        One
        --b

        Two

        --b--
        Epilogue

        """,
        "no last boundary": "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nOne\n--b\n\nTwo\n",
        "boundary never comes": "Content-Type: multipart/mixed; boundary=b\n\nText --b\n -- b\n--c\n",
        "no boundary": "Content-Type: multipart/mixed\n\n--b\n\nText\n--b--\n",
        "empty parts": "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b\n\n\n--b--\n",
        "padding": "Content-Type: multipart/mixed; boundary=b\n\n--b \t \n\nOne\n--b--\t\t\n",
        "hyphens":
            "Content-Type: multipart/mixed; boundary=\"--b--\"\n\n----b--\n\n------\n-- b\n--\n-\n----b----\n--\n",
        "one boundary begins another": """
        Content-Type: multipart/mixed; boundary=ab

        --ab
        Content-Type: multipart/mixed; boundary=a

        --a

        inner
        --ab

        outer
        --ab--

        """,
        "inner one is never closed": """
        Content-Type: multipart/mixed; boundary=out

        --out
        Content-Type: multipart/alternative; boundary=in

        --in

        One
        --out

        Two
        --out--

        """,
        "message in a part": """
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Type: multipart/mixed; boundary=c

        --c

        leaf
        --c--
        --b--

        """,
        "digest": """
        Content-Type: multipart/digest; boundary=b

        --b

        Subject: first

        One
        --b
        Content-Type: text/plain

        no message
        --b--

        """,
        "encoded multipart": """
        Content-Type: multipart/mixed; boundary=b
        Content-Transfer-Encoding: base64

        LS1iCgo=

        """,
        "boundary in the header": "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\n--b\n\ntext\n--b--\n",
        "after the last one": "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nOne\n--b--\n--b\n\nTwo\n--b--\n",
        "no type": "Content-Type: text; charset=utf-8\n\nText\n",
        "NUL": "Subject: a\0b\n\nText\0\n",
        "many hyphens": "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + String(repeating: "-", count: 200)
            + "\n--b--" + String(repeating: "-", count: 100) + "\n--b--",
    ]

    /// All of them, with each kind of line end.
    static var all: [(name: String, octets: [UInt8])] {
        texts.sorted { $0.key < $1.key }.flatMap { name, text in
            [("CRLF", "\r\n"), ("LF", "\n"), ("CR", "\r")].map { kind, lineEnd in
                (
                    "\(name), \(kind)",
                    Array(
                        text.split(separator: "\n", omittingEmptySubsequences: false)
                            .joined(separator: lineEnd).utf8
                    )
                )
            }
        }
    }
}
