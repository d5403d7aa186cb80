/// One key of a plugin's settings: declared once, used for everything.
public struct SettingsKey<Value: Sendable>: Sendable {
    /// The word in the file: lower-case words joined by hyphens.
    public let name: String
    let type: SettingsType<Value>
    let defaultValue: Value?
    /// What it is for, one or two sentences.
    public let help: String

    /// A key that must be given.
    public init(_ name: String, _ type: SettingsType<Value>, help: String, example: String? = nil) {
        self.name = name
        self.type = type
        self.defaultValue = nil
        self.help = help
    }

    /// A key with a default.
    public init(_ name: String, _ type: SettingsType<Value>, default: Value, help: String, example: String? = nil) {
        self.name = name
        self.type = type
        self.defaultValue = `default`
        self.help = help
    }
}
