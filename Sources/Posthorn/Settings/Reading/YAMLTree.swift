import Yams

/// Reads a YAML text into nodes with places.
struct YAMLTree {
    static let depthLimit = 32
    static let nodeLimit = 20_000

    private(set) var problems: [SettingsIssue] = []
    /// Whether a mistake makes the rest unreliable, so that it is not worth looking at.
    private var isBroken = false
    private let source: SettingsSource
    private var keys = MarkedKeys()
    private var nodeCount = 0

    private init(source: SettingsSource) {
        self.source = source
    }

    /// Reads a text.
    ///
    /// - Returns: the root (a mapping, or nothing for an empty file), unless it cannot be relied upon; and the mistakes.
    static func read(_ text: String, source: SettingsSource) -> (root: SettingsNode?, problems: [SettingsIssue]) {
        var tree = YAMLTree(source: source)
        let root = tree.readRoot(text)
        return (tree.isBroken ? nil : root, tree.problems)
    }

    private mutating func readRoot(_ text: String) -> SettingsNode? {
        if let problem = YAMLGuard.check(text) {
            report(problem.message, line: problem.line, column: problem.column)
            return nil
        }
        // The parser must outlive the tree: anchors are weak references into it.
        var parser: Parser?
        let root: Node?
        do throws(YamlError) {
            root = try keys.compose(text, keeping: &parser)
        } catch {
            let problem = YAMLProblem(error)
            report(problem.message, line: problem.line, column: problem.column)
            return nil
        }
        return withExtendedLifetime(parser) {
            guard let root else {
                return SettingsNode(content: .empty, origin: origin(1, 1), file: source)
            }
            let node = convert(root, depth: 0)
            switch node.content {
            case .mapping, .empty: return node
            case .scalar, .sequence:
                report("the file has to be keys with values, such as 'client: planung-3'", line: 1, column: 1)
                return nil
            }
        }
    }

    private func origin(_ line: Int, _ column: Int) -> SettingsIssue.Origin {
        SettingsIssue.Origin(file: source.name, line: line, column: column)
    }

    private mutating func report(_ message: String, line: Int, column: Int, breaks: Bool = true) {
        isBroken = isBroken || breaks
        problems.append(SettingsIssue(message, origin: origin(line, column)))
    }

    // MARK: Conversion

    private mutating func convert(_ node: Node, depth: Int) -> SettingsNode {
        let line = node.mark?.line ?? 1
        let column = node.mark?.column ?? 1
        let empty = SettingsNode(content: .empty, origin: origin(line, column), file: source)
        nodeCount += 1
        guard nodeCount <= Self.nodeLimit else {
            if nodeCount == Self.nodeLimit + 1 {
                report(
                    "the file holds more than \(Self.nodeLimit) values; no settings file needs so many",
                    line: line,
                    column: column
                )
            }
            return empty
        }
        guard depth < Self.depthLimit else {
            report("values are nested more than \(Self.depthLimit) levels deep", line: line, column: column)
            return empty
        }
        guard node.anchor == nil else {
            report(
                "a text that begins with '&' has to stand in quotes; anchors and aliases are not supported",
                line: line,
                column: column
            )
            return empty
        }
        var result = empty
        switch node {
        case .scalar(let scalar): result.content = content(of: scalar, line, column)
        case .sequence(let sequence): result.content = .sequence(sequence.map { convert($0, depth: depth + 1) })
        case .mapping(let mapping): result.content = .mapping(pairs(of: mapping, depth: depth))
        case .alias:
            report("aliases are not supported; write the value out", line: line, column: column)
        }
        return result
    }

    private mutating func content(of scalar: Node.Scalar, _ line: Int, _ column: Int) -> SettingsNode.Content {
        let isPlain = scalar.style == .plain
        let tag = scalar.tag.description
        guard tag.isEmpty || tag == Tag.Name.str.rawValue else {
            report(
                "a text that begins with '!' has to stand in quotes; tags are not supported",
                line: line,
                column: column
            )
            return .empty
        }
        if isPlain, tag.isEmpty, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .empty }
        return .scalar(scalar.string, isQuoted: !isPlain)
    }

    private mutating func pairs(of mapping: Node.Mapping, depth: Int) -> [SettingsNode.Pair] {
        var pairs: [SettingsNode.Pair] = []
        var places: [String: Int] = [:]
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            let column = key.mark?.column ?? 1
            guard case .scalar(let scalar) = key, key.anchor == nil else {
                report(
                    "a key has to be a word; put a text that begins with &, * or [ in quotes",
                    line: line,
                    column: column
                )
                continue
            }
            let name = keys.original(at: line, column) ?? scalar.string
            if name == "<<", scalar.style == .plain {
                report("'<<' is not supported; share values with 'extends'", line: line, column: column)
                continue
            }
            if let first = places[name] {
                report(
                    "the key \(SettingsText.shown(key: name)) appears twice, in line \(first) and in line \(line); keep one",
                    line: line,
                    column: column,
                    breaks: false
                )
                continue
            }
            places[name] = line
            let converted = convert(value, depth: depth + 1)
            pairs.append(SettingsNode.Pair(key: name, origin: origin(line, column), value: converted))
        }
        return pairs
    }
}
