/// The type of a setting: how a value is written in the file, and what it becomes.
///
/// Beside the types that come with Posthorn, plugins make their own of a text:
///
/// ```swift
/// extension SettingsType where Value == Colour {
///     static var colour: Self {
///         SettingsType(name: "colour", example: "#ff8800") { text in
///             guard let colour = Colour(hex: text) else { throw SettingsError("'\(text)' is not a colour like #ff8800") }
///             return colour
///         }
///     }
/// }
/// ```
public struct SettingsType<Value: Sendable>: Sendable {
    /// How the type is named to people: `text`, `number from 1 to 65535`, `one of tls, starttls`, `duration`.
    public let name: String
    /// A value as it is written in the file.
    public let example: String

    /// The words among which to choose; empty if the value is free.
    let choices: [String]
    /// Whether values must never be shown.
    let isSecret: Bool
    /// Whether values are numbers or truth values, which are written without quotes.
    let isPlain: Bool
    /// Whether an empty value (`key:` and nothing more) is a value of this type.
    let acceptsEmpty: Bool
    /// The keys below, if the value is (or may be) a group.
    let nested: SettingsSchema?
    /// The value as it would be written; `nil` if there is nothing to show.
    let show: @Sendable (Value) -> String?
    /// Reads a value, or reports mistakes and gives `nil`. Records what it read as effective values.
    let read: @Sendable (SettingsNode, inout SettingsReader) -> Value?

    init(
        name: String,
        example: String,
        choices: [String] = [],
        isSecret: Bool = false,
        isPlain: Bool = false,
        acceptsEmpty: Bool = false,
        nested: SettingsSchema? = nil,
        show: @escaping @Sendable (Value) -> String?,
        read: @escaping @Sendable (SettingsNode, inout SettingsReader) -> Value?
    ) {
        self.name = name
        self.example = example
        self.choices = choices
        self.isSecret = isSecret
        self.isPlain = isPlain
        self.acceptsEmpty = acceptsEmpty
        self.nested = nested
        self.show = show
        self.read = read
    }

    /// A type whose values are written as one text.
    ///
    /// - Parameters:
    ///   - name: How the type is named to people, such as `colour`.
    ///   - example: A value as it is written.
    ///   - describe: The text of a value, which `parse` reads back; used to show defaults and effective values.
    ///   - parse: Makes a value of the text, exactly as it stands in the file: `1.2` and `0123` are not read as
    ///     numbers. Throw ``SettingsError`` with a sentence that says what was expected, what came and what to do.
    public init(
        name: String,
        example: String,
        describe: @escaping @Sendable (Value) -> String = { "\($0)" },
        parse: @escaping @Sendable (String) throws -> Value
    ) {
        self.init(scalar: name, example: example, describe: describe) { text, _, _ in try parse(text) }
    }

    /// A type of one text that also sees where it was written and the machine it is read on.
    init(
        scalar name: String,
        example: String,
        choices: [String] = [],
        isPlain: Bool = false,
        describe: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String, SettingsNode, SettingsMachine) throws -> Value
    ) {
        self.init(
            name: name,
            example: example,
            choices: choices,
            isPlain: isPlain,
            show: describe
        ) { node, reader in
            guard case .scalar(let text, _) = node.content else {
                reader.reportWrongShape(node, expected: name, example: example)
                return nil
            }
            do {
                let value = try parse(text, node, reader.machine)
                reader.record(describe(value), at: node.origin)
                return value
            } catch {
                reader.report(error, at: node.origin, expected: name)
                return nil
            }
        }
    }

    /// The same type as one whose value may be missing.
    var optional: SettingsType<Value?> {
        let base = self
        return SettingsType<Value?>(
            name: name,
            example: example,
            choices: choices,
            isSecret: isSecret,
            isPlain: isPlain,
            acceptsEmpty: acceptsEmpty,
            nested: nested,
            show: { $0.flatMap(base.show) },
            read: { node, reader in base.read(node, &reader).map { .some($0) } }
        )
    }

    /// A type that makes something else of this type's values.
    ///
    /// - Parameters:
    ///   - transform: Makes the new value; throws ``SettingsError`` with a sentence if it cannot.
    ///   - back: The value of this type that stands for a new one; used to show it.
    public func map<Other: Sendable>(
        _ transform: @escaping @Sendable (Value) throws -> Other,
        back: @escaping @Sendable (Other) -> Value
    ) -> SettingsType<Other> {
        let base = self
        return SettingsType<Other>(
            name: name,
            example: example,
            choices: choices,
            isSecret: isSecret,
            isPlain: isPlain,
            acceptsEmpty: acceptsEmpty,
            nested: nested,
            show: { base.show(back($0)) },
            read: { node, reader in
                guard let value = base.read(node, &reader) else { return nil }
                do {
                    return try transform(value)
                } catch {
                    reader.report(error, at: node.origin, expected: base.name)
                    return nil
                }
            }
        )
    }

    /// A type that accepts only some of this type's values.
    ///
    /// - Parameters:
    ///   - name: How the narrower type is named to people.
    ///   - check: Throws ``SettingsError`` with a sentence if a value is not acceptable.
    public func narrowed(
        name: String? = nil,
        _ check: @escaping @Sendable (Value) throws -> Void
    ) -> SettingsType<Value> {
        let narrowed = map(
            { value in
                try check(value)
                return value
            },
            back: { $0 }
        )
        return SettingsType(
            name: name ?? self.name,
            example: example,
            choices: choices,
            isSecret: isSecret,
            isPlain: isPlain,
            acceptsEmpty: acceptsEmpty,
            nested: nested,
            show: show,
            read: narrowed.read
        )
    }
}
