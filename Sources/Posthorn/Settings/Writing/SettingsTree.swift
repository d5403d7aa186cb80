/// Values to be written, without places.
indirect enum SettingsTree: Sendable {
    struct Pair: Sendable {
        var key: String
        var value: SettingsTree
    }

    case scalar(String, isQuoted: Bool)
    case list([SettingsTree])
    case group([Pair])
    case empty

    /// What was read from a file.
    init(_ node: SettingsNode) {
        switch node.content {
        case .scalar(let text, let isQuoted): self = .scalar(text, isQuoted: isQuoted)
        case .sequence(let items): self = .list(items.map { SettingsTree($0) })
        case .mapping(let pairs): self = .group(pairs.map { Pair(key: $0.key, value: SettingsTree($0.value)) })
        case .empty: self = .empty
        }
    }

    /// A key's example, which is written like a value in a file.
    init(example: String) {
        let source = SettingsSource(name: "example", directory: "", privacy: .closed)
        let (root, problems) = YAMLTree.read("value: \(example)", source: source)
        if problems.isEmpty, let node = root?["value"] {
            self.init(node)
        } else {
            self = .scalar(example, isQuoted: false)
        }
    }

    /// A reference to a secret.
    init(_ secret: SecretSource, at path: String) throws(SettingsError) {
        switch secret.value {
        case .literal(let secret):
            self = .scalar(secret.withBytes { String(decoding: $0, as: UTF8.self) }, isQuoted: true)
        case .environment(let name): self = .group([Pair(key: "env", value: .scalar(name, isQuoted: false))])
        case .file(_, let shown): self = .group([Pair(key: "file", value: .scalar(shown, isQuoted: false))])
        case .command(let words):
            self = .group([Pair(key: "command", value: .list(words.map { .scalar($0, isQuoted: false) }))])
        case .provider:
            throw SettingsError(
                "\(PeerText.shown(path)): a secret that the program provides cannot be written into a file; "
                    + "use an environment variable, a file or a command"
            )
        }
    }

    /// The value of a key, if this is a group.
    subscript(key: String) -> SettingsTree? {
        guard case .group(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    func value(at steps: [String]) -> SettingsTree? {
        guard let first = steps.first else { return self }
        return self[first]?.value(at: Array(steps.dropFirst()))
    }

    /// Puts a value at a path; groups on the way are made, and other values on the way give way to them.
    mutating func set(_ value: SettingsTree, at steps: [String]) {
        guard let first = steps.first else {
            self = value
            return
        }
        var pairs: [Pair] = []
        if case .group(let present) = self { pairs = present }
        let rest = Array(steps.dropFirst())
        if let index = pairs.firstIndex(where: { $0.key == first }) {
            pairs[index].value.set(value, at: rest)
        } else {
            var child = SettingsTree.empty
            child.set(value, at: rest)
            pairs.append(Pair(key: first, value: child))
        }
        self = .group(pairs)
    }

    mutating func remove(at steps: [String]) {
        guard let first = steps.first, case .group(var pairs) = self,
            let index = pairs.firstIndex(where: { $0.key == first })
        else { return }
        if steps.count == 1 {
            pairs.remove(at: index)
        } else {
            pairs[index].value.remove(at: Array(steps.dropFirst()))
        }
        self = .group(pairs)
    }
}

extension SettingsTree: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of the value, never the value: it may be a password.
    var description: String {
        switch self {
        case .scalar: "<value>"
        case .list(let items): "<list of \(items.count)>"
        case .group(let pairs): "<group of \(pairs.count)>"
        case .empty: "<nothing>"
        }
    }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
