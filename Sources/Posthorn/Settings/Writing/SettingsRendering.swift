/// Writes a settings file with all keys and their help.
struct SettingsRendering {
    static let width = 100

    let plugins: PluginRegistry
    /// Whether plugins that the file does not use are listed as comments.
    var showsOtherPlugins = false

    func render(_ root: SettingsTree) -> String {
        var page = Page()
        page.comment(
            "Settings of Posthorn for one client. Written by program: values are kept when it is written again, comments "
                + "are not."
        )
        let keys = RootKeys(plugins).schema.keys
        for key in keys {
            page.gap()
            page.comment(key.help + Self.facts(of: key))
            switch key.name {
            case "outgoing": accounts(root[key.name], .outgoing, &page)
            case "incoming": accounts(root[key.name], .incoming, &page)
            case "functions": functions(root[key.name], key, &page)
            default: entry(key, root[key.name], path: key.name, &page)
            }
        }
        unknown(root, known: keys.map(\.name), &page)
        return page.text
    }

    // MARK: Groups

    /// All keys of a group, given or not.
    private func group(_ schema: SettingsSchema, _ tree: SettingsTree?, path: String, _ page: inout Page) {
        for key in schema.keys {
            page.comment(key.help + Self.facts(of: key))
            entry(key, tree?[key.name], path: "\(path).\(key.name)", &page)
        }
        if let tree { unknown(tree, known: schema.keys.map(\.name) + ["plugin"], &page) }
    }

    /// One key: its value, or what could stand there as a comment.
    private func entry(_ key: SettingsKeyDescription, _ tree: SettingsTree?, path: String, _ page: inout Page) {
        if let nested = key.nested, key.typeName == "group" {
            nestedGroup(key.name, nested, tree, path: path, &page)
            return
        }
        switch tree {
        case .some(let tree): page.value(key.name, tree, isPlain: key.isPlain)
        case .none:
            page.inComment { page in page.line("\(key.name): \(Self.sample(of: key, path: path))") }
        }
    }

    private func nestedGroup(
        _ name: String,
        _ schema: SettingsSchema,
        _ tree: SettingsTree?,
        path: String,
        _ page: inout Page
    ) {
        guard let tree, case .group(let pairs) = tree, !pairs.isEmpty else {
            if case .scalar? = tree { page.value(name, tree ?? .empty) }
            if case .list? = tree { page.value(name, tree ?? .empty) }
            page.inComment { page in
                page.line("\(name):")
                page.indented { group(schema, nil, path: path, &$0) }
            }
            return
        }
        page.line("\(name):")
        page.indented { group(schema, tree, path: path, &$0) }
    }

    /// Keys that no schema knows, kept as they are: the reader complains, and a person decides.
    private func unknown(_ tree: SettingsTree, known: [String], _ page: inout Page) {
        guard case .group(let pairs) = tree else { return }
        for pair in pairs where !known.contains(pair.key) { page.value(pair.key, pair.value) }
    }

    // MARK: Accounts and functions

    private func accounts(_ tree: SettingsTree?, _ direction: MailDirection, _ page: inout Page) {
        let key = direction.rawValue
        var given: [SettingsTree.Pair] = []
        switch tree {
        case .group(let pairs)?: given = pairs
        case .scalar?, .list?: page.value(key, tree ?? .empty)
        case .empty?, nil: break
        }
        let linked = PluginDirectory(plugins: plugins, direction: direction).identifiers
        let used = given.map { Self.identifier(of: $0) }
        let others = showsOtherPlugins ? linked.filter { !used.contains($0) } : []
        if given.isEmpty {
            if others.isEmpty { page.inComment { $0.line("\(key): {}") } }
            guard !others.isEmpty else { return }
        }
        let isCommented = given.isEmpty
        page.inComment(isCommented) { page in
            page.line("\(key):")
            page.indented { page in
                for pair in given { account(pair, direction, &page) }
                for identifier in others { otherPlugin(identifier, direction, &page) }
            }
        }
    }

    private static func identifier(of pair: SettingsTree.Pair) -> String {
        if case .scalar(let text, _)? = pair.value["plugin"] { return text }
        return pair.key
    }

    private func account(_ pair: SettingsTree.Pair, _ direction: MailDirection, _ page: inout Page) {
        let identifier = Self.identifier(of: pair)
        guard let schema = AccountSchemas.schema(of: identifier, direction, plugins) else {
            page.value(pair.key, pair.value)
            return
        }
        switch pair.value {
        case .scalar, .list: page.value(pair.key, pair.value)
        case .group, .empty:
            if let summary = plugins[identifier]?.summary { page.comment(summary) }
            page.line("\(YAMLText.scalar(pair.key)):")
            page.indented { page in
                if let plugin = pair.value["plugin"] { page.value("plugin", plugin) }
                group(schema, pair.value, path: "\(direction.rawValue).\(pair.key)", &page)
            }
        }
    }

    private func otherPlugin(_ identifier: String, _ direction: MailDirection, _ page: inout Page) {
        guard let schema = AccountSchemas.schema(of: identifier, direction, plugins) else { return }
        if let summary = plugins[identifier]?.summary { page.comment(summary) }
        page.inComment { page in
            page.line("\(identifier):")
            page.indented { group(schema, nil, path: "\(direction.rawValue).\(identifier)", &$0) }
        }
    }

    private func functions(_ tree: SettingsTree?, _ key: SettingsKeyDescription, _ page: inout Page) {
        guard let nested = key.nested, case .group(let pairs)? = tree, !pairs.isEmpty else {
            switch tree {
            case .scalar?, .list?: page.value(key.name, tree ?? .empty)
            default: page.inComment { $0.line("\(key.name): \(key.example)") }
            }
            return
        }
        page.line("\(key.name):")
        page.indented { page in
            for pair in pairs {
                nestedGroup(YAMLText.scalar(pair.key), nested, pair.value, path: "functions.\(pair.key)", &page)
            }
        }
    }

    // MARK: Words

    /// What the help does not say: the choices, the default, whether the key must be given.
    static func facts(of key: SettingsKeyDescription) -> String {
        var facts: [String] = []
        if key.nested == nil || key.typeName != "group" {
            if !key.choices.isEmpty { facts.append("One of \(key.choices.joined(separator: ", ")).") }
            if key.isRequired { facts.append("Required.") }
            if let text = key.defaultText, !text.isEmpty, text != "[]", text != "{}" {
                facts.append("Default: \(text).")
            }
        }
        return facts.isEmpty ? "" : " " + facts.joined(separator: " ")
    }

    private static func sample(of key: SettingsKeyDescription, path: String) -> String {
        if key.isSecret { return "{ env: \(SecretSample.variable(for: path)) }" }
        guard let text = key.defaultText, !text.isEmpty, text != "[]", text != "{}" else { return key.example }
        return text.hasPrefix("[") || text.hasPrefix("{") ? text : YAMLText.scalar(text, isPlain: key.isPlain)
    }
}
