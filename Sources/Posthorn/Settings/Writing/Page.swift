extension SettingsRendering {
    /// The lines of a file that is being written.
    struct Page {
        private var lines: [String] = []
        private var depth = 0
        /// Where the comment sign stands, if everything is a comment.
        private var commentDepth: Int?

        var text: String { lines.joined(separator: "\n") + "\n" }

        mutating func indented(_ body: (inout Page) -> Void) {
            depth += 1
            body(&self)
            depth -= 1
        }

        /// Makes a comment of everything that `body` writes.
        mutating func inComment(_ condition: Bool = true, _ body: (inout Page) -> Void) {
            let before = commentDepth
            if condition { commentDepth = before ?? depth }
            body(&self)
            commentDepth = before
        }

        mutating func gap() {
            lines.append("")
        }

        mutating func line(_ text: String) {
            let margin = String(repeating: " ", count: depth * 2)
            if let commentDepth {
                let outer = String(repeating: " ", count: commentDepth * 2)
                let inner = String(repeating: " ", count: (depth - commentDepth) * 2)
                lines.append("\(outer)# \(inner)\(text)")
            } else {
                lines.append(margin + text)
            }
        }

        /// A comment, wrapped.
        mutating func comment(_ text: String) {
            let room = max(30, SettingsRendering.width - depth * 2 - (commentDepth == nil ? 2 : 4))
            var current = ""
            for word in text.split(whereSeparator: \.isWhitespace) {
                if !current.isEmpty, current.count + 1 + word.count > room {
                    line("# \(current)")
                    current = ""
                }
                current += current.isEmpty ? "\(word)" : " \(word)"
            }
            if !current.isEmpty { line("# \(current)") }
        }

        /// A key and its value: in one line if there is room, otherwise in several.
        mutating func value(_ key: String, _ tree: SettingsTree, isPlain: Bool = false) {
            let start = "\(YAMLText.scalar(key)):"
            let whole = "\(start) \(YAMLText.flow(tree, isPlain: isPlain))"
            switch tree {
            case .list(let items) where depth * 2 + whole.count > SettingsRendering.width && !items.isEmpty:
                line(start)
                indented { page in
                    for item in items { page.line("- \(YAMLText.flow(item, isPlain: isPlain))") }
                }
            case .group(let pairs) where depth * 2 + whole.count > SettingsRendering.width && !pairs.isEmpty:
                line(start)
                indented { page in
                    for pair in pairs { page.value(pair.key, pair.value) }
                }
            default: line(whole)
            }
        }
    }
}
