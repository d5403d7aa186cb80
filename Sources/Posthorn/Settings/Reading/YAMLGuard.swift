/// Looks at a text before the YAML parser does.
///
/// The parser builds its tree by recursion and compares keys by walking through them, so that a hostile text
/// could exhaust the stack or the time. Nothing that people write as settings comes near these limits.
enum YAMLGuard {
    static let brackets = 1_000
    static let indentation = 256
    static let aliases = 8

    /// Refuses a text that could nest too deeply or repeat itself through aliases.
    static func check(_ text: String) -> YAMLProblem? {
        var position = Position()
        var opened = 0
        var aliasCount = 0
        var hasAnchor = false
        var previous: Unicode.Scalar = "\n"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "[", "{":
                opened += 1
                if opened > brackets {
                    return problem("there are more than \(brackets) brackets; no settings file needs so many", position)
                }
            default: break
            }
            if startsToken(after: previous), scalar == "*" { aliasCount += 1 }
            if startsToken(after: previous), scalar == "&" { hasAnchor = true }
            if hasAnchor, aliasCount > aliases {
                return problem("anchors and aliases (& and *) are not supported; write the values out", position)
            }
            position.advance(over: scalar)
            if position.isTooDeep { return problem("the line is indented too deeply", position) }
            previous = scalar
        }
        return nil
    }

    private static func startsToken(after previous: Unicode.Scalar) -> Bool {
        switch previous {
        case " ", "\t", "\n", "\r", "[", "{", ",", "-", "?", ":", "\"", "'", "]", "}": true
        default: false
        }
    }

    private static func problem(_ message: String, _ position: Position) -> YAMLProblem {
        YAMLProblem(message, line: position.line, column: position.column)
    }

    private struct Position {
        var line = 1
        var column = 1
        /// How many characters at the beginning of the line can open block levels.
        private var indicators = 0
        private var isInIndentation = true

        var isTooDeep: Bool { indicators > YAMLGuard.indentation }

        mutating func advance(over scalar: Unicode.Scalar) {
            if scalar == "\n" || scalar == "\r" || scalar == "\u{85}" || scalar == "\u{2028}" || scalar == "\u{2029}" {
                line += 1
                column = 1
                indicators = 0
                isInIndentation = true
                return
            }
            column += 1
            guard isInIndentation else { return }
            switch scalar {
            case " ", "-", "?", ":", "\t": indicators += 1
            default: isInIndentation = false
            }
        }
    }
}
