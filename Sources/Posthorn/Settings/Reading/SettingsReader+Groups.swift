extension SettingsReader {
    /// Where a group is pointed at: at its key, where a person looks for it.
    func groupOrigin(_ node: SettingsNode) -> SettingsIssue.Origin? { keyOrigin ?? node.origin }

    /// The pairs of a mapping; nothing for an empty value; a reported mistake otherwise.
    mutating func pairs(of node: SettingsNode, expected: String) -> [SettingsNode.Pair]? {
        switch node.content {
        case .mapping(let pairs): return pairs
        case .empty: return []
        case .scalar, .sequence:
            report("expected \(expected), but found \(node.kind)", at: node.origin)
            return nil
        }
    }

    /// Whether a name of one's own choice is a word; reports it otherwise.
    mutating func checkName(_ pair: SettingsNode.Pair) -> Bool {
        guard !SettingsText.isWord(pair.key) else { return true }
        // A name with a group of its own is no value that went astray: it is shown as it is.
        var shown = SettingsText.shown(key: pair.key)
        if case .mapping = pair.value.content { shown = SettingsText.shown(pair.key) }
        report(
            "the name \(shown) is not a word of letters, digits, hyphens and underscores",
            at: pair.origin
        )
        return false
    }

    /// Reads a group by the settings that describe it.
    ///
    /// - Parameter reserved: Keys that may stand in the group, but belong to somebody else.
    mutating func readGroup<Settings: PluginSettings>(
        _ settings: Settings.Type,
        _ node: SettingsNode,
        _ place: SettingsGroupPlace,
        reserved: Set<String> = []
    ) -> Settings? {
        guard let pairs = pairs(of: node, expected: "a group of keys"),
            let values = readValues(settings.schema, pairs, place, reserved: reserved)
        else { return nil }
        do {
            let found = try settings.check(values)
            guard found.isEmpty else {
                add(found)
                return nil
            }
            return try settings.init(values)
        } catch {
            report(error, at: place.origin, expected: "a group of keys")
            return nil
        }
    }

    /// Reads all keys of a group. `nil` if there was any mistake.
    mutating func readValues(
        _ schema: SettingsSchema,
        _ pairs: [SettingsNode.Pair],
        _ place: SettingsGroupPlace,
        reserved: Set<String> = []
    ) -> SettingsValues? {
        let before = issues.count
        let names = schema.entries.map(\.name)
        // A key that is misspelt is not reported as missing, too.
        let meant = reportUnknown(pairs, names: names, reserved: reserved, place)
        var values = SettingsValues(place: place)
        for key in schema.entries {
            guard !reserved.contains(key.name), values.boxes[key.name] == nil else {
                add([
                    SettingsIssue(
                        "the plugin declares the key '\(key.name)' twice, or it is reserved",
                        path: place.path
                    )
                ])
                continue
            }
            let pair = pairs.first { $0.key == key.name }
            if pair == nil, meant.contains(key.name) { continue }
            values.boxes[key.name] = key.read(pair, place, &self)
            values.origins[key.name] = pair?.value.origin
        }
        return issues.count == before ? values : nil
    }

    /// Reports keys that the schema does not have.
    ///
    /// - Returns: the keys that were probably meant.
    private mutating func reportUnknown(
        _ pairs: [SettingsNode.Pair],
        names: [String],
        reserved: Set<String>,
        _ place: SettingsGroupPlace
    ) -> Set<String> {
        let given = Set(pairs.map(\.key))
        let free = names.filter { !given.contains($0) }
        var meant: Set<String> = []
        for pair in pairs where !names.contains(pair.key) && !reserved.contains(pair.key) {
            let suggestion = Suggestion.best(
                for: String(SettingsText.start(ofKey: pair.key)),
                among: free + reserved.sorted()
            )
            if let suggestion { meant.insert(suggestion) }
            let advice =
                suggestion.map { " (did you mean '\($0)'?)" }
                ?? (names.isEmpty ? "; there are no keys here" : "; known: \(names.joined(separator: ", "))")
            report("unknown key \(SettingsText.shown(key: pair.key))\(advice)", at: pair.origin)
        }
        return meant
    }
}
