import Yams

/// Turns the parser's complaints into plain words with a place.
struct YAMLProblem {
    var message: String
    var line: Int
    var column: Int

    init(_ message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    init(_ error: YamlError) {
        switch error {
        case .scanner(_, _, let mark, let yaml) where Self.isIndentedWithTab(yaml, mark):
            self.init("the line is indented with a tab; YAML wants spaces", line: mark.line, column: mark.column)
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let place = Self.place(mark, context: context, problem)
            self.init(Self.words(problem, context: context?.text), line: place.line, column: place.column)
        case .composer(_, let problem, let mark, _):
            self.init(Self.words(problem, context: nil), line: mark.line, column: mark.column)
        case .reader(_, let offset, _, let yaml):
            let place = Self.position(ofCharacter: offset ?? 0, in: yaml)
            self.init(
                "there is a control character that a settings file must not hold; remove it",
                line: place.line,
                column: place.column
            )
        case .duplicatedKeysInMapping(_, let context):
            self.init(
                "a key appears twice in the same group; keep one",
                line: context.mark.line,
                column: context.mark.column
            )
        case .memory:
            self.init("there is not enough memory to read the file", line: 1, column: 1)
        default:
            self.init("the file is not valid YAML", line: 1, column: 1)
        }
    }

    /// Whether the offending character is a tab with nothing but white space before it in its line.
    private static func isIndentedWithTab(_ yaml: String, _ mark: Mark) -> Bool {
        let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard mark.line >= 1, mark.line <= lines.count, mark.column >= 1 else { return false }
        let start = lines[mark.line - 1].unicodeScalars.prefix(mark.column)
        return start.count == mark.column && start.last == "\t" && start.allSatisfy { $0 == " " || $0 == "\t" }
    }

    /// An open quote or bracket is pointed at where it begins, not where the file ends.
    private static func place(_ mark: Mark, context: YamlError.Context?, _ problem: String) -> Mark {
        guard let context, problem.contains("unexpected end of stream") || problem.contains("document indicator") else {
            return mark
        }
        return context.mark
    }

    private static func words(_ problem: String, context: String?) -> String {
        for (part, words) in phrases where problem.contains(part) { return words }
        // The parser's texts are constants, but who knows what they quote one day.
        return "the file is not valid YAML: \(PeerText.shown(problem, limit: 120))"
    }

    private static let phrases: [(String, String)] = [
        (
            "mapping values are not allowed",
            "a ': ' is not allowed here; put a text that holds ': ' in quotes, and check the indentation"
        ),
        (
            "found character that cannot start any token",
            "a value cannot begin with this character; indent with spaces, not tabs, and put a text that begins with "
                + "@, `, % or a tab in quotes"
        ),
        (
            "found a tab character",
            "there is a tab where YAML allows only spaces; indent with spaces"
        ),
        ("could not find expected ':'", "a ':' is missing after the key in this line or the line before"),
        ("did not find expected key", "a key was expected here; check the indentation of this line and the one before"),
        (
            "did not find expected '-' indicator",
            "an entry of the list was expected here, beginning with '- '; check the indentation"
        ),
        ("block sequence entries are not allowed", "a '- ' is not allowed here; put the list on lines of its own"),
        ("did not find expected ',' or ']'", "a ',' or the closing ']' of the list is missing"),
        ("did not find expected ',' or '}'", "a ',' or the closing '}' of the group is missing"),
        ("unexpected end of stream", "the closing quote of this text is missing"),
        ("unexpected document indicator", "the closing quote of this text is missing"),
        (
            "found unknown escape character",
            "a '\\' in double quotes begins an unknown escape; use single quotes instead"
        ),
        ("found undefined alias", "a text that begins with '*' has to stand in quotes; aliases are not supported"),
        ("did not find expected alphabetic", "a text that begins with '&' or '*' has to stand in quotes"),
        ("undefined tag handle", "a text that begins with '!' has to stand in quotes; tags are not supported"),
        ("but found another document", "the file holds several documents ('---'); keep one"),
    ]

    private static func position(ofCharacter offset: Int, in text: String) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for character in text.prefix(max(0, offset)) {
            if character.isNewline {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}
