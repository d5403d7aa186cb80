/// What is known about a key before any file is read: enough for a settings dialog or a reference page.
public struct SettingsKeyDescription: Sendable {
    /// The word in the file.
    public let name: String
    /// How the type is named to people: `text`, `number from 1 to 65535`, `one of tls, starttls`, `duration`.
    public let typeName: String
    /// The words among which to choose; empty if the value is free.
    public let choices: [String]
    /// The default as it would be written; `nil` if there is none.
    public let defaultText: String?
    /// Whether the key must be given.
    public let isRequired: Bool
    /// Whether the value must never be shown.
    public let isSecret: Bool
    /// What it is for, one or two sentences.
    public let help: String
    /// A value as it is written in the file.
    public let example: String
    /// The keys below this one, if it is a group, or may be written as one.
    public let nested: SettingsSchema?
    /// Whether the value is a number or a truth value, written without quotes.
    let isPlain: Bool
}
