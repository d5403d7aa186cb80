extension SettingsType {
    /// Several values; a single one may stand without brackets.
    ///
    /// - Parameters:
    ///   - element: The type of each value.
    ///   - allowsEmpty: Whether `[]` is accepted.
    public static func list<Element: Sendable>(
        of element: SettingsType<Element>,
        allowsEmpty: Bool = true
    ) -> SettingsType<[Element]> where Value == [Element] {
        SettingsType<[Element]>(
            name: "list: \(element.name)",
            example: "[\(element.example)]",
            choices: element.choices,
            isSecret: element.isSecret,
            nested: element.nested,
            show: { list in "[" + list.map { element.show($0) ?? "" }.joined(separator: ", ") + "]" },
            read: { node, reader in
                guard case .sequence(let items) = node.content else {
                    return element.read(node, &reader).map { [$0] }
                }
                if items.isEmpty, !allowsEmpty {
                    reader.report("the list is empty; name at least one, or leave the key out", at: node.origin)
                    return nil
                }
                let values = reader.withoutRecording { reader in
                    items.map { element.read($0, &reader) }
                }
                let read = values.compactMap { $0 }
                guard read.count == items.count else { return nil }
                reader.record("[" + read.map { element.show($0) ?? "" }.joined(separator: ", ") + "]", at: node.origin)
                return read
            }
        )
    }

    /// Names of one's own choice, each with a value: `name: value`.
    ///
    /// Names are words of letters, digits, hyphens and underscores.
    public static func mapping<Element: Sendable>(
        of element: SettingsType<Element>
    ) -> SettingsType<[String: Element]> where Value == [String: Element] {
        SettingsType<[String: Element]>(
            name: "names, each with \(element.name)",
            example: "{ name: \(element.example) }",
            isSecret: element.isSecret,
            acceptsEmpty: true,
            nested: element.nested,
            show: { $0.isEmpty ? "{}" : nil },
            read: { node, reader in
                guard let pairs = reader.pairs(of: node, expected: "names, each with \(element.name)") else {
                    return nil
                }
                var values: [String: Element] = [:]
                for pair in pairs where reader.checkName(pair) {
                    if let value = reader.readNamed(pair, element) { values[pair.key] = value }
                }
                return values
            }
        )
    }

    /// A value with two forms: a plain one (text or list), and a group of keys.
    public static func either(_ plain: SettingsType<Value>, orGroup group: SettingsType<Value>) -> SettingsType<Value> {
        SettingsType(
            name: "\(plain.name), or \(group.name)",
            example: plain.example,
            choices: plain.choices,
            isSecret: plain.isSecret || group.isSecret,
            acceptsEmpty: plain.acceptsEmpty,
            nested: group.nested,
            show: { plain.show($0) ?? group.show($0) },
            read: { node, reader in
                if case .mapping = node.content { return group.read(node, &reader) }
                return plain.read(node, &reader)
            }
        )
    }

    /// A word with a meaning of its own, or else a value of another type: `system`, or the path of a file.
    public static func word(_ word: String, as meaning: Value, or other: SettingsType<Value>) -> SettingsType<Value>
    where Value: Equatable {
        SettingsType(
            name: "\(word), or \(other.name)",
            example: word,
            choices: other.choices.isEmpty ? [] : [word] + other.choices,
            isSecret: other.isSecret,
            acceptsEmpty: other.acceptsEmpty,
            nested: other.nested,
            show: { $0 == meaning ? word : other.show($0) },
            read: { node, reader in
                guard node.text == word else { return other.read(node, &reader) }
                reader.record(word, at: node.origin)
                return meaning
            }
        )
    }
}

extension SettingsType where Value: PluginSettings {
    /// A group of keys below this one.
    public static func group(_ settings: Value.Type) -> Self {
        SettingsType(
            name: "group",
            example: "{}",
            acceptsEmpty: true,
            nested: settings.schema,
            show: { _ in nil },
            read: { node, reader in
                let place = SettingsGroupPlace(path: reader.path, origin: reader.groupOrigin(node), file: node.file)
                return reader.readGroup(settings, node, place)
            }
        )
    }
}
