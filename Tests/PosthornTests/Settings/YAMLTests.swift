import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct YAMLTests {
    @Test(arguments: [
        ("client: a: b", "planung-3.yaml:1:10: a ': ' is not allowed here"),
        ("client: \"abc\nuse: {}", "planung-3.yaml:1:9: the closing quote of this text is missing"),
        ("client: planung-3\n\tuse: {}", "planung-3.yaml:2:1: the line is indented with a tab; YAML wants spaces"),
        (
            "client: planung-3\noutgoing:\n  \tsmtp: {}",
            "planung-3.yaml:3:3: the line is indented with a tab; YAML wants spaces"
        ),
        ("client: [a, b\nuse: 1", "planung-3.yaml:2:4: a ',' or the closing ']' of the list is missing"),
        ("client: {a: b", "planung-3.yaml:2:1: a ',' or the closing '}' of the group is missing"),
        ("client: @abc", "planung-3.yaml:1:9: a value cannot begin with this character"),
        ("client: *abc", "planung-3.yaml:1:9: a text that begins with '*' has to stand in quotes"),
        ("client: &abc", "planung-3.yaml:1:9: a text that begins with '&' has to stand in quotes"),
        ("client: !abc", "planung-3.yaml:1:9: a text that begins with '!' has to stand in quotes"),
        ("client: a\n---\nclient: b", "planung-3.yaml:2:1: the file holds several documents"),
        ("- a\n- b", "planung-3.yaml:1:1: the file has to be keys with values"),
        ("text", "planung-3.yaml:1:1: the file has to be keys with values"),
        ("client: a\u{1}b", "planung-3.yaml:1:10: there is a control character"),
        ("[a]: b", "planung-3.yaml:1:1: a key has to be a word"),
        ("client: a\nbase: &b {x: 1}\nuse: *b", "planung-3.yaml:2:7: a text that begins with '&'"),
        ("client: a\nuse:\n  <<: {}", "planung-3.yaml:3:3: '<<' is not supported"),
        ("client: \"\\q\"", "planung-3.yaml:1:10: a '\\' in double quotes begins an unknown escape"),
    ]) func mistakesOfTheLanguageAreExplainedWithTheirPlace(text: String, expected: String) {
        let messages = complaints { try load(text + "\n") }
        #expect(messages.first?.hasPrefix(expected) == true, "\(messages)")
    }

    @Test func duplicateKeysNameBothLinesAndHideNothingElse() {
        let messages = complaints {
            try load(
                """
                client: planung-3
                outgoing:
                  smtp:
                    host: a.example
                    port: x
                    host: b.example
                    "port": 25
                  smtp: {}
                client: planung-4
                unknown: 1
                """
            )
        }
        #expect(
            messages.map { $0.split(separator: ";")[0] } == [
                "planung-3.yaml:5:11: outgoing.smtp.port: 'x' is not a number from 1 to 65535",
                "planung-3.yaml:6:5: the key 'host' appears twice, in line 4 and in line 6",
                "planung-3.yaml:7:5: the key 'port' appears twice, in line 5 and in line 7",
                "planung-3.yaml:8:3: the key 'smtp' appears twice, in line 3 and in line 8",
                "planung-3.yaml:9:1: the key 'client' appears twice, in line 1 and in line 9",
                "planung-3.yaml:10:1: unknown key 'unknown'",
            ]
        )
    }

    @Test func aBillionLaughsAreRefusedQuickly() {
        var text = "client: planung-3\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
        var previous = "a"
        for name in ["b", "c", "d", "e", "f", "g", "h", "i"] {
            text += "\(name): &\(name) [" + Array(repeating: "*\(previous)", count: 10).joined(separator: ", ") + "]\n"
            previous = name
        }
        #expect(complaints { try load(text) }.first?.contains("anchors and aliases") == true)
        // As keys, which the parser itself compares.
        #expect(complaints { try load(text + "? *i\n: x\n? *h\n: x\n") }.first?.contains("anchors and aliases") == true)
    }

    @Test func depthAndSizeHaveLimits() {
        func nested(_ depth: Int) -> String {
            "client: planung-3\nx: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                + "\n"
        }
        #expect(complaints { try load(nested(20)) }.first?.contains("unknown key 'x'") == true)
        #expect(complaints { try load(nested(40)) }.first?.contains("nested more than 32 levels") == true)
        #expect(complaints { try load(nested(990)) }.first?.contains("nested more than 32 levels") == true)
        #expect(complaints { try load(nested(100_000)) }.first?.contains("more than 1000 brackets") == true)
        #expect(
            complaints { try load("x:\n" + String(repeating: "- ", count: 100) + "a\n") }.first?.contains("32") == true
        )
        #expect(
            complaints { try load(String(repeating: "- ", count: 500_000) + "a\n") }.first?.contains(
                "indented too deeply"
            ) == true
        )
        let many = "client: planung-3\nx:\n" + String(repeating: "- a\n", count: 30_000)
        #expect(complaints { try load(many) }.first?.contains("more than 20000 values") == true)
    }

    @Test func anEmptyFileLacksTheClient() {
        for text in ["", "\n", "# nothing\n", "---\n", "~\n"] {
            #expect(
                complaints { try load(text) } == [
                    "planung-3.yaml:1:1: client: the key is missing; add it, such as 'client: planung-3'"
                ]
            )
        }
    }
}
