/// One key of a group of settings: declared once, used for reading, error texts, samples, reference and dialogs.
public struct SettingsKey<Value: Sendable>: Sendable {
    /// The word in the file: lower-case words joined by hyphens.
    public let name: String
    /// What it is for, one or two sentences.
    public let help: String
    /// Whether the value must never be shown. True for every key of the type ``SettingsType/secret``.
    public let isSecret: Bool

    let type: SettingsType<Value>
    let absence: Absence
    let example: String

    /// What stands for a key that the file does not give.
    enum Absence: Sendable {
        /// Nothing: the absence is a mistake.
        case mistake
        /// This value.
        case value(Value)
        /// What the group's own keys say: read as if `{}` had been written.
        case emptyGroup
    }

    private init(
        _ name: String,
        _ type: SettingsType<Value>,
        _ absence: Absence,
        _ help: String,
        _ example: String?,
        _ isSecret: Bool
    ) {
        self.name = name
        self.type = type
        self.absence = absence
        self.help = help
        self.example = example ?? type.example
        self.isSecret = isSecret || type.isSecret
    }

    /// A key that must be given.
    ///
    /// - Parameters:
    ///   - name: The word in the file.
    ///   - type: How the value is written.
    ///   - help: One or two sentences for the written file, the reference page and dialogs.
    ///   - example: A value as it is written in the file; the type's own example if omitted.
    ///   - isSecret: Whether the value must never be shown, whatever its type.
    public init(
        _ name: String,
        _ type: SettingsType<Value>,
        help: String,
        example: String? = nil,
        isSecret: Bool = false
    ) {
        self.init(name, type, .mistake, help, example, isSecret)
    }

    /// A key with a default.
    public init(
        _ name: String,
        _ type: SettingsType<Value>,
        default: Value,
        help: String,
        example: String? = nil,
        isSecret: Bool = false
    ) {
        self.init(name, type, .value(`default`), help, example, isSecret)
    }

    /// A key that may be left out; its value is `nil` then.
    public init<Wrapped: Sendable>(
        optional name: String,
        _ type: SettingsType<Wrapped>,
        help: String,
        example: String? = nil,
        isSecret: Bool = false
    ) where Value == Wrapped? {
        self.init(name, type.optional, .value(nil), help, example, isSecret)
    }

    /// A group of keys that is always there: left out, each of its keys has its own default.
    public init(_ name: String, group: Value.Type, help: String) where Value: PluginSettings {
        self.init(name, .group(group), .emptyGroup, help, nil, false)
    }

    /// The key as values, for dialogs and reference pages.
    public var description: SettingsKeyDescription {
        var defaultText: String?
        if case .value(let value) = absence { defaultText = type.show(value) }
        var isRequired = false
        if case .mistake = absence { isRequired = true }
        return SettingsKeyDescription(
            name: name,
            typeName: type.name,
            choices: type.choices,
            defaultText: isSecret && defaultText != nil ? "<secret>" : defaultText,
            isRequired: isRequired,
            isSecret: isSecret,
            help: help,
            example: example,
            nested: type.nested,
            isPlain: type.isPlain
        )
    }
}
