/// The keys of a group of settings, in order.
public struct SettingsSchema: Sendable {
    let entries: [AnySettingsKey]

    /// Creates a schema of its keys.
    public init<each Value: Sendable>(_ keys: repeat SettingsKey<each Value>) {
        var entries: [AnySettingsKey] = []
        repeat entries.append(AnySettingsKey(each keys))
        self.entries = entries
    }

    init(entries: [AnySettingsKey]) {
        self.entries = entries
    }

    /// The keys of both, in order: for groups that share keys with others.
    public static func + (first: SettingsSchema, second: SettingsSchema) -> SettingsSchema {
        SettingsSchema(entries: first.entries + second.entries)
    }

    /// The keys as values, for dialogs and reference pages.
    public var keys: [SettingsKeyDescription] { entries.map(\.description) }

    /// The description of one key.
    public subscript(name: String) -> SettingsKeyDescription? {
        entries.first { $0.name == name }?.description
    }
}

/// A key without its type: what a schema keeps.
struct AnySettingsKey: Sendable {
    let name: String
    let description: SettingsKeyDescription
    /// Reads the key; `nil` if a mistake was reported. The result is a ``SettingsBox``.
    let read: @Sendable (SettingsNode.Pair?, SettingsGroupPlace, inout SettingsReader) -> (any Sendable)?

    init<Value: Sendable>(_ key: SettingsKey<Value>) {
        name = key.name
        description = key.description
        read = { pair, place, reader in
            reader.read(key, pair, in: place).map { SettingsBox(value: $0) }
        }
    }
}

/// Carries a value through an existential. A box, because an optional that is put into an existential
/// cannot be told from its content any more.
struct SettingsBox<Value: Sendable>: Sendable {
    let value: Value
}

/// Where a group of settings was written.
struct SettingsGroupPlace: Sendable {
    /// The dotted path; empty for the whole file.
    var path: String
    /// Where to point at when something is missing.
    var origin: SettingsIssue.Origin?
    /// The file, which relative paths refer to.
    var file: SettingsSource
}
